import Reactor
import Synchronization
import TestSupport

@testable import HTTP

/// A server on a loop of its own that a test talks to over loopback sockets.
final class ServerRig {
    typealias Handling = @Sendable (any ServerExchange) async -> Void

    let loop: TestLoop
    let budget: BodyBudget
    let port: UInt16
    private let server: LoopBound<HTTPServer>
    private let listener: LoopBound<ListenerSocket>

    init(
        budget bytesMax: Int = 1 << 20, tls: TLSServerContext? = nil, _ limits: (inout ServerLimits) -> Void = { _ in },
        handle: @escaping Handling
    ) throws {
        var chosen = ServerLimits()
        limits(&chosen)
        let serverLimits = chosen
        let loop = try TestLoop()
        let budget = BodyBudget(bytesMax: bytesMax)
        self.loop = loop
        self.budget = budget
        server = try loop.run { [loop = loop.loop] in
            let server = HTTPServer(loop: loop, handler: ClosureHandler(handle), limits: serverLimits, bodyBudget: budget)
            server.tlsContext = tls
            return LoopBound(server, to: loop)
        }
        // A listener of the rig's own tells the port that it was given; two rigs never share one.
        let bound = server
        guard let address = SocketAddress(literal: "127.0.0.1", port: 0) else {
            preconditionFailure("a literal of ours parses")
        }
        listener = try loop.run { [loop = loop.loop] in
            LoopBound(
                try ListenerSocket(loop: loop, address: address) { descriptor in
                    bound.value.accept(descriptor, isSecure: tls != nil)
                }, to: loop)
        }
        port = try loop.run { [listener] in listener.value.address.port }
    }

    /// A server that echoes.
    convenience init(
        budget bytesMax: Int = 1 << 20, tls: TLSServerContext? = nil, _ limits: (inout ServerLimits) -> Void = { _ in }
    ) throws {
        try self.init(budget: bytesMax, tls: tls, limits, handle: Self.echo)
    }

    /// Uses another certificate for connections accepted from now on.
    func swap(_ context: TLSServerContext) throws {
        try loop.run { [server] in server.value.tlsContext = context }
    }

    deinit {
        let (server, listener) = (server, listener)
        loop.loop.post {
            listener.value.close()
            server.value.stopConnections()
        }
        loop.stop()
    }

    func connect(receiveBytes: Int32? = nil) throws -> RawSocket {
        try RawSocket.connect(port: port, receiveBytes: receiveBytes)
    }

    /// Sends `text` on a new connection and reads the one answer to it.
    func answer(to text: String) throws -> RawMessage {
        let socket = try connect()
        try socket.send(text)
        return try socket.readResponse()
    }

    var connectionCount: Int {
        get throws { try loop.run { [server] in server.value.connectionCount } }
    }

    /// Begins to drain; the result comes when the last connection is gone.
    func drain() throws -> Pending<Bool> {
        let isEmpty = Pending<Bool>()
        try loop.run { [server] in server.value.drain { isEmpty.fulfil(true) } }
        return isEmpty
    }

    /// Answers with the method, the path and the body that came; what cannot be read, with its status.
    static let echo: Handling = { exchange in
        do throws(BodyFailure) {
            let body = try await exchange.readBody()
            let line = "\(text(exchange.request.methodBytes)) \(text(exchange.request.path)) "
            exchange.answer(200, contentType: "text/plain", Array(line.utf8) + Array(body.bytes))
        } catch {
            switch error {
            case .refused(let reason): exchange.answer(reason.status, contentType: "text/plain", [])
            case .timedOut: exchange.answer(408, contentType: "text/plain", [])
            case .overloaded: exchange.answer(503, contentType: "text/plain", [])
            case .clientGone, .stopping: break
            }
        }
    }
}

private final class ClosureHandler: ServerHandler {
    private let handling: ServerRig.Handling

    init(_ handling: @escaping ServerRig.Handling) { self.handling = handling }

    func handle(_ exchange: any ServerExchange) async { await handling(exchange) }

    func refusal(status: UInt16, message: StaticString, head: MessageHead?) -> ServerRefusal {
        ServerRefusal(
            contentType: "text/plain", body: Array("\(status): \(message)".utf8),
            fields: [(name: .xRequestID, value: "refused-\(status)")])
    }
}

/// Milliseconds as the limits want them.
func milliseconds(_ count: Int64) -> Int64 { count * 1_000_000 }

extension ServerExchange {
    func send(text: String) {
        var text = text
        text.withUTF8 { send(UnsafeRawBufferPointer($0)) }
    }
}
