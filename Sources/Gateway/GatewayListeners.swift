import Glibc
import Reactor

/// Where the gateway API listens, with real ports.
package struct GatewayListeners: Sendable {
    /// One address, plain or with TLS.
    package struct Listener: Sendable, CustomStringConvertible {
        package let address: SocketAddress
        package let isSecure: Bool
        package var description: String { (isSecure ? "https " : "") + address.description }
    }

    /// How often another free port is asked for.
    private static let portTriesMax = 8

    package private(set) var all: [Listener] = []
    /// The plain port; nil where there is none, or only a UNIX socket.
    package var port: UInt16? { all.first { !$0.isSecure && $0.address.family != .unix }?.address.port }
    /// The port of TLS; nil where there is none.
    package var tlsPort: UInt16? { all.first { $0.isSecure && $0.address.family != .unix }?.address.port }

    /// Finds the real ports. Another program's listener on one of them is found here: a bind with SO_REUSEPORT would not notice a second
    /// gateway.
    /// - Throws: `StartFailure`: an address is in use, or not to be had.
    static func probe(_ server: ServerConfiguration) throws(StartFailure) -> GatewayListeners {
        var listeners = GatewayListeners()
        if server.isPlain {
            for address in try addresses(server.listen, port: server.port) {
                listeners.all.append(Listener(address: address, isSecure: false))
            }
        }
        if let tls = server.tls {
            // A UNIX socket stays plain: who may open it is decided by its rights, and nothing of it crosses a network.
            let networks = server.listen.filter { if case .unix = $0 { false } else { true } }
            var found = try addresses(networks, port: tls.port)
            // Two free ports are asked for one after the other, and the first is let go meanwhile.
            for _ in 0..<portTriesMax where tls.port == 0 && listeners.port != nil && found.first?.port == listeners.port {
                found = try addresses(networks, port: 0)
            }
            for address in found { listeners.all.append(Listener(address: address, isSecure: true)) }
        }
        guard !listeners.all.isEmpty else { throw StartFailure(description: "there is nowhere to listen") }
        return listeners
    }

    private static func addresses(
        _ listen: [ListenAddress], port: UInt16
    ) throws(StartFailure) -> [SocketAddress] {
        var port = port
        var result: [SocketAddress] = []
        for each in listen {
            let address: SocketAddress?
            switch each {
            case .ipv4(let literal), .ipv6(let literal): address = SocketAddress(literal: literal, port: port)
            case .unix(let path): address = SocketAddress(path: path)
            }
            guard let address else { throw StartFailure(description: "cannot listen on \(each)") }
            do throws(SystemError) {
                let bound = try ListenerSocket.probe(address)
                if bound.family != .unix { port = bound.port }
                result.append(bound)
            } catch {
                // A machine without IPv6 has no ::1; the other default address serves then.
                if listen.count > 1, error.code == EADDRNOTAVAIL || error.code == EAFNOSUPPORT { continue }
                let why = error.code == EADDRINUSE ? "the port is in use" : error.description
                throw StartFailure(description: "cannot listen on \(address): \(why)")
            }
        }
        return result
    }
}
