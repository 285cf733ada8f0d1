import Foundation
import Streaming
import Testing

@testable import Dialects

/// What other providers really sent, for Anthropic's clients; and what other clients really asked, for Anthropic.
@Suite struct MessagesFromOthersTests {
    static let others = CorpusRecord.all.filter { $0.dialect != .messages && $0.status == 200 }

    @Test(.enabled(if: !others.isEmpty), arguments: others.filter(\.isStream))
    func streams(_ recorded: CorpusRecord) throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: recorded.path)))
        let parsed = try ParsedAnswer(stream: bytes, recorded.dialect)
        var plan = AnswerPlan()
        plan.model = "asked-for"
        plan.idStem = "stem"
        var translator = StreamTranslator(
            from: recorded.dialect, to: .messages, plan: plan, waiting: RelayClient(waitingSince: 0), reader: JSONReader(), scratch: TranslationScratch())
        var output: [UInt8] = []
        try bytes.withUnsafeBytes { _ = try translator.receive($0, now: 1, into: &output) }
        let ending = translator.upstreamEnded(now: 2, into: &output)
        let checked = MessagesInvariants(String(decoding: output, as: UTF8.self), isWhole: ending == .complete)
        #expect(checked.violations.isEmpty, "\(recorded.id): \(checked.violations)")
        guard ending == .complete else { return }
        let lines = parsed.steps.split(separator: "\n")
        #expect(checked.types.filter { $0 == "tool_use" }.count == lines.filter { $0.hasPrefix("call ") && !$0.hasPrefix("call ended") }.count)
        #expect(checked.finalUsage["output_tokens"] as? Int == parsed.answer.usage?.output ?? 0)
        #expect(checked.finalUsage["input_tokens"] as? Int == parsed.answer.usage?.input ?? 0)
        if !checked.text().isEmpty || !checked.types.isEmpty { #expect(parsed.answer.contentEvents > 0) }
    }

    @Test(.enabled(if: !others.isEmpty), arguments: others.filter { !$0.isStream })
    func documents(_ recorded: CorpusRecord) throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: recorded.path)))
        for isStreaming in [false, true] {
            var plan = AnswerPlan()
            plan.isStreaming = isStreaming
            plan.idStem = "stem"
            let (text, isComplete) = bytes.withUnsafeBytes { bytes in
                let whole = WholeTranslation(bytes, from: recorded.dialect, to: .messages, plan: plan, reader: JSONReader())
                return (String(decoding: whole.body, as: UTF8.self), whole.answer.isComplete)
            }
            guard isComplete else { continue }
            let violations = isStreaming ? MessagesInvariants(text).violations : try messageViolations(text)
            #expect(violations.isEmpty, "\(recorded.id): \(violations)")
        }
    }

    @Test(.enabled(if: !others.isEmpty), arguments: others)
    func requests(_ recorded: CorpusRecord) throws {
        let stem = recorded.path.hasSuffix(".sse") ? recorded.path.dropLast(4) : recorded.path.dropLast(5)
        guard let data = FileManager.default.contents(atPath: stem + ".req.json"), let body = try parsed(Array(data))["body"] as? [String: Any] else {
            return
        }
        let json = String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
        for model in ["claude-3-5-sonnet-20241022", "claude-sonnet-4-5", "claude-opus-4-6", "claude-opus-5", "glm-5"] {
            let target = TranslationTarget(dialect: .messages, model: model, profile: .anthropic)
            do {
                let result = try TranslatedRequest(json, from: recorded.dialect, to: target)
                let violations = requestViolations(result.body)
                #expect(violations.isEmpty, "\(recorded.id) for \(model): \(violations) \(result.text)")
            } catch let problem as RequestProblem {
                switch problem {
                // What a provider's own kinds of parts mean (`file_url`) is the reader's affair.
                case .notTranslatable, .notAnObject, .invalid: break
                default: Issue.record("\(recorded.id): \(problem.message)")
                }
            }
        }
    }
}
