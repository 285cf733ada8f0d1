import Foundation
import Streaming
import Testing

@testable import Dialects

/// Recorded traffic of the other dialects, put in chat's words: requests that a strict provider would take, answers that a strict client would.
@Suite struct ChatFromOthersTests {
    private static let others = CorpusRecord.all.filter { $0.dialect != .chat }
    private static let requests = others.filter { $0.requestPath != nil }
    private static let answers = others.filter { $0.status == 200 }

    // MARK: Requests

    @Test(.enabled(if: !requests.isEmpty), arguments: requests)
    func aRequestThatAStrictProviderTakes(_ recorded: CorpusRecord) throws {
        guard let body = try recorded.requestBody() else { return }
        let json = String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
        for profile in ProviderProfile.allCases {
            let request: TranslatedRequest
            do {
                request = try TranslatedRequest(json, from: recorded.dialect, to: TranslationTarget(dialect: .chat, model: "m", profile: profile))
            } catch is RequestProblem {
                // Refused by the client's own dialect, or not to be had in a chat: documents, files that are kept elsewhere, state of a provider.
                continue
            }
            let faults = chatRequestFaults(request.body, profile)
            #expect(faults.isEmpty, "\(recorded.id) \(profile): \(faults)")
        }
    }

    // MARK: Answers

    @Test(.enabled(if: !answers.isEmpty), arguments: answers)
    func anAnswerThatAStrictClientTakes(_ recorded: CorpusRecord) throws {
        let bytes = try recorded.bytes()
        let original = recorded.isStream ? try ParsedAnswer(stream: bytes, recorded.dialect) : ParsedAnswer(document: bytes, recorded.dialect)
        guard original.answer.isComplete, original.answer.failure == nil else { return }
        var plan = AnswerPlan()
        plan.model = "asked"
        plan.idStem = "abc"
        plan.includesUsage = true
        for isStreaming in [true, false] {
            plan.isStreaming = isStreaming
            let text = try written(bytes, recorded, plan)
            if isStreaming { _ = try ReadChatStream(text) } else { try check(document: text) }
            let again = isStreaming ? try ParsedAnswer(stream: Array(text.utf8), .chat) : ParsedAnswer(document: Array(text.utf8), .chat)
            #expect(again.answer.isComplete)
            #expect(joined("text ", again.steps) == joined("text ", original.steps), "\(recorded.id)")
            #expect(names(again.steps) == names(original.steps))
            #expect(joined("signature messages", again.steps) == joined("signature messages", original.steps))
            if let usage = original.answer.usage { #expect(again.answer.usage?.total == usage.total) }
        }
    }

    private func check(document: String) throws {
        let root = try parsed(Array(document.utf8))
        #expect(root.text("object") == "chat.completion")
        #expect(root.text("choices.0.finish_reason") != nil)
        #expect(root.text("choices.0.message.role") == "assistant")
        for call in root.at("choices.0.message.tool_calls") as? [[String: Any]] ?? [] {
            #expect(call.text("id")?.isEmpty == false)
            #expect(call.text("function.arguments") != nil)
        }
    }

    private func written(_ bytes: [UInt8], _ recorded: CorpusRecord, _ plan: AnswerPlan) throws -> String {
        var parser = recorded.dialect.answerParser(plan)
        var output = AnswerOutput(plan.isStreaming ? ChatStreamWriter(plan) : ChatWholeWriter(plan) as any AnswerWriter)
        let reader = JSONReader()
        try bytes.withUnsafeBytes { bytes in
            guard recorded.isStream else {
                _ = reader.read(bytes) { parser.readWhole($0, into: &output) }
                return
            }
            var events = SSEParser()
            var cursor = SSECursor(bytes)
            while let event = try events.next(&cursor) {
                if event.hasData { parser.read(event, reader, into: &output) }
            }
            if let last = events.finish(), last.hasData { parser.read(last, reader, into: &output) }
            parser.streamEnded(into: &output)
        }
        return String(decoding: output.text.bytes, as: UTF8.self)
    }

    /// The texts of the steps of one kind, their pieces put together, lines of a text included.
    private func joined(_ kind: String, _ steps: String) -> String {
        let kinds = ["opened ", "text ", "thinking ", "thinking break", "signature ", "refusal ", "call ", "arguments ", "finish ", "usage in ", "end"]
        var text = ""
        var isWithin = false
        for line in steps.split(separator: "\n", omittingEmptySubsequences: false) {
            // By bytes: a piece may begin with a mark that joins the letter in front of it.
            if line.utf8.starts(with: kind.utf8) {
                isWithin = true
                text += String(decoding: line.utf8.dropFirst(kind.utf8.count), as: UTF8.self)
            } else if kinds.contains(where: { line.utf8.starts(with: $0.utf8) }) {
                isWithin = false
            } else if isWithin {
                text += "\n" + line
            }
        }
        return text
    }

    private func names(_ steps: String) -> [Substring] {
        steps.split(separator: "\n").filter { $0.wholeMatch(of: /call \d+ \S+ .*/) != nil }.map { $0.split(separator: " ", maxSplits: 3)[3] }
    }
}
