import CLinux
import HTTP
import Reactor
import Streaming

/// One client: a connection, and the exchange on it. No task and no queue: readiness calls it, and it calls its `LoadClient` when an
/// exchange has ended. Loop-confined.
final class LoadConnection {
    private enum Phase {
        case closed
        case connecting
        /// The TLS handshake.
        case securing
        case idle
        /// A request is sent, and the head of its answer not whole.
        case head
        case body
        /// Not reading any more, on purpose.
        case stalled
    }

    let role: LoadPlan.Role
    /// Requests still to be made; nil: until the time is up. Its client's business.
    var requestsLeft: Int?
    private unowned let client: LoadClient
    private var transport: LoadTransport?
    private var attempt: ConnectAttempt?
    private var machine = HTTP1ClientMachine()
    private let head = MessageHead()
    /// The part of a head that came alone.
    private var carry = ByteAccumulator()
    private var phase = Phase.closed

    // Of the exchange.
    private var exchange = LoadExchange()
    private var reading = StreamReading(.chat)
    private var parser = SSEParser()
    private var firstByteNanoseconds: Int64 = 0
    /// What the socket had sent before the request.
    private var sentBefore: UInt64 = 0
    private var bodyBytes = 0
    /// True when the connection had carried another exchange before: its server may have closed it meanwhile.
    private var isReused = false
    /// When something came last; when the request was sent, at first.
    private(set) var lastActivityNanoseconds: Int64 = 0
    /// What a slow reader may take next.
    private var allowanceBytes = 0.0

    init(_ client: LoadClient, role: LoadPlan.Role) {
        self.client = client
        self.role = role
    }

    /// True while an exchange is open.
    var isOpen: Bool {
        switch phase {
        case .closed, .idle: false
        case .connecting, .securing, .head, .body, .stalled: true
        }
    }

    /// True when its silence is not the server's.
    var isStalled: Bool { phase == .stalled }

    // MARK: Sending

    /// Sends a request, on a new connection when there is none. Only while none is open.
    func begin(_ exchange: LoadExchange) {
        self.exchange = exchange
        lastActivityNanoseconds = ekai_monotonic_ns()
        isReused = phase == .idle
        if isReused { send() } else { connect() }
    }

    private func connect() {
        phase = .connecting
        attempt = ConnectAttempt(
            loop: client.loop, addresses: client.target.addresses,
            deadlineNanoseconds: client.loop.now + LoadLimits.connectNanoseconds
        ) { [weak self] result in
            self?.connected(result)
        }
    }

    private func connected(_ result: Result<Int32, ConnectFailure>) {
        attempt = nil
        guard phase == .connecting else {
            if case .success(let descriptor) = result { client.loop.closeNow(descriptor) }
            return
        }
        switch result {
        case .failure(let failure): fail(failure.description)
        case .success(let descriptor):
            guard let transport = open(descriptor) else { return }
            self.transport = transport
            transport.onActivity = { [unowned self] in activity() }
            machine = HTTP1ClientMachine()
            phase = .securing
            secure()
        }
    }

    /// Owns the descriptor. Nil when the exchange has failed.
    private func open(_ descriptor: Int32) -> LoadTransport? {
        let session: ClientTLSSession?
        do throws(ClientTLSFailure) {
            session = try client.target.tls.map { (context) throws(ClientTLSFailure) in try ClientTLSSession(context) }
        } catch {
            client.loop.closeNow(descriptor)
            fail("TLS: \(error.description)")
            return nil
        }
        do throws(SystemError) {
            return try LoadTransport(loop: client.loop, descriptor: descriptor, tls: session)
        } catch {
            fail(error.description)
            return nil
        }
    }

    private func secure() {
        guard let transport else { return }
        do throws(ClientTLSFailure) {
            if try transport.continueHandshake() { send() }
        } catch {
            fail("TLS: \(error.description)")
        }
    }

