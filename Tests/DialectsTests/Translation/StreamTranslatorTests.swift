import Foundation
import Streaming
import Testing

@testable import Dialects

@Suite struct StreamTranslatorTests {
    private struct Outcome {
        var text = ""
        var ending = RelayEnding.truncated
        var answer = ObservedAnswer()
        var isCommitted = false
        var retained: [Int] = []
    }

    private func translate(_ pieces: [String], from provider: Dialect, to client: Dialect, scratch: TranslationScratch = TranslationScratch()) throws -> Outcome {
        var plan = AnswerPlan()
        plan.idStem = "abc"
        plan.isStreaming = true
        var translator = StreamTranslator(
            from: provider, to: client, plan: plan, waiting: RelayClient(waitingSince: 0), reader: JSONReader(), scratch: scratch)
        var output: [UInt8] = []
        var outcome = Outcome()
        for piece in pieces {
            try Array(piece.utf8).withUnsafeBytes { _ = try translator.receive($0, now: 1, into: &output) }
            outcome.retained.append(translator.retainedBytes)
        }
        outcome.ending = translator.upstreamEnded(now: 2, into: &output)
        outcome.text = String(decoding: output, as: UTF8.self)
        outcome.answer = translator.answer
        outcome.isCommitted = translator.isCommitted
        return outcome
    }

    private let start = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"c\",\"usage\":{\"input_tokens\":50000,\"output_tokens\":1}}}\n\n"
    private let text = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hello there\"}}\n\n"
    private let open = "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
    private let error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"busy\"}}\n\n"

    /// The counts that open an Anthropic stream are no bill: nothing came, nothing is booked.
    @Test func aFailureBeforeContentCostsNothing() throws {
        let outcome = try translate([start, error], from: .messages, to: .chat)
        #expect(outcome.ending == .failed && !outcome.isCommitted)
        #expect(outcome.text.isEmpty)
        #expect(outcome.answer.settledUsage() == TokenUsage())
    }

    @Test func aFailureBehindContentIsEstimated() throws {
        let outcome = try translate([start, open, text, text, error], from: .messages, to: .chat)
        #expect(outcome.ending == .failed && outcome.isCommitted)
        let usage = outcome.answer.settledUsage()
        #expect(usage.isEstimated && usage.input == 50_000 && usage.output > 1)
        #expect(!outcome.text.contains("[DONE]") && !outcome.text.contains("\"finish_reason\":\"stop\""))
    }

    /// Frames are held until there is content; then the stream keeps nothing, and neither does the loop's room.
    @Test func whatIsHeldGoesWithTheFirstContent() throws {
        let scratch = TranslationScratch()
        let opening = "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
        let delta = "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\n"
        let outcome = try translate([opening, delta, delta], from: .chat, to: .responses, scratch: scratch)
        #expect(outcome.retained[0] > 0 && outcome.retained[1...] == [0, 0])
        #expect(outcome.text.hasPrefix("event: response.created\n"))
        let isReturned = scratch.writer.isEmpty
        #expect(isReturned)
        let other = try translate([opening], from: .chat, to: .responses, scratch: scratch)
        let isReturnedAgain = scratch.writer.isEmpty
        #expect(other.retained[0] > 0 && other.text.isEmpty && isReturnedAgain)
    }

    /// A client hears names with every piece: long ones are left out.
    @Test func namesWithoutMeasureAreLeftOut() throws {
        let id = String(repeating: "n", count: DialectLimits.answerNameBytesMax + 1)
        let delta = "data: {\"id\":\"\(id)\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\n"
        for client in Dialect.allCases where client != .chat {
            #expect(try !translate([delta], from: .chat, to: client).text.contains(id))
        }
    }

    /// A character cut in two by the provider makes two events that are no JSON: the answer is not whole.
    @Test func anUnreadableEventIsAFailure() throws {
        var bytes = Array("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a".utf8)
        bytes.append(0xE2)
        bytes += Array("\"}}]}\n\ndata: [DONE]\n\n".utf8)
        for client in Dialect.allCases where client != .chat {
            var translator = StreamTranslator(
                from: .chat, to: client, plan: AnswerPlan(), waiting: RelayClient(waitingSince: 0), reader: JSONReader(), scratch: TranslationScratch())
            var output: [UInt8] = []
            _ = try bytes.withUnsafeBytes { try translator.receive($0, now: 1, into: &output) }
            #expect(translator.upstreamEnded(now: 2, into: &output) == .failed)
        }
    }

    @Test func heartbeatsStandBetweenEventsOnly() throws {
        var translator = StreamTranslator(
            from: .messages, to: .chat, plan: AnswerPlan(), waiting: RelayClient(waitingSince: 0),
            limits: RelayLimits(heartbeatNanoseconds: 10), reader: JSONReader(), scratch: TranslationScratch())
        var output: [UInt8] = []
        try Array((start + open + text.dropLast(4)).utf8).withUnsafeBytes { _ = try translator.receive($0, now: 1, into: &output) }
        #expect(output.isEmpty)
        #expect(translator.nextHeartbeatDeadline == 10)
        let isSent = translator.heartbeat(now: 10, into: &output)
        #expect(isSent && String(decoding: output, as: UTF8.self) == ": keep-alive\n\n")
        #expect(translator.nextHeartbeatDeadline == 20)
        var array = AnswerPlan()
        array.isJSONArray = true
        let silent = StreamTranslator(
            from: .messages, to: .gemini, plan: array, waiting: RelayClient(waitingSince: 0), reader: JSONReader(), scratch: TranslationScratch())
        #expect(silent.nextHeartbeatDeadline == nil)
    }
}
