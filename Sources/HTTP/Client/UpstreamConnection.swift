import Reactor

/// One connection to a provider: a transport and the machine of its exchanges. Outlives an exchange when it can be reused.
/// Loop-confined.
final class UpstreamConnection {
    let id: Int
    let transport: Transport
    let response = MessageHead()
    var machine: HTTP1ClientMachine
    /// What came and is not consumed: the body's beginning that arrived with the head. Empty most of the time.
    private var unread = ByteAccumulator()
    /// What the socket had sent before the current exchange.
    private var sentBefore: UInt64 = 0
    private var failure: UpstreamFailure?

    init(id: Int, transport: Transport, limits: HTTP1Limits) {
        self.id = id
        self.transport = transport
        machine = HTTP1ClientMachine(limits: limits)
    }

    var socket: StreamSocket { transport.socket }

    /// True when another exchange may follow on this connection.
    var isReusable: Bool {
        machine.isReusable && socket.isOpen && !socket.isPeerGone && unread.isEmpty && transport.queuedBytes == 0
    }

    /// An idle connection has nothing to say: bytes, an end or a failure make it useless. (A TLS ticket is digested on the way.)
    /// Asked before a connection is lent again; what is left of one answer must never become part of the next.
    func isQuiet() -> Bool {
        if case .wouldBlock = transport.receive(limit: UpstreamLimits.receiveBytesMax) { return true }
        return false
    }

    /// Appends to the connection's outbound queue; with an owner, without a copy.
    struct Sink: MessageSink {
        let transport: Transport
        var owner: AnyObject?

        mutating func append(_ bytes: UnsafeRawBufferPointer) {
            if let owner { transport.send(borrowing: bytes, owner: owner) } else { transport.send(bytes) }
        }
    }

    // MARK: Sending

    /// Begins an exchange: from here on what the socket sends is the request's.
    func begin(_ method: HTTPMethod, bodyBytes: Int) -> RequestPlan {
        sentBefore = socket.bytesSent
        failure = nil
        return machine.beginRequest(method: method, body: .length(UInt64(bodyBytes)))
    }

    /// Tells the machine what the kernel has taken so far.
    func noteWritten() {
        let written = socket.bytesSent - sentBefore
        if written > 0 { machine.noteWritten(1) }
    }

    // MARK: Receiving

    enum HeadProgress {
        /// The head is whole and final.
        case response
        case wouldBlock
        /// The peer closed before any byte of the request was written: it may be sent again.
        case unsent
        case failed(UpstreamFailure)
    }

    /// Receives as much of the response's head as there is.
    func receiveHead() -> HeadProgress {
        while true {
            noteWritten()
            switch transport.receive(limit: UpstreamLimits.receiveBytesMax) {
            case .bytes(let bytes):
                let isContinued = !unread.isEmpty
                if isContinued { unread.append(UnsafeRawBufferPointer(bytes)) }
                let all = UnsafeRawBufferPointer(isContinued ? unread.bytes : bytes)
                if let progress = parseHead(all, areUnread: isContinued) { return progress }
            case .wouldBlock: return .wouldBlock
            case .end, .failed:
                noteWritten()
                switch machine.peerClosed() {
                case .unsent: return .unsent
                case .truncated: return .failed(fail(.malformed("the connection closed inside the head")))
                case .idle, .noResponse, .complete: return .failed(fail(.closedBeforeResponse))
                }
            }
        }
    }

    /// Parses what is there and keeps what it does not use up.
    /// - Parameter areUnread: `bytes` are those of `unread`.
    private func parseHead(_ bytes: UnsafeRawBufferPointer, areUnread: Bool) -> HeadProgress? {
        var rest = bytes
        var progress: HeadProgress?
        parsing: while true {
            switch machine.receiveHead(rest, into: response) {
            case .needMore: break parsing
            case .interim(_, let consumed): rest = UnsafeRawBufferPointer(rebasing: rest[consumed...])
            case .response(let consumed):
                rest = UnsafeRawBufferPointer(rebasing: rest[consumed...])
                progress = .response
                break parsing
            case .refused(let reason):
                progress = .failed(fail(.malformed(reason.message.description)))
                break parsing
            }
        }
        if areUnread { unread.consume(bytes.count - rest.count) } else { unread.append(rest) }
        return progress
    }

    /// Receives what there is of the body, framing taken off. The bytes are valid until the next receive on this loop.
    func receiveBody() -> UpstreamBody {
        while true {
            if let failure { return .failed(failure) }
            if machine.isResponseWhole { return .end }
            if !unread.isEmpty {
                let bytes = unread.bytes
                let progress = machine.receiveBody(bytes)
                unread.consume(progress.consumed)
                if let body = judge(progress, bytes) { return body }
                continue
            }
            if unread.capacityBytes > 0 { unread.release() }
            switch transport.receive(limit: UpstreamLimits.receiveBytesMax) {
            case .bytes(let bytes):
                let progress = machine.receiveBody(bytes)
                if let body = judge(progress, bytes) { return body }
            case .wouldBlock: return .wouldBlock
            case .end:
                if machine.peerClosed() == .complete { return .end }
                return .failed(fail(.truncated))
            case .failed:
                // Under TLS an end without close_notify lands here too: a body that only the close ends may be cut short.
                if machine.isResponseWhole { return .end }
                return .failed(fail(.truncated))
            }
        }
    }

    /// What one decoded batch means: payload first, a failure with the next call.
    private func judge(_ progress: HTTP1BodyDecoder.Progress, _ bytes: UnsafeMutableRawBufferPointer) -> UpstreamBody? {
        if case .refused(let reason) = progress.outcome { _ = fail(.malformed(reason.message.description)) }
        guard progress.payloadCount > 0 else { return nil }
        return .bytes(UnsafeRawBufferPointer(rebasing: bytes[..<progress.payloadCount]))
    }

    private func fail(_ kind: UpstreamFailure.Kind) -> UpstreamFailure {
        let failure = UpstreamFailure(kind, isPossiblyBilled: true)
        self.failure = failure
        return failure
    }

    /// Gives back what an idle connection, or one that only streams, needs no more.
    func releaseIdleMemory() {
        unread.release()
        response.release()
        transport.releaseIdleMemory()
    }
}

/// What one attempt to receive a body brought.
public enum UpstreamBody {
    /// Payload, valid until the next receive on this loop.
    case bytes(UnsafeRawBufferPointer)
    case wouldBlock
    /// The body is whole.
    case end
    case failed(UpstreamFailure)
}

/// The bounds of the upstream side.
public enum UpstreamLimits {
    /// Payload taken in one batch. With the server's high watermark it bounds what one stalled stream holds.
    public static let receiveBytesMax = 16 * 1024
    /// How often a request that was never written is sent on another connection.
    public static let resendsMax = 2
}
