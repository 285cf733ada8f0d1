import Glibc
import Reactor

/// Drives one HTTP/1.1 connection of a client: bytes between a transport and an `HTTP1ServerMachine`, with the clock.
///
/// One task runs it from accept to close. Loop-confined.
final class HTTP1Connection: ServerExchange {
    let loop: EventLoop
    let wakeup = Wakeup()
    let timer: LoopTimer
    let request = MessageHead()
    let transport: Transport
    /// Names the connection in its server.
    let number: UInt64
    private let socket: StreamSocket
    let server: HTTPServer
    let limits: ServerLimits
    var machine: HTTP1ServerMachine
    /// What came and is not consumed; empty most of the time, and then without memory.
    var unread = ByteAccumulator()
    private(set) var receivedNanoseconds: Int64 = 0
    var commonFields: [CommonField] = []
    var peerAddress: SocketAddress? { socket.peerAddress }
    private(set) var isHeadSent = false
    private(set) var isFinished = false
    private var afterResponse = HTTP1ServerMachine.AfterResponse.abort
    private var stall = WriteStall()
    /// The task itself minds what the client takes.
    private var isWaitingForClient = false
    private var isIdle = false
    /// The last answer did not end: the connection must not end as if it had.
    private var isCutOff = false
    /// False until the first request: a connection that never asks has the time of a head, not that of an idle one.
    private var hasServed = false

    /// - Parameter tls: an engine whose handshake is still to be made, or nil for a plain connection.
    init(server: HTTPServer, number: UInt64, socket: StreamSocket, tls: TLSEngine?) {
        self.server = server
        self.number = number
        self.socket = socket
        transport = Transport(socket: socket, tls: tls)
        loop = socket.loop
        limits = server.limits
        machine = HTTP1ServerMachine(limits: server.limits.http)
        let wakeup = wakeup
        timer = LoopTimer(loop: socket.loop) { wakeup.signal(.timer) }
        socket.wakeup = wakeup
    }

    // MARK: The connection's life

    /// Serves requests until the connection ends.
    func run() async {
        if await isShakenHands() {
            while await serveOne() {}
        }
        timer.cancel()
        transport.close(orderly: !isCutOff)
    }

    /// True once data may flow: at once on a plain connection.
    private func isShakenHands() async -> Bool {
        guard transport.isSecure else { return true }
        // Nothing is owed to it: a server that drains need not wait.
        isIdle = true
        let isDone = await ServerHandshake(server: server, connection: self).run()
        isIdle = false
        server.handshakeEnded(self)
        return isDone
    }

    /// The server is draining: an idle connection ends now, a busy one after its answer.
    func drain() {
        machine.closeAfterResponse()
        if isIdle { wakeup.signal(.stopping) }
    }

    /// The server waits no longer.
    func stop() { wakeup.signal(.stopping) }

    private func serveOne() async -> Bool {
        guard await receiveHead() else { return false }
        await server.handler.handle(self)
        if !isHeadSent {
            machine.closeAfterResponse()
            answerRefusal(500, "The gateway gave no answer.", head: request)
        }
        guard isFinished else {
            // Cut off in the middle: only a reset keeps the client from taking it for the whole.
            cutOff()
            return false
        }
        return await goOn()
    }

    private func goOn() async -> Bool {
        switch afterResponse {
        case .nextRequest:
            // A client that pipelines and does not read must not fill our memory with answers.
            return transport.isAboveHighWatermark ? await drained() : true
        case .drain:
            if await drainBody() { return true }
            // The answer is still owed, and the client may still be sending.
            guard await flushed() else { return false }
            transport.shutdownSending()
            await linger()
            return false
        case .close:
            guard await flushed() else { return false }
            transport.shutdownSending()
            // Whether or not the client still owes a body: anything unread would turn the close into a reset.
            await linger()
            return false
        case .abort:
            cutOff()
            return false
        }
    }

    private func cutOff() {
        isCutOff = true
        socket.resetOnClose()
    }

    // MARK: Heads

