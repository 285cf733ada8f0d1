/// The server's side of one HTTP/1.1 connection, as pure transitions: no socket, no clock.
///
/// One exchange after the other; a pipelined request stays in the driver's buffer until the answer before it is complete, so that
/// answers keep their order (RFC 9112 section 9.3.2). The driver's round:
/// 1. `receiveHead` with all unread bytes until it says `head` (or `refused`: answer with that status through `beginResponse`);
/// 2. `startReadingBody` when the handler wants the body, then `receiveBody` until it ended;
/// 3. `beginResponse`, the head with `ResponsePlan.writeFields`, `writeBody`, `endResponse`, which says how to go on.
public struct HTTP1ServerMachine: Sendable {
    public enum HeadOutcome: Equatable, Sendable {
        /// The head is not whole; keep the bytes and call again with more.
        case needMore
        /// A request: the head took `consumed` bytes. Its body's framing is in `requestFraming`.
        case request(consumed: Int)
        /// Answer with the reason's status; the connection closes after that.
        case refused(HTTPRefusal)
        /// The client speaks HTTP/2 from the first byte; nothing is consumed.
        case http2Preface
    }

    /// How the connection goes on after an answer.
    public enum AfterResponse: Equatable, Sendable {
        /// `receiveHead` again, first with the bytes that are already there.
        case nextRequest
        /// Feed `drain` until it says `nextRequest` or `close`: the client is still sending a body that nobody read.
        case drain
        /// Close when the answer is written out. When `lingering`, the client may still be sending: shut down the writing half and read
        /// on for a moment, else the reset for its unread bytes could destroy the answer (RFC 9112 section 9.6).
        case close(lingering: Bool)
        /// The answer is shorter or longer than its head said: close at once, so that the client sees it was cut off.
        case abort
    }

    public enum DrainOutcome: Equatable, Sendable {
        case needMore
        /// The body is over; bytes after `consumed` are the next request.
        case nextRequest(consumed: Int)
        /// Too much, or broken framing.
        case close
    }

    /// Where the client's end of stream found the exchange.
    public enum PeerClose: Equatable, Sendable {
        /// Between requests: nothing is owed.
        case betweenRequests
        /// Inside a head or a body: the request can never be whole.
        case insideRequest
        /// The request is whole, its answer is not: the client is taken to be gone (docs/architecture.md).
        case duringResponse
    }

    private enum Reading: Equatable {
        case head
        case body
        case whole
        case broken(HTTPRefusal)

        var isBroken: Bool {
            if case .broken = self { true } else { false }
        }
    }

    private enum Writing: Equatable {
        case idle
        case awaitingHandler
        case body
        case done
    }

    private let limits: HTTP1Limits
    private var parser: HTTP1HeadParser
    private var decoder = HTTP1BodyDecoder(.none)
    private var outgoing = OutgoingFraming(.none)
    private var reading: Reading = .head
    private var writing: Writing = .idle
    private var method: HTTPMethod = .other
    private var version: HTTPVersion = .http11
    private var wantsKeepAlive = true
    private var isClosing = false
    private var owesContinue = false
    private var isFirst = true
    private var bodyBytes: UInt64 = 0
    private var drained: UInt64 = 0

    /// The framing of the current request's body.
    public private(set) var requestFraming: MessageFraming = .none

    public init(limits: HTTP1Limits = HTTP1Limits()) {
        self.limits = limits
        parser = HTTP1HeadParser(limits: limits)
    }

    // MARK: Reading

    /// True when the next head may be parsed: no request is open.
    public var awaitsHead: Bool { reading == .head && writing == .idle }

    /// True once a part of a head came: the head's time limit runs, the idle limit no longer.
    public var hasPartialHead: Bool { parser.hasPartialHead }

    /// True when the request's body is whole (at once when there is none).
    public var isRequestWhole: Bool { reading == .whole }

