import Foundation
import Streaming
import Testing

@testable import Dialects

/// A dialect of a provider and one of a client.
struct DialectPair: Sendable, Hashable, CustomTestStringConvertible {
    var provider: Dialect
    var client: Dialect
    var testDescription: String { "\(provider)-to-\(client)" }

    /// The twelve that are translated.
    static let all = Dialect.allCases.flatMap { provider in
        Dialect.allCases.filter { $0 != provider }.map { DialectPair(provider: provider, client: $0) }
    }
}

/// Streams, documents and requests written for these tests: `Fixtures/translation/pairs`.
enum PairFixtures {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/translation/pairs")

    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()

    static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appendingPathComponent(name))) }

    /// The answers of one dialect's provider; a stream's name ends with `.sse`.
    static func answers(of provider: Dialect) -> [String] {
        names.filter { $0.hasPrefix("\(provider)-") && !$0.hasSuffix("request.json") }
    }
}

/// What the gateway knows of a client's request when its answer comes.
func pairPlan(isStreaming: Bool = true) -> AnswerPlan {
    var plan = AnswerPlan()
    plan.model = "client-model"
    plan.idStem = "abc"
    plan.createdSeconds = 1_700_000_000
    plan.isStreaming = isStreaming
    plan.includesUsage = true
    return plan
}

/// A stream through `StreamTranslator`, and what became of it.
struct TranslatedStream: Equatable {
    var output: [UInt8] = []
    /// What was sent before the provider's stream ended.
    var countBeforeEnd = 0
    var ending = RelayEnding.truncated
    var answer = ObservedAnswer()
    var position = ResponsesPosition()
    var isCommitted = false

    var text: String { String(decoding: output, as: UTF8.self) }

    /// - Parameter pieces: what comes, in this order, each by itself.
    init(_ pieces: [ArraySlice<UInt8>], _ pair: DialectPair, plan: AnswerPlan = pairPlan(), reader: JSONReader = JSONReader()) throws {
        var translator = StreamTranslator(
            from: pair.provider, to: pair.client, plan: plan, waiting: RelayClient(waitingSince: 0), reader: reader, scratch: TranslationScratch())
        for piece in pieces {
            try piece.withUnsafeBytes { _ = try translator.receive($0, now: 1, into: &output) }
        }
        countBeforeEnd = output.count
        ending = translator.upstreamEnded(now: 2, into: &output)
        (answer, position, isCommitted) = (translator.answer, translator.position, translator.isCommitted)
    }

    /// What no client of the dialect may see of an answer that is not whole.
    func hasEndMark(_ client: Dialect) -> Bool {
        let marks: [String] =
            switch client {
            case .chat: ["data: [DONE]", "\"finish_reason\":\""]
            case .responses: ["event: response.completed", "event: response.incomplete", "event: response.failed"]
            case .messages: ["event: message_delta", "event: message_stop"]
            case .gemini: ["\"finishReason\""]
            }
        return marks.contains { text.contains($0) }
    }
}

/// A whole answer in a client's dialect: what a document, or a stream that was read to its end, comes to.
func gathered(_ bytes: [UInt8], isStream: Bool, _ pair: DialectPair, plan: AnswerPlan) -> (text: String, isComplete: Bool) {
    bytes.withUnsafeBytes { bytes in
        let reader = JSONReader()
        if isStream {
            let whole = WholeTranslation(events: bytes, from: pair.provider, to: pair.client, plan: plan, reader: reader)
            return (String(decoding: whole.body, as: UTF8.self), whole.answer.isComplete)
        }
        let whole = WholeTranslation(bytes, from: pair.provider, to: pair.client, plan: plan, reader: reader)
        return (String(decoding: whole.body, as: UTF8.self), whole.answer.isComplete)
    }
}
