import Dialects
import HTTP
import Reactor

/// Carries an answer that came whole to a client of another dialect: it is read to its end, put in the client's words, and sent.
final class TranslatedCarrier: Carrier {
    /// Largest answer that is translated. A whole answer is a few KB of text; images make it larger.
    static let bodyBytesMax = 32 * 1024 * 1024

    private let lane: RelayLane
    private let plan: AnswerPlan
    /// Whether the provider sent events all the same.
    private let isEventStream: Bool
    private var body = ByteAccumulator()

    init(_ lane: RelayLane, plan: AnswerPlan, isEventStream: Bool) {
        self.lane = lane
        self.plan = plan
        self.isEventStream = isEventStream
    }

    func run() async -> GatewayError? {
        do throws(UpstreamFailure) {
            while let bytes = try await lane.nextPiece() {
                lane.call.noteUpstreamBytes()
                guard body.count + bytes.count <= Self.bodyBytesMax else {
                    return GatewayError(
                        .upstreamFailed, .upstream, "\(lane.provider.name) sent an oversized answer.", label: "oversized_answer",
                        isPossiblyBilled: true)
                }
                body.append(bytes)
            }
            return finish()
        } catch {
            return GatewayError(error, provider: lane.provider.name)
        }
    }

    @inline(never)
    private func finish() -> GatewayError? {
        lane.provider.maskSecrets(in: UnsafeRawBufferPointer(body.bytes))
        let (provider, client) = (lane.call.upstreamDialect, lane.call.dialect)
        let bytes = UnsafeRawBufferPointer(body.bytes)
        let reader = lane.loop.reader
        let translation =
            isEventStream
            ? WholeTranslation(events: bytes, from: provider, to: client, plan: plan, reader: reader)
            : WholeTranslation(bytes, from: provider, to: client, plan: plan, reader: reader)
        lane.call.answer = translation.answer
        guard translation.answer.failure == nil else { return lane.call.toldFailure(of: lane.provider.name) }
        guard translation.answer.isComplete else { return GatewayError(truncatedBy: lane.provider.name) }
        lane.call.firstContentNanoseconds = lane.now
        let isEvents = plan.isStreaming && !plan.isJSONArray
        let head = AnswerHead(
            lane.exchange, call: lane.call, upstream: lane.upstream, status: 200, body: .length(UInt64(translation.body.count)),
            isEventStream: isEvents, contentType: isEvents ? "text/event-stream" : "application/json")
        head.send()
        lane.exchange.send(translation.body)
        lane.exchange.finish()
        return nil
    }
}
