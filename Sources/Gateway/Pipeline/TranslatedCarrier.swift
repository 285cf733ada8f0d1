import Dialects
import HTTP
import Reactor

/// Carries an answer that came whole to a client of another dialect: it is read to its end, put in the client's words, and sent behind the
/// client's watermark.
final class TranslatedCarrier: Carrier {
    /// Largest answer that is translated. A whole answer is a few KB of text; images make it larger.
    static let bodyBytesMax = 32 * 1024 * 1024
    /// What is sent before the client's queue is looked at.
    static let sliceBytes = 64 * 1024

    private let lane: RelayLane
    private let plan: AnswerPlan
    /// Whether the provider sent events all the same.
    private let isEventStream: Bool
    private var translation: WholeTranslation?
    private var sentBytes = 0

    init(_ lane: RelayLane, plan: AnswerPlan, isEventStream: Bool) {
        self.lane = lane
        self.plan = plan
        self.isEventStream = isEventStream
    }

    func run() async -> GatewayError? {
        if let failure = await translate() { return failure }
        while sendSlice() {
            if lane.exchange.isAboveHighWatermark, await !lane.exchange.drained() { return lane.undrained }
        }
        lane.exchange.finish()
        return nil
    }

    /// Reads the answer, and lets go of it once it is in the client's words.
    private func translate() async -> GatewayError? {
        do throws(GatewayError) {
            return try await lane.wholeBody(bytesMax: Self.bodyBytesMax).withBytes { translate($0) }
        } catch {
            return error
        }
    }

    /// Puts the answer in the client's words and sends its head. Returns why there is none.
    @inline(never)
    private func translate(_ bytes: UnsafeRawBufferPointer) -> GatewayError? {
        let (provider, client) = (lane.call.upstreamDialect, lane.call.dialect)
        let reader = lane.loop.reader
        let translation =
            isEventStream
            ? WholeTranslation(events: bytes, from: provider, to: client, plan: plan, reader: reader)
            : WholeTranslation(bytes, from: provider, to: client, plan: plan, reader: reader)
        // Only now: the pieces of a secret may have come in several events or blocks, and stand together since.
        lane.provider.maskSecrets(in: translation.body)
        lane.call.answer = lane.provider.masked(translation.answer)
        guard translation.answer.failure == nil else { return lane.call.toldFailure(of: lane.provider.name) }
        guard translation.answer.isComplete else { return GatewayError(truncatedBy: lane.provider.name) }
        lane.call.firstContentNanoseconds = lane.now
        let isEvents = plan.isStreaming && !plan.isJSONArray
        let head = AnswerHead(
            lane.exchange, call: lane.call, upstream: lane.upstream, status: 200, body: .length(UInt64(translation.body.count)),
            isEventStream: isEvents, contentType: isEvents ? "text/event-stream" : "application/json")
        head.send()
        self.translation = consume translation
        return nil
    }

    /// Returns whether there was anything left to send.
    @inline(never)
    private func sendSlice() -> Bool {
        guard let bytes = translation?.body, sentBytes < bytes.count else { return false }
        let end = min(bytes.count, sentBytes + Self.sliceBytes)
        lane.exchange.send(UnsafeRawBufferPointer(rebasing: bytes[sentBytes..<end]))
        sentBytes = end
        return true
    }
}
