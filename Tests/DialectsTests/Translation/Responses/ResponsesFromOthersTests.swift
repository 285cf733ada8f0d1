import Foundation
import Streaming
import Testing

@testable import Dialects

/// What other providers really sent, for clients of the Responses API; and what other clients really asked, for OpenAI.
@Suite struct ResponsesFromOthersTests {
    static let others = CorpusRecord.all.filter { $0.dialect != .responses && $0.status == 200 }

    @Test(arguments: others.filter(\.isStream))
    func streams(_ recorded: CorpusRecord) throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: recorded.path)))
        let parsed = try ParsedAnswer(stream: bytes, recorded.dialect)
        var translator = StreamTranslator(
            from: recorded.dialect, to: .responses, plan: responsesPlan(), waiting: RelayClient(waitingSince: 0), reader: JSONReader(),
            scratch: TranslationScratch())
        var output: [UInt8] = []
        // In small pieces, as it came.
        for start in stride(from: 0, to: bytes.count, by: 97) {
            try Array(bytes[start..<min(start + 97, bytes.count)]).withUnsafeBytes { _ = try translator.receive($0, now: 1, into: &output) }
        }
        let ending = translator.upstreamEnded(now: 2, into: &output)
        guard translator.isCommitted else { return #expect(parsed.answer.failure != nil) }
        let read = ResponsesInvariants(String(decoding: output, as: UTF8.self), isCutShort: ending != .complete)
        #expect(read.violations == [], "\(recorded.id)")
        guard ending == .complete else { return }
        let calls = parsed.steps.split(separator: "\n").filter { $0.hasPrefix("call ") && !$0.hasPrefix("call ended") }
        #expect(read.items.filter { $0["type"] as? String == "function_call" }.count == calls.count)
        #expect((read.final["usage"] as? [String: Any])?["output_tokens"] as? Int == parsed.answer.usage?.output)
        #expect((read.final["usage"] as? [String: Any])?["total_tokens"] as? Int == parsed.answer.usage?.total)
        // The next turn's request is read by the same rules.
        let history = try JSONSerialization.data(withJSONObject: ["input": read.items])
        try readResponses(String(decoding: history, as: UTF8.self)) { conversation in
            #expect(conversation.turns.count == (read.items.isEmpty ? 0 : 1))
        }
    }

    @Test(arguments: others.filter { !$0.isStream })
    func documents(_ recorded: CorpusRecord) throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: recorded.path)))
        var ends: [NSDictionary] = []
        for isStreaming in [false, true] {
            var plan = responsesPlan()
            plan.isStreaming = isStreaming
            let (text, isComplete) = bytes.withUnsafeBytes { bytes in
                let whole = WholeTranslation(bytes, from: recorded.dialect, to: .responses, plan: plan, reader: JSONReader())
                return (Array(whole.body), whole.answer.isComplete)
            }
            guard isComplete else { return }
            guard isStreaming else {
                ends.append(NSDictionary(dictionary: try parsed(text)))
                continue
            }
            let read = ResponsesInvariants(String(decoding: text, as: UTF8.self))
            #expect(read.violations == [], "\(recorded.id)")
            ends.append(NSDictionary(dictionary: read.final))
        }
        #expect(ends[0] == ends[1], "\(recorded.id)")
    }

    @Test(arguments: others)
    func requests(_ recorded: CorpusRecord) throws {
        let stem = recorded.path.hasSuffix(".sse") ? recorded.path.dropLast(4) : recorded.path.dropLast(5)
        guard let data = FileManager.default.contents(atPath: stem + ".req.json"), let body = try parsed(Array(data))["body"] as? [String: Any]
        else { return }
        let json = String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
        for model in ["gpt-4.1", "gpt-5.2", "o4-mini"] {
            do {
                let result = try TranslatedRequest(json, from: recorded.dialect, to: TranslationTarget(dialect: .responses, model: model))
                #expect(responsesRequestViolations(result.body) == [], "\(recorded.id) for \(model): \(result.text.prefix(2_000))")
            } catch let problem as RequestProblem {
                switch problem {
                // A count's request has no bound; what a provider's own kinds of parts mean is the reader's affair.
                case .notTranslatable, .invalid, .missing(member: "max_tokens"): break
                default: Issue.record("\(recorded.id): \(problem.message)")
                }
            }
        }
    }

    @Test(arguments: CorpusRecord.of(.responses).filter { $0.requestPath != nil })
    func ownRequests(_ recorded: CorpusRecord) throws {
        // DeepSeek refused this one too: it lacks a call's neighbour by design.
        guard let json = try recorded.request(), recorded.status == 200 else { return }
        do {
            let result = try TranslatedRequest(json, from: .responses, to: TranslationTarget(dialect: .responses, model: "gpt-5.2"))
            #expect(responsesRequestViolations(result.body) == [], "\(result.text.prefix(2_000))")
        } catch let problem as RequestProblem {
            guard case .notTranslatable = problem else { throw problem }
        }
    }

    /// Codex's body is taken for every provider, and its groups and free texts are remembered for the way back.
    @Test(arguments: Dialect.allCases)
    func codexReachesEveryProvider(_ dialect: Dialect) throws {
        let models: [Dialect: String] = [.chat: "gpt-4.1", .responses: "gpt-5.2", .messages: "claude-sonnet-4-5", .gemini: "gemini-2.5-pro"]
        let result = try TranslatedRequest(
            ResponsesRequestParserTests.codex, from: .responses, to: TranslationTarget(dialect: dialect, model: models[dialect] ?? "m"))
        let tools = result.plan.renamedTools
        #expect(tools.values.contains(.init(name: "read", namespace: "files")))
        #expect(tools.values.contains(.init(name: "apply_patch", isCustom: true)))
        // The other providers are told nothing of OpenAI's reasoning.
        #expect(result.text.contains("gAAA==") == (dialect == .responses))
        if dialect == .responses { #expect(responsesRequestViolations(result.body) == []) }
    }
}
