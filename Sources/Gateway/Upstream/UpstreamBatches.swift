import HTTP
import Reactor
import Streaming

/// When a stream must show signs of life. Shared by the relay's loop, which moves the times, and its source, which minds them.
final class StreamDeadlines {
    /// The time after which the stream counts as dead, and what it is then called.
    var giveUpNanoseconds: Int64
    var phase: UpstreamFailure.Phase
    /// When to consider a heartbeat; nil for never.
    var tickNanoseconds: Int64?

    init(giveUpNanoseconds: Int64, phase: UpstreamFailure.Phase) {
        self.giveUpNanoseconds = giveUpNanoseconds
        self.phase = phase
    }
}

/// A response's body as a source of batches: one for each readiness of the provider's socket, and ticks in between.
struct UpstreamBatches: ByteBatchSource {
    let upstream: UpstreamExchange
    let deadlines: StreamDeadlines
    let loop: EventLoop

    mutating func nextBatch() async throws(UpstreamFailure) -> ByteBatch {
        while true {
            switch upstream.receiveBody() {
            case .bytes(let bytes): return .bytes(bytes)
            case .end: return .end
            case .failed(let failure): throw failure
            case .wouldBlock: break
            }
            let giveUp = deadlines.giveUpNanoseconds
            let tick = deadlines.tickNanoseconds ?? .max
            do throws(UpstreamFailure) {
                try await upstream.waitForBody(until: min(giveUp, tick), deadlines.phase)
            } catch {
                guard case .timedOut = error.kind, loop.now < giveUp else { throw error }
                return .tick
            }
        }
    }
}
