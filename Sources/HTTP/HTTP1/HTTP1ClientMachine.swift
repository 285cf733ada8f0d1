/// The client's side of one HTTP/1.1 connection to an upstream, as pure transitions: no socket, no clock.
///
/// One exchange after the other, never pipelined. It keeps the two facts that decide what a failure means: whether any byte of the
/// request was written (`isPossiblyBilled`), and whether the connection may carry another request (`isReusable`).
public struct HTTP1ClientMachine: Sendable {
    public enum HeadOutcome: Equatable, Sendable {
        /// The head is not whole; keep the bytes and call again with more.
        case needMore
        /// An interim response (1xx): drop `consumed` bytes and call again with the rest.
        case interim(status: UInt16, consumed: Int)
        /// The final response's head; it took `consumed` bytes. The body's framing is in `responseFraming`.
        case response(consumed: Int)
        /// Not an acceptable response; the connection is unusable.
        case refused(HTTPRefusal)
    }

    /// What the upstream's end of stream (or a reset) means for the exchange.
    public enum PeerClose: Equatable, Sendable {
        /// No exchange was open.
        case idle
        /// No byte of the request had been written: it may go out again on another connection without being asked for twice.
        case unsent
        /// The request was written, at least in part, and nothing came back: a failed attempt that may have been billed.
        case noResponse
        /// The response was cut off: in its head, or before its body was whole.
        case truncated
        /// The close is the rightful end of the body, or came after it.
        case complete
    }

    private enum Sending: Equatable {
        case idle
        case body
        case whole
        case aborted
    }

    private enum Receiving: Equatable {
        case idle
        case head
        case body
        case whole
        case failed(HTTPRefusal)
    }

    private let limits: HTTP1Limits
    private var parser: HTTP1HeadParser
    private var decoder = HTTP1BodyDecoder(.none)
    private var outgoing = OutgoingFraming(.none)
    private var sending: Sending = .idle
    private var receiving: Receiving = .idle
    private var method: HTTPMethod = .other
    private var keepsAlive = true
    private var isClosed = false
    private var interimResponses = 0

    /// True once any byte of the request was handed to the kernel: from then on the upstream may have acted on it.
    public private(set) var isPossiblyBilled = false
    /// The framing of the current response's body.
    public private(set) var responseFraming: MessageFraming = .none
    /// True when the response accepted a CONNECT: the bytes that follow are the tunnel's.
    public private(set) var isTunnel = false

    public init(limits: HTTP1Limits = HTTP1Limits()) {
        self.limits = limits
        parser = HTTP1HeadParser(limits: limits)
    }

    /// True when a request may begin: on a fresh connection, or after an exchange that ended in full on both sides, with nothing left
    /// over and neither side wanting to close. The driver checks besides that its outbound queue is empty.
    public var isReusable: Bool {
        guard keepsAlive, !isClosed, !isTunnel else { return false }
        switch (sending, receiving) {
        case (.idle, .idle), (.whole, .whole): return true
        default: return false
        }
    }

    /// True when the response's body is whole.
    public var isResponseWhole: Bool { receiving == .whole }

    /// True when the final response began before the request was whole: sending the rest is pointless, since the connection will
    /// not be reused, and the response is to be read on.
    public var shouldStopSending: Bool { sending == .body && (receiving == .body || receiving == .whole) }

    // MARK: Sending

    /// Begins an exchange and decides the request's framing. Only while `isReusable`.
    public mutating func beginRequest(method: HTTPMethod, body: OutgoingBody) -> RequestPlan {
        precondition(isReusable, "one exchange after the other, on a usable connection")
        self.method = method
        isPossiblyBilled = false
        interimResponses = 0
        responseFraming = .none
        receiving = .head
        sending = .body
        let plan: RequestPlan
        switch body {
        case .none: plan = RequestPlan(framing: .none, contentLength: method.anticipatesContent ? 0 : nil)
        case .length(let count): plan = RequestPlan(framing: .length(count), contentLength: count)
        case .stream: plan = RequestPlan(framing: .chunked, contentLength: nil)
        }
        outgoing = OutgoingFraming(plan.framing)
        return plan
    }

    /// Writes a piece of the request's body in its framing.
    public mutating func writeBody(_ payload: UnsafeRawBufferPointer, to sink: inout some MessageSink) {
        precondition(sending == .body, "the request began and did not end")
        outgoing.append(payload, to: &sink)
    }