    /// Waits for a whole, acceptable head. False when the connection is over; a refusal has been answered then.
    private func receiveHead() async -> Bool {
        isHeadSent = false
        isFinished = false
        var deadline = loop.now + (hasServed ? limits.idleTimeoutNanoseconds : limits.headerTimeoutNanoseconds)
        var isTiming = !hasServed
        if !unread.isEmpty, let isAccepted = await parse(UnsafeRawBufferPointer(unread.bytes), areUnread: true) {
            return isAccepted
        }
        while true {
            if !isTiming, machine.hasPartialHead || !unread.isEmpty {
                isTiming = true
                deadline = loop.now + limits.headerTimeoutNanoseconds
            }
            switch transport.receive(limit: .max) {
            case .bytes(let received):
                let bytes = UnsafeRawBufferPointer(received)
                let isContinued = !unread.isEmpty
                if isContinued { unread.append(bytes) }
                let all = isContinued ? UnsafeRawBufferPointer(unread.bytes) : bytes
                if let isAccepted = await parse(all, areUnread: isContinued) { return isAccepted }
            case .wouldBlock:
                if unread.isEmpty { unread.release() }
                if !machine.hasPartialHead { giveBackIdleMemory() }
                isIdle = !machine.hasPartialHead
                if isIdle, server.isDraining { return await leave() }
                timer.schedule(atNanoseconds: deadline)
                let signals = await wakeup.wait(for: [.downstreamReadable, .downstreamGone, .timer, .stopping])
                isIdle = false
                if signals.contains(.stopping) {
                    guard server.isDraining else { return false }
                    // What has come already is still answered.
                    if !signals.contains(.downstreamReadable) { return await leave() }
                }
                if signals.contains(.timer), loop.now >= deadline {
                    guard machine.hasPartialHead else { return await leave() }
                    return await refuse(408, "The head of the request took too long.")
                }
            case .end:
                guard machine.peerClosed() == .insideRequest else { return await leave() }
                return await refuse(400, "The connection closed inside the head of a request.")
            case .failed:
                return false
            }
        }
    }

    /// Ends the connection between requests: answers that the client has not taken yet are still owed to it.
    private func leave() async -> Bool {
        if await flushed() {
            transport.shutdownSending()
            // Unread bytes would turn the close into a reset, which destroys what the kernel still has to send.
            while case .bytes = transport.receive(limit: .max) {}
        }
        return false
    }

    private func giveBackIdleMemory() {
        request.releaseIfLarge()
        transport.releaseIdleMemory()
    }

    /// Parses what is there: true for a request, false when the connection is over, nil when more is needed.
    private func parse(_ bytes: UnsafeRawBufferPointer, areUnread: Bool) async -> Bool? {
        switch machine.receiveHead(bytes, into: request) {
        case .needMore:
            if !areUnread { unread.append(bytes) }
            return nil
        case .request(let consumed):
            if areUnread {
                unread.consume(consumed)
            } else if consumed < bytes.count {
                unread.append(UnsafeRawBufferPointer(rebasing: bytes[consumed...]))
            }
            receivedNanoseconds = loop.now
            hasServed = true
            return true
        case .refused(let reason):
            return await refuse(reason.status, reason.message)
        case .http2Preface:
            return await refuse(505, "HTTP/2 is not spoken on this port yet.")
        }
    }

    /// What was understood of the head decides the dialect of the answer.
    private func refuse(_ status: UInt16, _ message: StaticString) async -> Bool {
        if !machine.awaitsResponse { machine.refuseHead(UnsafeRawBufferPointer(unread.bytes), into: request) }
        answerRefusal(status, message, head: request)
        return await goOn()
    }

    private func answerRefusal(_ status: UInt16, _ message: StaticString, head: MessageHead?) {
        let refusal = server.handler.refusal(status: status, message: message, head: head)
        answer(status, contentType: refusal.contentType, refusal.body) { fields in
            for field in refusal.fields { fields.add(field.name, field.value) }
        }
    }

    // MARK: Answers

    func releaseRequest() {
        request.release()
        if unread.isEmpty { unread.release() }
        transport.releaseIdleMemory()
    }

    private var isAnswering: Bool { isHeadSent && !isFinished }
    var isClientGone: Bool { socket.isPeerGone }
    var isAboveHighWatermark: Bool { transport.isAboveHighWatermark }

    /// Appends to the connection's outbound queue.
    private struct Sink: MessageSink {
        let transport: Transport

