import Dialects
import Streaming

/// A whole stream through a relay, and everything that can be seen of it.
struct RelayRun {
    private(set) var sent: [UInt8] = []
    private(set) var answer = ObservedAnswer()
    private(set) var position = ResponsesPosition()
    private(set) var counters = RelayCounters()
    private(set) var ending = RelayEnding.truncated
    private(set) var isCommitted = false
    /// The events of our own at the end of `sent`, when the stream was cut off.
    private(set) var gatewayEnding: [UInt8] = []

    /// Events with data, as the client sees them.
    var events: [RelayedEvent] { ReferenceEvents.parse(sent).filter(\.hasData) }

    /// - Parameters:
    ///   - heartbeatNanoseconds: 1 lets a heartbeat follow on every piece that permits one.
    ///   - endsAsGateway: ends a stream that was cut off as `StreamCarrier` does, instead of passing on what is held.
    init(
        _ pieces: Cutting, _ dialect: Dialect, hidesUsage: Bool, heartbeatNanoseconds: UInt64 = 0, endsAsGateway: Bool = false
    ) throws(FuzzViolation) {
        let limits = RelayLimits(heartbeatNanoseconds: heartbeatNanoseconds)
        try self.init(pieces, dialect, hidesUsage: hidesUsage, limits: limits, endsAsGateway: endsAsGateway)
    }

    init(
        _ pieces: Cutting, _ dialect: Dialect, hidesUsage: Bool, limits: RelayLimits, endsAsGateway: Bool = false
    ) throws(FuzzViolation) {
        var relay = StreamRelay(
            observer: StreamObserver(dialect, hidesUsageChunk: hidesUsage, reader: JSONReader()),
            client: RelayClient(waitingSince: 0), limits: limits)
        var now: UInt64 = 1
        for piece in pieces {
            do throws(SSEParserError) {
                try Self.receive(piece, &relay, now: now, into: &sent)
            } catch {
                throw FuzzViolation("the relay gave up: \(error)")
            }
            let isBounded = relay.isCommitted || relay.failureSeen || relay.retainedBytes <= limits.heldBytesMax
            try require(isBounded, "the relay holds more than it may")
            if limits.heartbeatNanoseconds > 0 {
                now += 2
                relay.heartbeat(now: now, into: &sent)
            }
        }
        ending = relay.upstreamEnded(now: now, into: &sent)
        answer = relay.observer.answer
        position = relay.observer.position
        if ending == .truncated, endsAsGateway {
            relay.discardHeld()
            if relay.client.isHeadCommitted { endAsGateway(&relay, dialect, now) }
        } else if !relay.isCommitted {
            relay.releaseHeld(now: now, into: &sent)
        }
        counters = relay.counters
        isCommitted = relay.isCommitted
        let ownCount = UInt64(sent.count - gatewayEnding.count)
        try requireEqual(counters.bytesOut, ownCount, "bytes out are miscounted")
    }

    private static func receive(
        _ piece: [UInt8], _ relay: inout StreamRelay<StreamObserver>, now: UInt64, into sent: inout [UInt8]
    ) throws(SSEParserError) {
        var sink: [UInt8] = []
        try piece.withUnsafeBufferPointer { (bytes) throws(SSEParserError) in
            _ = try relay.receive(UnsafeRawBufferPointer(bytes), now: now, into: &sink)
        }
        sent += sink
    }

    private mutating func endAsGateway(_ relay: inout StreamRelay<StreamObserver>, _ dialect: Dialect, _ now: UInt64) {
        relay.endOpenEvent(now: now, into: &sent)
        let error = ErrorBody(
            dialect: dialect, kind: .upstreamFailed, message: "The provider's answer broke off.", requestID: "req_1")
        gatewayEnding = error.streamEnding(at: position)
        sent += gatewayEnding
    }
}
