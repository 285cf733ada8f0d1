import Dialects
import HTTP
import Reactor

/// Carries an answer that is not streamed. A small one is held until it is known to be whole, so that a cut one becomes an error with
/// a status of its own; a large one flows in pieces, behind the client's watermark.
final class WholeCarrier: Carrier {
    /// Largest answer that is held.
    static let heldBytesMax = 64 * 1024

    private let lane: RelayLane
    private var observer: AnswerObserver
    private var held = ByteAccumulator()
    private let head: AnswerHead
    /// A stream that is no event stream goes on as it comes.
    private var heldBytesMax: Int { lane.call.route.isJSONArray ? 0 : Self.heldBytesMax }

    init(_ lane: RelayLane) {
        self.lane = lane
        observer = AnswerObserver(lane.call.dialect)
        head = AnswerHead(
            lane.exchange, call: lane.call, upstream: lane.upstream, status: lane.upstream.response.status,
            body: lane.upstream.bodyLength.map { .length($0) } ?? .stream, isEventStream: false)
    }

    /// Carries the answer to its end. Returns why it did not end well.
    func run() async -> GatewayError? {
        do throws(UpstreamFailure) {
            while let bytes = try await lane.nextPiece() {
                take(bytes)
                if lane.exchange.isAboveHighWatermark, await !lane.exchange.drained() {
                    return ended(lane.undrained)
                }
            }
            return finish()
        } catch {
            return ended(GatewayError(error, provider: lane.provider.name))
        }
    }

    @inline(never)
    private func take(_ bytes: UnsafeRawBufferPointer) {
        observer.receive(bytes)
        if !lane.exchange.isHeadSent { lane.call.noteUpstreamBytes() }
        guard lane.exchange.isHeadSent else {
            held.append(bytes)
            guard held.count > heldBytesMax else { return }
            if lane.call.route.isJSONArray { lane.call.firstContentNanoseconds = lane.now }
            head.send()
            sendHeld()
            return held.release()
        }
        lane.provider.maskSecrets(in: bytes)
        lane.exchange.send(bytes)
    }

    @inline(never)
    private func finish() -> GatewayError? {
        let ending = observer.ending
        // A stream that was cut is never ended well: its client's connection is reset, as nothing may follow on half an element.
        if !lane.exchange.isHeadSent || lane.call.route.isJSONArray, ending == .truncated || ending == .empty {
            return ended(GatewayError(truncatedBy: lane.provider.name))
        }
        head.send()
        sendHeld()
        lane.exchange.finish()
        _ = ended(nil)
        return lane.call.answer.failure == nil ? nil : lane.call.providerFailure
    }

    /// Sends what is held, masked as a whole: a secret may have come in two reads.
    private func sendHeld() {
        let bytes = UnsafeRawBufferPointer(held.bytes)
        lane.provider.maskSecrets(in: bytes)
        lane.exchange.send(bytes)
    }

    /// Notes what was read along. A head that is out without its body makes the connection end in a reset.
    @inline(never)
    private func ended(_ failure: GatewayError?) -> GatewayError? {
        lane.call.answer = lane.provider.masked(observer.answer(lane.loop.reader))
        if failure == nil, lane.call.firstContentNanoseconds == nil { lane.call.firstContentNanoseconds = lane.now }
        return failure
    }
}

extension RelayLane {
    /// The next piece of the response's body, valid until the next receive on this loop; nil at its end. Secrets are not masked yet: that is
    /// done in the largest piece that there is.
    func nextPiece() async throws(UpstreamFailure) -> UnsafeRawBufferPointer? {
        while true {
            switch upstream.receiveBody() {
            case .bytes(let bytes): return bytes
            case .end: return nil
            case .failed(let failure): throw failure
            case .wouldBlock:
                let deadline = now + provider.timeouts.idleMilliseconds.millisecondsAsNanoseconds
                try await upstream.waitForBody(until: deadline, .idle)
            }
        }
    }
}