        mutating func append(_ bytes: UnsafeRawBufferPointer) { transport.send(bytes) }
    }

    func sendHead(_ status: UInt16, body: OutgoingBody, _ fields: (inout any FieldWriter) -> Void) {
        precondition(!isHeadSent, "one head an answer")
        isHeadSent = true
        let plan = machine.beginResponse(status: status, body: body)
        HeadStage.gather(for: transport) { sink in
            HeadWriter.statusLine(status, to: &sink)
            HeadWriter.field(server.date(), to: &sink)
            plan.writeFields(to: &sink)
            if !commonFields.isEmpty {
                for field in commonFields { field.value.withUnsafeBytes { sink.add(field.name, $0) } }
                commonFields = []
            }
            var writer: any FieldWriter = sink
            fields(&writer)
            HeadWriter.end(to: &sink)
        }
    }

    func send(_ bytes: UnsafeRawBufferPointer) {
        var sink = Sink(transport: transport)
        machine.writeBody(bytes, to: &sink)
    }

    func finish() {
        precondition(isHeadSent && !isFinished, "an answer ends once, after its head")
        isFinished = true
        var sink = Sink(transport: transport)
        afterResponse = machine.endResponse(to: &sink)
    }

    func drained() async -> Bool { await waitForQueue(below: limits.lowWatermarkBytes) }

    private func flushed() async -> Bool { await waitForQueue(below: 0) }

    /// Waits until at most `bytes` are queued. False when the client is gone, or stalls: what is queued is then lost, and the connection
    /// ends as something that was cut off.
    private func waitForQueue(below bytes: Int) async -> Bool {
        guard transport.queuedBytes > bytes else { return !socket.isFailed }
        stall.begin(at: loop.now, taken: socket.bytesTaken)
        isWaitingForClient = true
        defer { isWaitingForClient = false }
        while transport.queuedBytes > bytes {
            let deadline = stall.windowStart + limits.writeTimeoutNanoseconds
            timer.schedule(atNanoseconds: deadline)
            let signals = await wakeup.wait(for: [.downstreamDrained, .downstreamGone, .timer, .stopping])
            if signals.contains(.stopping) || socket.isFailed || socket.isPeerGone && isAnswering {
                cutOff()
                return false
            }
            if signals.contains(.timer), isStalled() {
                cutOff()
                return false
            }
        }
        if transport.queuedBytes == 0 { stall.end() }
        return !socket.isFailed
    }

    /// True when the client took too little of what waits for it (contracts.md section 7).
    private func isStalled() -> Bool {
        let taken = socket.bytesTaken
        return stall.isStalled(
            now: loop.now, taken: taken, window: limits.writeTimeoutNanoseconds, bytesMin: limits.writeBytesMin)
    }

    /// The server's look at a connection that nobody waits for: a quiet stream, below the watermark. Its task learns that the client is gone.
    func judgeStall() {
        guard !isWaitingForClient else { return }
        guard transport.queuedBytes > 0, !socket.isFailed else { return stall.end() }
        guard stall.isRunning else { return stall.begin(at: loop.now, taken: socket.bytesTaken) }
        guard isStalled() else { return }
        cutOff()
        socket.abort()
    }

    /// Reads on for a moment after the last answer: the reset for unread bytes could destroy it on its way (RFC 9112
    /// section 9.6).
    private func linger() async {
        await linger {
            switch transport.receive(limit: .max) {
            case .bytes(let bytes): .bytes(bytes.count)
            case .wouldBlock: .wouldBlock
            case .end: .endOfStream
            case .failed: .failed(ECONNRESET)
            }
        }
    }

    /// Throws away what `receive` brings, until the end or for a moment.
    func linger(_ receive: () -> ReceiveOutcome) async {
        let deadline = loop.now + HTTPServer.lingerNanoseconds
        while true {
            switch receive() {
            case .bytes: continue
            case .endOfStream, .failed: return
            case .wouldBlock:
                timer.schedule(atNanoseconds: deadline)
                let signals = await wakeup.wait(for: [.downstreamReadable, .downstreamGone, .timer, .stopping])
                if signals.contains(.stopping) || signals.contains(.timer) && loop.now >= deadline { return }
            }
        }
    }
}
