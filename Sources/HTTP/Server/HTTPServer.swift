import CLinux
import Reactor

/// The server of one loop: its listener, its connections, and the handler that answers them. Loop-confined.
public final class HTTPServer {
    /// How long a connection that is being closed reads on for a client that still sends.
    static let lingerNanoseconds: Int64 = 1_000_000_000

    let loop: EventLoop
    let handler: any ServerHandler
    /// For connections accepted from now on; the look for stalled ones takes its time from the newest.
    public var limits: ServerLimits
    let bodyBudget: BodyBudget
    private var listeners: [ListenerSocket] = []
    private var connections: [UInt64: HTTP1Connection] = [:]
    private var lastNumber: UInt64 = 0
    private var cachedDate = HTTPDate(secondsSinceEpoch: 0)
    private var onEmpty: (() -> Void)?
    private var stallTimer: LoopTimer?
    private var handshakes = PendingHandshakes()
    /// Certificate and key for connections accepted from now on; those that are open keep theirs.
    public var tlsContext: TLSServerContext?
    /// True once `drain` was called: no connection is accepted, and each ends with the answer it is at.
    public private(set) var isDraining = false

    public init(loop: EventLoop, handler: any ServerHandler, limits: ServerLimits, bodyBudget: BodyBudget) {
        loop.preconditionInLoop()
        self.loop = loop
        self.handler = handler
        self.limits = limits
        self.bodyBudget = bodyBudget
        stallTimer = LoopTimer(loop: loop) { [weak self] in self?.lookForStalls() }
        scheduleStallTimer()
    }

    deinit { stallTimer?.cancel() }

    // MARK: Clients that take nothing

    private func scheduleStallTimer() {
        stallTimer?.schedule(afterNanoseconds: limits.writeTimeoutNanoseconds / ServerLimits.stallLooksPerTimeout)
    }

    /// Ends connections whose client takes too little of what waits for it, also while nobody waits for the client: a quiet stream stays
    /// below the watermark for ever.
    private func lookForStalls() {
        for connection in connections.values { connection.judgeStall() }
        scheduleStallTimer()
    }

    /// Connections open now.
    public var connectionCount: Int { connections.count }

    /// Listens on `address`.
    /// - Parameter isSecure: speak TLS there, with `tlsContext`.
    /// - Throws: `SystemError` when the address cannot be bound.
    public func listen(on address: SocketAddress, isSecure: Bool = false) throws(SystemError) {
        listeners.append(
            try ListenerSocket(loop: loop, address: address) { [weak self] descriptor in
                self?.accept(descriptor, isSecure: isSecure)
            })
    }

    /// Takes over a connected descriptor: from a listener, or one end of a socket pair.
    public func accept(_ descriptor: Int32, isSecure: Bool = false) {
        guard connections.count < limits.connectionsMax, !isDraining else {
            // Beyond the bound: closed at once, which a client takes for "try again" sooner than silence.
            return loop.closeNow(descriptor)
        }
        var engine: TLSEngine?
        if isSecure {
            engine = tlsContext.flatMap { try? TLSEngine(server: $0) }
            guard engine != nil else { return loop.closeNow(descriptor) }
        }
        guard
            let socket = try? StreamSocket(
                loop: loop, descriptor: descriptor, role: .downstream,
                highWatermarkBytes: limits.highWatermarkBytes, lowWatermarkBytes: limits.lowWatermarkBytes)
        else { return }  // epoll refused it; it is closed
        lastNumber += 1
        let connection = HTTP1Connection(server: self, number: lastNumber, socket: socket, tls: engine)
        guard !isSecure || admitHandshake(of: connection) else { return socket.close() }
        connections[connection.number] = connection
        let bound = LoopBound((self, connection), to: loop)
        loop.spawn { _ in
            let (server, connection) = bound.value
            await connection.run()
            server.ended(connection)
        }
    }

    // MARK: Handshakes

    private func admitHandshake(of connection: HTTP1Connection) -> Bool {
        switch handshakes.admit(connection.number, now: loop.now) {
        case .start: return true
        case .startInsteadOf(let oldest):
            connections[oldest]?.stop()
            return true
        case .refuse: return false
        }
    }

    /// True when the loop has time for a step of a handshake in this turn.
    func takeHandshakeStep() -> Bool { handshakes.takeStep(turn: loop.turnNumber) }

    func handshakeEnded(_ connection: HTTP1Connection) { handshakes.ended(connection.number) }

    // MARK: The end

    private func ended(_ connection: HTTP1Connection) {
        connections[connection.number] = nil
        reportIfEmpty()
    }

    /// Stops accepting, closes idle connections, and lets the others finish their answers.
    /// - Parameter completion: called on the loop once the last connection is gone.
    public func drain(completion: @escaping () -> Void) {
        isDraining = true
        onEmpty = completion
        for listener in listeners { listener.close() }
        for connection in connections.values { connection.drain() }
        reportIfEmpty()
    }

    /// Ends what is still open.
    public func stopConnections() {
        for connection in connections.values { connection.stop() }
    }

    private func reportIfEmpty() {
        guard connections.isEmpty, let onEmpty else { return }
        self.onEmpty = nil
        onEmpty()
    }

    /// The `Date` of now, formatted once a second.
    func date() -> HTTPDate {
        cachedDate.update(secondsSinceEpoch: ekai_realtime_ns() / 1_000_000_000)
        return cachedDate
    }
}
