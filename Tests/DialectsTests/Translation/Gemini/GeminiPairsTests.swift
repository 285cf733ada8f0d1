import Foundation
import Streaming
import Testing

@testable import Dialects

/// Recorded answers of the other dialects' providers as a Gemini client gets them.
@Suite struct GeminiPairsTests {
    private static var others: [CorpusRecord] {
        CorpusRecord.all.filter { $0.dialect != .gemini && $0.status == 200 }
    }

    @Test(.enabled(if: !CorpusRecord.all.isEmpty), arguments: others)
    func answersOfOthers(_ recorded: CorpusRecord) throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: recorded.path)))
        var plan = AnswerPlan()
        plan.model = "asked"
        plan.idStem = "stem"
        let parsed =
            recorded.isStream
            ? try ParsedAnswer(stream: bytes, recorded.dialect, plan: plan) : ParsedAnswer(document: bytes, recorded.dialect, plan: plan)
        for isStreaming in [true, false] {
            plan.isStreaming = isStreaming
            let written = Self.translated(bytes, recorded, plan)
            guard parsed.answer.isComplete else {
                #expect(!written.contains("finishReason"))
                continue
            }
            let check = GeminiStreamCheck(isStreaming ? written : "data: \(written)\r\n\r\n")
            #expect(check.faults.filter { $0 != "no usage" || parsed.answer.usage != nil } == [], "\(recorded.id)")
            let steps = parsed.steps.components(separatedBy: "\n")
            #expect(check.calls.count == steps.filter { $0.hasPrefix("call ") && !$0.hasPrefix("call ended") }.count, "\(recorded.id)")
            // What a signature's value is survives as it is, or marked.
            #expect(check.signatures.count == steps.filter { $0.hasPrefix("signature ") }.count, "\(recorded.id)")
            if let usage = parsed.answer.usage { #expect(check.usage["totalTokenCount"] == usage.total) }
        }
    }

    private static func translated(_ bytes: [UInt8], _ recorded: CorpusRecord, _ plan: AnswerPlan) -> String {
        bytes.withUnsafeBytes { bytes in
            let reader = JSONReader()
            if recorded.isStream {
                let whole = WholeTranslation(events: bytes, from: recorded.dialect, to: .gemini, plan: plan, reader: reader)
                return String(decoding: whole.body, as: UTF8.self)
            }
            let whole = WholeTranslation(bytes, from: recorded.dialect, to: .gemini, plan: plan, reader: reader)
            return String(decoding: whole.body, as: UTF8.self)
        }
    }

    /// Gemini clients' recorded requests, and what they keep for the providers of other dialects.
    @Test(.enabled(if: !CorpusRecord.of(.gemini).isEmpty), arguments: CorpusRecord.of(.gemini), [Dialect.chat, .responses, .messages])
    func requestsToOthers(_ record: CorpusRecord, _ dialect: Dialect) throws {
        guard let body = try record.request(), !body.contains("invalid_role") else { return }
        let models: [Dialect: String] = [.chat: "gpt-4.1", .responses: "gpt-5.1", .messages: "claude-sonnet-4-5"]
        let target = TranslationTarget(dialect: dialect, model: try #require(models[dialect]), profile: dialect == .messages ? .anthropic : .openAI)
        let translated = try TranslatedRequest(body, from: .gemini, to: target)
        try Conversation.gemini(body) { conversation in
            for part in conversation.turns.flatMap(\.parts) {
                guard case .text(let text) = part.content, !text.isBlank else { continue }
                let strings = Self.strings(translated.body)
                #expect(strings.contains { $0.contains(text.string) }, "\(record.id)")
            }
            for tool in conversation.tools {
                guard case .function = tool.kind else { continue }
                #expect(Self.strings(translated.body).contains(tool.name.string))
            }
        }
    }

    private static func strings(_ value: Any) -> [String] {
        if let text = value as? String { return [text] }
        if let list = value as? [Any] { return list.flatMap(strings) }
        return (value as? [String: Any])?.values.flatMap(strings) ?? []
    }
}