    private func send() {
        guard let transport else { return }
        let target = client.target
        let request = target.request(isStreaming: exchange.isStream)
        sentBefore = transport.bytesSent
        bodyBytes = 0
        firstByteNanoseconds = 0
        if exchange.isStream {
            reading = StreamReading(target.format)
            if !parser.isAtEventBoundary { parser = SSEParser() }
        }
        // The request is rendered already: the machine learns of it, and writes nothing.
        _ = machine.beginRequest(method: .post, body: .none)
        var nowhere = Nowhere()
        _ = machine.endRequest(to: &nowhere)
        phase = .head
        transport.send(request)
    }

    private struct Nowhere: MessageSink {
        mutating func append(_ bytes: UnsafeRawBufferPointer) {}
    }

    // MARK: Receiving

    private func activity() {
        switch phase {
        case .closed, .connecting: break
        case .securing: secure()
        case .idle: listen()
        case .head, .body: if role.isPrompt || transport?.isPeerGone == true { receive(limit: LoadLimits.receiveBytesMax) }
        case .stalled: if transport?.isPeerGone == true { fail("closed while stalled") }
        }
    }

    /// An idle connection has nothing to say, but for TLS's tickets: its server is closing it.
    private func listen() {
        if case .wouldBlock = transport?.receive(limit: LoadLimits.receiveBytesMax) { return }
        drop()
    }

    /// Takes what a slow reader may take after `nanoseconds` more.
    func readSlowly(nanoseconds: Int64) {
        guard case .slow(let rate) = role, phase == .head || phase == .body else { return }
        allowanceBytes = min(Double(rate), allowanceBytes + Double(rate) * Double(nanoseconds) / 1e9)
        let limit = Int(allowanceBytes)
        guard limit > 0 else { return }
        allowanceBytes -= Double(limit)
        receive(limit: limit, isOnce: true)
    }

    /// Receives what there is, or once.
    private func receive(limit: Int, isOnce: Bool = false) {
        while let transport, phase == .head || phase == .body {
            switch transport.receive(limit: min(limit, LoadLimits.receiveBytesMax)) {
            case .wouldBlock: return
            case .bytes(let bytes):
                lastActivityNanoseconds = ekai_monotonic_ns()
                take(bytes, now: lastActivityNanoseconds)
            case .end: peerEnded("closed")
            case .failed(let reason): peerEnded(reason)
            }
            if isOnce { return }
        }
    }

    private func take(_ bytes: UnsafeMutableRawBufferPointer, now: Int64) {
        guard phase == .head else { return takeBody(bytes, now: now) }
        if firstByteNanoseconds == 0 { firstByteNanoseconds = now }
        if let transport, transport.bytesSent > sentBefore { machine.noteWritten(1) }
        guard !carry.isEmpty else {
            guard let consumed = parseHead(UnsafeRawBufferPointer(bytes)) else { return }
            if phase == .head {
                carry.append(UnsafeRawBufferPointer(rebasing: bytes[consumed...]))
            } else {
                takeBody(UnsafeMutableRawBufferPointer(rebasing: bytes[consumed...]), now: now)
            }
            return
        }
        carry.append(UnsafeRawBufferPointer(bytes))
        guard let consumed = parseHead(UnsafeRawBufferPointer(carry.bytes)) else { return }
        carry.consume(consumed)
        guard phase == .body else { return }
        // Out of the connection's own buffer: what the body does may end the exchange.
        var rest = [UInt8](carry.bytes)
        carry.release()
        rest.withUnsafeMutableBytes { takeBody($0, now: now) }
    }

    /// How many bytes of `bytes` were heads; nil when the exchange has failed. The phase is `body` behind the final one.
    private func parseHead(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var offset = 0
        while true {
            switch machine.receiveHead(UnsafeRawBufferPointer(rebasing: bytes[offset...]), into: head) {
            case .needMore: return offset
            case .interim(_, let consumed): offset += consumed
            case .response(let consumed):
                phase = .body
                if head.status == 200, role == .normal {
                    LoadTally.record(firstByteNanoseconds - exchange.intendedNanoseconds, in: &client.interval.firstByte)
                }
                return offset + consumed
            case .refused(let reason):
                fail("malformed head: \(reason.message)")
                return nil
            }
        }
    }

