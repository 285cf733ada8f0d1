import Reactor

/// Brings one connection to an endpoint about: look-up, connect, the proxy's tunnel where there is one, TLS where there is any. One deadline
/// bounds all of it. Loop-confined.
struct UpstreamConnector {
    let client: UpstreamClient
    let endpoint: UpstreamEndpoint
    let task: UpstreamTask
    let deadlineNanoseconds: Int64

    /// The connection, under the number that the pool gave.
    func connect(_ id: Int) async throws(UpstreamFailure) -> UpstreamConnection {
        switch endpoint.link {
        case .network:
            let addresses = try await resolve(endpoint.origin.host, port: endpoint.origin.port)
            return try await finish(id, open(try await descriptor(addresses)), early: [])
        case .inProcess(let make):
            guard let descriptor = make(client.loop) else { throw failure(.connect(.refused(0))) }
            return try await finish(id, open(descriptor), early: [])
        case .proxy(let proxy):
            return try await connect(id, through: proxy)
        }
    }

    private func failure(_ kind: UpstreamFailure.Kind) -> UpstreamFailure {
        UpstreamFailure(kind, isPossiblyBilled: false)
    }

    // MARK: TCP

    private func resolve(_ host: String, port: UInt16) async throws(UpstreamFailure) -> [SocketAddress] {
        let outcome = Outcome<[SocketAddress]>(task.wakeup)
        client.resolver.resolve(host, port: port, on: client.loop, completion: outcome.complete)
        return try await outcome.value(task, until: deadlineNanoseconds)
    }

    private func descriptor(_ addresses: [SocketAddress]) async throws(UpstreamFailure) -> Int32 {
        let outcome = Outcome<Int32>(task.wakeup)
        let attempt = ConnectAttempt(
            loop: client.loop, addresses: addresses, deadlineNanoseconds: deadlineNanoseconds, completion: outcome.complete)
        do throws(UpstreamFailure) {
            return try await outcome.value(task, until: deadlineNanoseconds)
        } catch {
            attempt.cancel()
            let loop = client.loop
            outcome.discard { loop.closeNow($0) }
            throw error
        }
    }

    /// A socket that wakes the task. Whoever gets it owes it a close.
    private func open(_ descriptor: Int32) throws(UpstreamFailure) -> StreamSocket {
        let socket: StreamSocket
        do {
            socket = try StreamSocket(loop: client.loop, descriptor: descriptor, role: .upstream)
        } catch {
            throw failure(.connect(.refused(error.code)))
        }
        task.wakeup.clear([.upstreamReadable, .upstreamDrained, .upstreamGone])
        socket.wakeup = task.wakeup
        return socket
    }

    // MARK: Proxy

    private func connect(_ id: Int, through proxy: ProxyServer) async throws(UpstreamFailure) -> UpstreamConnection {
        let addresses: [SocketAddress]
        do throws(UpstreamFailure) {
            addresses = try await resolve(proxy.host, port: proxy.port)
        } catch {
            throw blamed(error)
        }
        let origin = endpoint.origin
        switch proxy.scheme {
        case .http:
            let machine = ConnectTunnelMachine(host: origin.host, port: origin.port, credentials: proxy.credentials)
            let (socket, early) = try await tunnel(addresses, machine)
            return try await finish(id, socket, early: early)
        case .socks5, .socks5h:
            let destinations = try await destinations(proxy.scheme)
            for destination in destinations.dropLast() {
                do throws(UpstreamFailure) {
                    return try await connect(id, to: destination, through: proxy, addresses)
                } catch {
                    guard case .proxy(.socksRefused(let refusal)) = error.kind, refusal.concernsAddress else { throw error }
                }
            }
            guard let last = destinations.last else { throw failure(.connect(.unresolved("no address"))) }
            return try await connect(id, to: last, through: proxy, addresses)
        }
    }

    private func connect(
        _ id: Int, to destination: SOCKS5Machine.Destination, through proxy: ProxyServer, _ addresses: [SocketAddress]
    ) async throws(UpstreamFailure) -> UpstreamConnection {
        let machine = SOCKS5Machine(destination, port: endpoint.origin.port, credentials: proxy.credentials)
        let (socket, early) = try await tunnel(addresses, machine)
        return try await finish(id, socket, early: early)
    }

    /// What a SOCKS proxy is asked for: the origin's addresses in the order of preference, or its name. A proxy makes one attempt for a request,
    /// so that the next address is our business.
    private func destinations(_ scheme: ProxyServer.Scheme) async throws(UpstreamFailure) -> [SOCKS5Machine.Destination] {
        let origin = endpoint.origin
        if scheme == .socks5h {
            guard let literal = SocketAddress(literal: origin.host, port: origin.port) else { return [.name(origin.host)] }
            return [.address(literal.ipBytes)]
        }
        let addresses = try await resolve(origin.host, port: origin.port)
        return addresses.prefix(ProxyLimits.destinationsMax).map { .address($0.ipBytes) }
    }

    /// Connects to the proxy and negotiates. Returns the socket and what came behind the proxy's reply.
    private func tunnel<Machine: TunnelMachine & ~Copyable>(
        _ addresses: [SocketAddress], _ machine: consuming Machine
    ) async throws(UpstreamFailure) -> (StreamSocket, early: [UInt8]) {
        let socket: StreamSocket
        do throws(UpstreamFailure) {
            socket = try open(try await descriptor(addresses))
        } catch {
            throw blamed(error)
        }
        do throws(UpstreamFailure) {
            return (socket, try await negotiate(socket, machine))
        } catch {
            socket.close()
            throw error
        }
    }