    /// Parses the next head out of all unread bytes. Only while `awaitsHead`.
    public mutating func receiveHead(_ bytes: UnsafeRawBufferPointer, into head: MessageHead) -> HeadOutcome {
        precondition(awaitsHead, "one exchange after the other")
        switch parser.parse(bytes, into: head, as: .request) {
        case .needMore: return .needMore
        case .http2Preface: return isFirst ? .http2Preface : refuse(.unsupportedVersion)
        case .refused(let reason): return refuse(reason)
        case .head(let consumed):
            isFirst = false
            method = head.method
            version = head.version
            wantsKeepAlive = head.isKeepAlive
            do throws(HTTPRefusal) {
                try accept(head)
            } catch {
                return refuse(error)
            }
            return .request(consumed: consumed)
        }
    }

    private mutating func accept(_ head: MessageHead) throws(HTTPRefusal) {
        let framing = try MessageFraming.ofRequest(head)
        if method == .connect { throw .connectNotSupported }
        if case .length(let count) = framing, count > limits.bodyBytesMax { throw .bodyTooLarge }
        let expectation = head.expectation
        if expectation == .unknown { throw .expectationFailed }
        requestFraming = framing
        decoder = HTTP1BodyDecoder(framing, limits: limits)
        owesContinue = expectation == .continue100 && !framing.isEmpty
        reading = decoder.isEnded ? .whole : .body
        writing = .awaitingHandler
    }

    private mutating func refuse(_ reason: HTTPRefusal) -> HeadOutcome {
        reading = .broken(reason)
        writing = .awaitingHandler
        wantsKeepAlive = false
        return .refused(reason)
    }

    /// Gives the head up that is being received, or would be next: it took too long, or the client ended inside it. An
    /// answer that says so can follow, and is the connection's last.
    /// - Parameters:
    ///   - bytes: all unread bytes.
    ///   - head: what was filled so far; keeps the request line, when that came.
    public mutating func refuseHead(_ bytes: UnsafeRawBufferPointer, into head: MessageHead) {
        precondition(writing == .idle, "no request is open")
        parser.giveUp(bytes, into: head)
        _ = refuse(.truncatedBody)
    }

    /// The handler begins to read the body. True when `continueResponse` must be written now: the client waits for it (RFC 9110
    /// section 10.1.1), nothing of the body came yet, and no final answer was begun.
    public mutating func startReadingBody() -> Bool {
        guard owesContinue, reading == .body, writing == .awaitingHandler else { return false }
        owesContinue = false
        return true
    }

    /// The whole interim response that `startReadingBody` asks for.
    public static let continueResponse: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"

    /// Decodes body bytes in place; see `HTTP1BodyDecoder.decode`. A body beyond the limit is refused with `bodyTooLarge`.
    /// Takes nothing and says `ended` once the body is whole: what follows is the next request.
    public mutating func receiveBody(_ bytes: UnsafeMutableRawBufferPointer) -> HTTP1BodyDecoder.Progress {
        guard reading == .body else {
            let outcome: HTTP1BodyDecoder.Outcome =
                if case .broken(let reason) = reading { .refused(reason) } else { .ended }
            return HTTP1BodyDecoder.Progress(consumed: 0, payloadCount: 0, outcome: outcome)
        }
        var progress = decoder.decode(bytes)
        if progress.consumed > 0 { owesContinue = false }
        bodyBytes += UInt64(progress.payloadCount)
        if bodyBytes > limits.bodyBytesMax {
            progress.payloadCount = 0
            progress.outcome = .refused(.bodyTooLarge)
        }
        switch progress.outcome {
        case .more: break
        case .ended: reading = .whole
        case .refused(let reason):
            reading = .broken(reason)
            wantsKeepAlive = false
        }
        return progress
    }