    private func takeBody(_ bytes: UnsafeMutableRawBufferPointer, now: Int64) {
        var bytes = bytes
        while bytes.count > 0, !machine.isResponseWhole {
            let progress = machine.receiveBody(bytes)
            let payload = UnsafeRawBufferPointer(rebasing: bytes[..<progress.payloadCount])
            guard takePayload(payload, now: now) else { return }
            if case .refused(let reason) = progress.outcome { return fail("malformed body: \(reason.message)") }
            bytes = UnsafeMutableRawBufferPointer(rebasing: bytes[progress.consumed...])
            if progress.consumed == 0 { break }
        }
        if machine.isResponseWhole { answered(now: now) }
    }

    /// False when the exchange goes no further.
    private func takePayload(_ payload: UnsafeRawBufferPointer, now: Int64) -> Bool {
        guard payload.count > 0 else { return true }
        bodyBytes += payload.count
        client.interval.bytes += payload.count
        guard exchange.isStream, head.status == 200 else { return true }
        do throws(SSEParserError) {
            var cursor = SSECursor(payload)
            while let event = try parser.next(&cursor) {
                note(reading.take(event, now: now), now: now)
                guard reading.events >= exchange.eventsMax else { continue }
                leave()
                return false
            }
        } catch {
            fail("an event is too long")
            return false
        }
        if role == .stalled, reading.events > 0 {
            phase = .stalled
            return false
        }
        return true
    }

    private func note(_ token: StreamReading.Token?, now: Int64) {
        guard let token else { return }
        client.interval.events += 1
        guard role == .normal else { return }
        if let delay = token.delay { LoadTally.record(delay, in: &client.interval.delay) }
        if let gap = token.gap {
            LoadTally.record(gap, in: &client.interval.gap)
        } else {
            LoadTally.record(now - exchange.intendedNanoseconds, in: &client.interval.firstToken)
        }
    }

    // MARK: Ending

    /// The answer is whole, as HTTP has it.
    private func answered(now: Int64) {
        if exchange.isStream, head.status == 200, let event = parser.finish() { note(reading.take(event, now: now), now: now) }
        if head.status != 200 { return end(.failed("status \(head.status)")) }
        if exchange.isStream, reading.isFailed { return end(.failed("error event")) }
        if exchange.isStream, !reading.isComplete { return end(.failed("no end mark")) }
        if bodyBytes == 0 { return end(.failed("empty answer")) }
        if role == .normal { LoadTally.record(now - exchange.intendedNanoseconds, in: &client.interval.duration) }
        end(exchange.isStream ? .streamed : .whole)
    }

    private func peerEnded(_ reason: String) {
        if let transport, transport.bytesSent > sentBefore { machine.noteWritten(1) }
        switch machine.peerClosed() {
        case .complete: answered(now: ekai_monotonic_ns())
        case .unsent, .noResponse, .idle:
            // Between two requests a server may close a connection whenever it likes: the request crossed with it.
            guard isReused else { return fail("\(reason) before the answer") }
            drop()
            isReused = false
            connect()
        case .truncated: fail("\(reason) inside the answer")
        }
    }

    /// A client that has read enough hangs up.
    private func leave() {
        drop()
        end(.hungUp)
    }

    private func fail(_ reason: String) {
        drop()
        end(.failed(reason))
    }

    private func end(_ outcome: LoadExchange.Outcome) {
        let isReusable = phase == .body && machine.isReusable && transport?.isReusable == true
        if isReusable { phase = .idle } else { drop() }
        client.ended(self, outcome)
    }

    /// Ends the exchange from outside: silence, or the end of the run.
    func abandon(_ outcome: LoadExchange.Outcome) {
        guard isOpen else { return }
        drop()
        client.ended(self, outcome)
    }

    /// Closes the connection; an exchange on it is over.
    func drop() {
        phase = .closed
        attempt?.cancel()
        attempt = nil
        transport?.close()
        transport = nil
        if !carry.isEmpty { carry.release() }
        if !parser.isAtEventBoundary { parser = SSEParser() }
    }
}

extension LoadPlan.Role {
    /// True for a client that reads what comes when it comes.
    var isPrompt: Bool {
        switch self {
        case .normal, .stalled: true
        case .slow: false
        }
    }
}
