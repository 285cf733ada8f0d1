import Gateway
import HTTP
import Reactor

/// The mock provider, running: its loops and its port on 127.0.0.1. Lives until the process ends.
final class MockProvider: Sendable {
    let port: UInt16
    private let group: EventLoopGroup
    private let servers: [LoopBound<HTTPServer>]

    /// - Throws: `SystemError` when the port is in use.
    init(_ shape: AnswerShape, port: UInt16, loops: Int) throws(SystemError) {
        guard let wanted = SocketAddress(literal: "127.0.0.1", port: port) else {
            preconditionFailure("127.0.0.1 is an address")
        }
        let address = try ListenerSocket.probe(wanted)
        self.port = address.port
        let group = try EventLoopGroup(count: loops)
        let budget = BodyBudget(bytesMax: 1 << 30)
        var servers: [LoopBound<HTTPServer>] = []
        for loop in group.loops {
            let result = OnLoop.run(loop) { () -> Result<LoopBound<HTTPServer>, SystemError> in
                var limits = HTTP.ServerLimits()
                limits.connectionsMax = 9_800
                let server = HTTPServer(
                    loop: loop, handler: MockHandler(loop: loop, shape: shape), limits: limits, bodyBudget: budget)
                do throws(SystemError) {
                    try server.listen(on: address)
                } catch {
                    return .failure(error)
                }
                return .success(LoopBound(server, to: loop))
            }
            servers.append(try result.get())
        }
        self.group = group
        self.servers = servers
    }
}
