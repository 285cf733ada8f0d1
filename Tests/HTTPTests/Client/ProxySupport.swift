import Reactor
import TestSupport

@testable import HTTP

/// What the tests of proxies share. Once its tunnel stands a proxy is transparent, so that the socket on which a test played the proxy
/// goes on as the origin's.
enum ProxySupport {
    /// A name that no look-up of this machine finds: only a proxy can have been asked for it.
    static let originHost = "provider.invalid"
    static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    static let established = "HTTP/1.1 200 Connection established\r\n\r\n"
    static let credentials = ProxyCredentials(user: Array("user".utf8), password: Array("pw".utf8), for: .socks5)

    static func server(_ scheme: ProxyServer.Scheme, _ port: UInt16, credentials: ProxyCredentials? = nil) -> ProxyServer {
        ProxyServer(scheme: scheme, host: "127.0.0.1", port: port, credentials: credentials)
    }

    /// A call to a plain origin through `proxy`.
    static func call(
        _ proxy: ProxyServer, host: String = originHost, settingsID: UInt32 = 1
    ) -> ClientRig.Call {
        let origin = Origin(scheme: .http, host: host, port: 80, settingsID: settingsID)
        return ClientRig.Call(UpstreamEndpoint(origin: origin, proxy: proxy, tls: nil))
    }

    /// A call to an origin over TLS through `proxy`.
    static func secureCall(_ proxy: ProxyServer, _ context: TLSClientContext, host: String = originHost) -> ClientRig.Call {
        let origin = Origin(scheme: .https, host: host, port: 443, settingsID: 1)
        return ClientRig.Call(UpstreamEndpoint(origin: origin, proxy: proxy, tls: context))
    }

    /// Names that have these addresses, whatever the name; no system look-up is made.
    static func resolver(_ literals: String...) -> Resolver {
        let addresses = literals.compactMap { SocketAddress(literal: $0, port: 0) }
        return Resolver { _ in addresses.isEmpty ? .failure(.unresolved("test")) : .success(addresses) }
    }
}

extension RawSocket {
    /// Plays a proxy that gets `CONNECT` and accepts it.
    @discardableResult
    func acceptTunnel(_ reply: String = ProxySupport.established) throws -> RawMessage {
        let request = try readHead()
        try send(reply)
        return request
    }

    /// Plays a SOCKS 5 proxy that wants no credentials up to the request, whose bytes behind the reserved one are returned.
    func readSOCKSRequest(count: Int) throws -> [UInt8] {
        _ = try read(count: 3)
        try send([5, 0])
        return Array(try read(count: 3 + count)[3...])
    }
}
