import Gateway
import HTTP
import Reactor

/// The mock provider, running: its loops and its ports on 127.0.0.1. Lives until the process ends.
final class MockProvider: Sendable {
    /// Connections of one process: with 20,000 descriptors it could hold twice as many, a gateway between two of them could not.
    static let connectionsMax = 9_800
    /// Bytes of request bodies in memory at once.
    private static let bodyBytesMax = 1 << 30
    /// Who is slow is for the server under test to judge, not for the provider.
    private static let patienceNanoseconds: Int64 = 3_600_000_000_000
    /// How often another free port is asked for.
    private static let portTriesMax = 8

    /// The plain port.
    let port: UInt16
    /// The port of TLS; nil without a certificate.
    let tlsPort: UInt16?
    private let group: EventLoopGroup
    private let servers: [LoopBound<(HTTPServer, [ListenerSocket])>]

    /// - Parameters:
    ///   - defaults: what a model's name does not say.
    ///   - tls: for a second port, with TLS.
    ///   - sendsEachEvent: a system call for each event, also where tokens have no pace.
    /// - Throws: `SystemError` when a port is in use.
    init(
        _ defaults: AnswerShape, port: UInt16, tls: TLSServerContext? = nil, tlsPort: UInt16 = 0, sendsEachEvent: Bool = false,
        loops: Int
    ) throws(SystemError) {
        let plain = try Self.probe(port)
        let secure = tls == nil ? nil : try Self.probe(tlsPort, besides: plain)
        self.port = plain.port
        self.tlsPort = secure?.port
        let group = try EventLoopGroup(count: loops)
        let budget = BodyBudget(bytesMax: Self.bodyBytesMax)
        var servers: [LoopBound<(HTTPServer, [ListenerSocket])>] = []
        for loop in group.loops {
            let result = OnLoop.run(loop) { () -> Result<LoopBound<(HTTPServer, [ListenerSocket])>, SystemError> in
                let sockets = AcceptedSockets()
                let handler = MockHandler(loop: loop, defaults: defaults, sendsEachEvent: sendsEachEvent, sockets: sockets)
                let server = HTTPServer(loop: loop, handler: handler, limits: Self.limits(sendsEachEvent: sendsEachEvent), bodyBudget: budget)
                server.tlsContext = tls
                do throws(SystemError) {
                    var listeners = [try Self.listen(plain, isSecure: false, server, sockets, loop)]
                    if let secure { listeners.append(try Self.listen(secure, isSecure: true, server, sockets, loop)) }
                    return .success(LoopBound((server, listeners), to: loop))
                } catch {
                    return .failure(error)
                }
            }
            servers.append(try result.get())
        }
        self.group = group
        self.servers = servers
    }

    /// What the provider holds its clients to: nothing but their number.
    static func limits(sendsEachEvent: Bool) -> HTTP.ServerLimits {
        var limits = HTTP.ServerLimits()
        if sendsEachEvent {
            // An event waits until the one before it is gone.
            limits.highWatermarkBytes = 0
            limits.lowWatermarkBytes = 0
        }
        limits.connectionsMax = connectionsMax
        limits.headerTimeoutNanoseconds = patienceNanoseconds
        limits.bodyTimeoutNanoseconds = patienceNanoseconds
        limits.idleTimeoutNanoseconds = patienceNanoseconds
        limits.writeTimeoutNanoseconds = patienceNanoseconds
        return limits
    }

    private static func probe(_ port: UInt16) throws(SystemError) -> SocketAddress {
        guard let wanted = SocketAddress(literal: "127.0.0.1", port: port) else { preconditionFailure("127.0.0.1 is an address") }
        return try ListenerSocket.probe(wanted)
    }

    /// Another address than `first`, whose port was let go meanwhile.
    private static func probe(_ port: UInt16, besides first: SocketAddress) throws(SystemError) -> SocketAddress {
        var found = try probe(port)
        for _ in 0..<portTriesMax where port == 0 && found == first { found = try probe(0) }
        return found
    }

    private static func listen(
        _ address: SocketAddress, isSecure: Bool, _ server: HTTPServer, _ sockets: AcceptedSockets, _ loop: EventLoop
    ) throws(SystemError) -> ListenerSocket {
        try ListenerSocket(loop: loop, address: address) { descriptor in
            sockets.note(descriptor)
            server.accept(descriptor, isSecure: isSecure)
        }
    }
}