    /// Ends the request, also one without body. False when its declared length was not met: the connection must be closed.
    public mutating func endRequest(to sink: inout some MessageSink) -> Bool {
        precondition(sending == .body, "the request began and did not end")
        let isWhole = outgoing.end(to: &sink)
        sending = isWhole ? .whole : .aborted
        return isWhole
    }

    /// The request will not be finished (its source failed, or its response came early).
    public mutating func abandonRequest() {
        if sending == .body { sending = .aborted }
    }

    /// The kernel took `count` bytes of the connection's output that carry the request (not a TLS handshake).
    public mutating func noteWritten(_ count: Int) {
        if count > 0, sending != .idle { isPossiblyBilled = true }
    }

    // MARK: Receiving

    /// Parses a response head out of all unread bytes.
    public mutating func receiveHead(_ bytes: UnsafeRawBufferPointer, into head: MessageHead) -> HeadOutcome {
        precondition(receiving == .head, "a request is open and its final response is not")
        guard isPossiblyBilled || bytes.isEmpty else { return fail(.unsolicitedResponse) }
        switch parser.parse(bytes, into: head, as: .response) {
        case .needMore: return .needMore
        case .refused(let reason): return fail(reason)
        case .http2Preface: return fail(.malformedStatusLine)  // only requests can have it
        case .head(let consumed):
            if head.status < 200 { return interim(head.status, consumed: consumed) }
            do throws(HTTPRefusal) {
                responseFraming = try MessageFraming.ofResponse(head, to: method)
            } catch {
                return fail(error)
            }
            isTunnel = method == .connect && head.status < 300
            keepsAlive = keepsAlive && head.isKeepAlive && responseFraming != .untilClose
            decoder = HTTP1BodyDecoder(responseFraming, limits: limits)
            receiving = decoder.isEnded ? .whole : .body
            if receiving == .whole, !isTunnel { noteLeftOver(bytes.count - consumed) }
            return .response(consumed: consumed)
        }
    }

    private mutating func interim(_ status: UInt16, consumed: Int) -> HeadOutcome {
        if status == 101 { return fail(.upgradeNotRequested) }
        interimResponses += 1
        if interimResponses > limits.interimResponsesMax { return fail(.tooManyInterimResponses) }
        return .interim(status: status, consumed: consumed)
    }

    private mutating func fail(_ reason: HTTPRefusal) -> HeadOutcome {
        receiving = .failed(reason)
        return .refused(reason)
    }

    /// Decodes body bytes in place; see `HTTP1BodyDecoder.decode`. Bytes beyond the end of the body are garbage: nothing was asked
    /// for that they could answer, so the connection is not reused.
    public mutating func receiveBody(_ bytes: UnsafeMutableRawBufferPointer) -> HTTP1BodyDecoder.Progress {
        if case .failed(let reason) = receiving {
            return HTTP1BodyDecoder.Progress(consumed: 0, payloadCount: 0, outcome: .refused(reason))
        }
        precondition(receiving == .body || receiving == .whole, "the head comes first")
        let progress = decoder.decode(bytes)
        switch progress.outcome {
        case .more: break
        case .ended:
            receiving = .whole
            noteLeftOver(bytes.count - progress.consumed)
        case .refused(let reason): receiving = .failed(reason)
        }
        return progress
    }

    /// Bytes came while no exchange was open: a late 408, or garbage. The connection is not reused.
    public mutating func receiveWhileIdle(count: Int) { noteLeftOver(count) }

    private mutating func noteLeftOver(_ count: Int) {
        if count > 0 { keepsAlive = false }
    }

    /// The upstream ended its stream, or the connection failed.
    public mutating func peerClosed() -> PeerClose {
        isClosed = true
        switch receiving {
        case .idle: return .idle
        case .head:
            receiving = .failed(.truncatedBody)
            if !isPossiblyBilled { return .unsent }
            return parser.hasPartialHead || interimResponses > 0 ? .truncated : .noResponse
        case .body:
            guard decoder.peerClosed() else {
                receiving = .failed(.truncatedBody)
                return .truncated
            }
            receiving = .whole
            return .complete
        case .whole: return .complete
        case .failed: return isPossiblyBilled ? .truncated : .unsent
        }
    }
}