    /// Throws unread body bytes away after the answer, to keep the connection; at most `HTTP1Limits.drainBytesMax`.
    public mutating func drain(_ bytes: UnsafeMutableRawBufferPointer) -> DrainOutcome {
        precondition(writing == .done, "only after an answer")
        guard reading == .body, wantsKeepAlive, !isClosing else { return .close }
        let progress = decoder.decode(bytes)
        drained += UInt64(progress.consumed)
        if drained > limits.drainBytesMax { return close(.bodyTooLarge) }
        switch progress.outcome {
        case .more: return .needMore
        case .refused(let reason): return close(reason)
        case .ended:
            prepareForNext()
            return .nextRequest(consumed: progress.consumed)
        }
    }

    private mutating func close(_ reason: HTTPRefusal) -> DrainOutcome {
        reading = .broken(reason)
        return .close
    }

    /// The client ended its stream. No further request will be answered on this connection.
    public mutating func peerClosed() -> PeerClose {
        isClosing = true
        switch reading {
        case .head:
            if parser.hasPartialHead { return .insideRequest }
            return .betweenRequests
        case .body:
            reading = .broken(.truncatedBody)
            return writing == .done ? .betweenRequests : .insideRequest
        case .whole: return .duringResponse
        case .broken: return writing == .done ? .betweenRequests : .insideRequest
        }
    }

    // MARK: Writing

    /// The answer of the open request, if any, is the connection's last: the server is draining.
    public mutating func closeAfterResponse() { isClosing = true }

    /// True while a request is open and no final answer was begun.
    public var awaitsResponse: Bool { writing == .awaitingHandler }

    /// Decides how the final answer is framed and whether the connection stays.
    public mutating func beginResponse(status: UInt16, body: OutgoingBody) -> ResponsePlan {
        precondition(writing == .awaitingHandler, "one answer a request")
        precondition((200...999).contains(status), "only a final status answers")
        var plan = ResponsePlan(framing: .none, contentLength: nil, connection: .unsaid)
        switch (body, status) {
        case (_, 204): break
        case (.none, 304), (.stream, 304): break
        case (.length(let count), 304): plan.contentLength = count
        case (.none, _): plan.contentLength = 0
        case (.length(let count), _):
            plan.contentLength = count
            plan.framing = method == .head ? .none : .length(count)
        case (.stream, _):
            if method != .head { plan.framing = version == .http11 ? .chunked : .untilClose }
        }
        if canKeepAlive(plan.framing) {
            plan.connection = version == .http10 ? .keepAlive : .unsaid
        } else {
            plan.connection = .close
            wantsKeepAlive = false
        }
        owesContinue = false
        outgoing = OutgoingFraming(plan.framing)
        writing = .body
        return plan
    }

    private func canKeepAlive(_ framing: MessageFraming) -> Bool {
        guard wantsKeepAlive, !isClosing, !reading.isBroken, framing != .untilClose else { return false }
        guard reading == .body else { return true }
        // Whether a client that was never told to continue sends its body cannot be known.
        if owesContinue { return false }
        return decoder.remainingLength ?? 0 <= limits.drainBytesMax
    }

    /// Writes a piece of the answer's body in its framing; nothing when the answer has none (HEAD).
    public mutating func writeBody(_ payload: UnsafeRawBufferPointer, to sink: inout some MessageSink) {
        precondition(writing == .body, "the head comes first")
        outgoing.append(payload, to: &sink)
    }

    /// Ends the answer, also one without body, and says how the connection goes on.
    public mutating func endResponse(to sink: inout some MessageSink) -> AfterResponse {
        precondition(writing == .body, "the head comes first")
        writing = .done
        guard outgoing.end(to: &sink) else {
            wantsKeepAlive = false
            return .abort
        }
        guard wantsKeepAlive, !isClosing else { return .close(lingering: reading != .whole) }
        switch reading {
        case .whole:
            prepareForNext()
            return .nextRequest
        case .body: return .drain
        case .head, .broken: return .close(lingering: true)
        }
    }

    private mutating func prepareForNext() {
        reading = .head
        writing = .idle
        method = .other
        requestFraming = .none
        decoder = HTTP1BodyDecoder(.none)
        bodyBytes = 0
        drained = 0
    }
}