    private func negotiate<Machine: TunnelMachine & ~Copyable>(
        _ socket: StreamSocket, _ machine: consuming Machine
    ) async throws(UpstreamFailure) -> [UInt8] {
        var unread = ByteAccumulator()
        var action = machine.start()
        while true {
            switch action {
            case .send(let bytes): bytes.withUnsafeBytes { socket.send($0) }
            case .receive: try await receive(socket, into: &unread)
            case .established: return Array(unread.bytes)
            case .failed(let reason): throw failure(.proxy(reason))
            }
            let progress = machine.receive(UnsafeRawBufferPointer(unread.bytes))
            unread.consume(progress.consumed)
            action = progress.action
        }
    }

    /// Waits for more of the proxy's reply.
    private func receive(_ socket: StreamSocket, into unread: inout ByteAccumulator) async throws(UpstreamFailure) {
        let loop = client.loop
        while true {
            let buffer = UnsafeMutableRawBufferPointer(rebasing: loop.scratch[..<ProxyLimits.receiveBytesMax])
            switch socket.receive(into: buffer) {
            case .bytes(let count): return unread.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            case .wouldBlock:
                let signals: Signals = [.upstreamReadable, .upstreamGone]
                _ = try await task.wait(for: signals, until: deadlineNanoseconds, .connect, isBilled: false)
            case .endOfStream, .failed: throw failure(.proxy(.closed))
            }
        }
    }

    /// A connection that did not come about was the proxy's; a deadline stays one.
    private func blamed(_ error: UpstreamFailure) -> UpstreamFailure {
        switch error.kind {
        case .connect(.timedOut): failure(.timedOut(.connect))
        case .connect(let reason): failure(.proxy(.connect(reason)))
        default: error
        }
    }

    // MARK: TLS

    /// Makes the socket a connection to the origin. Closes it when that fails.
    /// - Parameter early: what came behind the proxy's reply.
    private func finish(
        _ id: Int, _ socket: StreamSocket, early: [UInt8]
    ) async throws(UpstreamFailure) -> UpstreamConnection {
        do throws(UpstreamFailure) {
            guard endpoint.origin.scheme == .https, let context = endpoint.tls else {
                // An answer that nobody asked for must not become the answer to the request to come.
                guard early.isEmpty else {
                    throw failure(.malformed(HTTPRefusal.unsolicitedResponse.message.description))
                }
                return UpstreamConnection(id: id, transport: Transport(socket: socket, tls: nil), limits: client.limits)
            }
            let transport = try await secured(socket, context, early)
            return UpstreamConnection(id: id, transport: transport, limits: client.limits)
        } catch {
            // An alert may be queued: it tells the provider what was wrong with its certificate.
            socket.flushNow()
            socket.close()
            throw error
        }
    }

    private func secured(
        _ socket: StreamSocket, _ context: TLSClientContext, _ early: [UInt8]
    ) async throws(UpstreamFailure) -> Transport {
        try await client.handshakeTurn(endpoint.origin, task, deadlineNanoseconds: deadlineNanoseconds)
        defer { client.handshakeEnded(endpoint.origin) }
        do {
            let engine = try TLSEngine(client: context, host: endpoint.origin.host, port: endpoint.origin.port)
            let transport = Transport(socket: socket, tls: engine)
            try transport.startHandshake()
            if !early.isEmpty { try early.withUnsafeBytes { try transport.receive(early: $0) } }
            while try !transport.continueHandshake() {
                let signals: Signals = [.upstreamReadable, .upstreamGone]
                _ = try await task.wait(for: signals, until: deadlineNanoseconds, .connect, isBilled: false)
            }
            return transport
        } catch let failure as TLSFailure {
            throw self.failure(.tls(failure.description))
        } catch let failure as UpstreamFailure {
            throw failure
        } catch {
            preconditionFailure("no other error is thrown here")
        }
    }
}

/// The result of a callback, for a task that waits for it. Loop-confined.
private final class Outcome<Value> {
    private let wakeup: Wakeup
    private var result: Result<Value, ConnectFailure>?
    private var isDiscarded = false
    private var dispose: ((Value) -> Void)?

    init(_ wakeup: Wakeup) { self.wakeup = wakeup }

    /// The callback.
    func complete(_ result: Result<Value, ConnectFailure>) {
        if isDiscarded {
            if case .success(let value) = result { dispose?(value) }
            return
        }
        self.result = result
        wakeup.signal(.completed)
    }

    func value(_ task: UpstreamTask, until deadlineNanoseconds: Int64) async throws(UpstreamFailure) -> Value {
        while true {
            switch result {
            case .success(let value):
                result = nil
                return value
            case .failure(let failure): throw UpstreamFailure(.connect(failure), isPossiblyBilled: false)
            case nil: _ = try await task.wait(for: .completed, until: deadlineNanoseconds, .connect, isBilled: false)
            }
        }
    }

    /// Nobody waits any more: a value that is there, or comes late, is disposed of.
    func discard(_ dispose: @escaping (Value) -> Void) {
        isDiscarded = true
        if case .success(let value) = result { dispose(value) }
        result = nil
        self.dispose = dispose
    }
}
