import Reactor

/// Which proxy the connections to a provider go through, decided once when the configuration is read.
public enum ProxyChoice {
    /// The proxy for connections to `host`, or nil for none.
    ///
    /// 1. The provider's own setting wins: NO_PROXY does not concern it.
    /// 2. Else the environment's HTTPS_PROXY, for providers over https that are on another machine and not excepted by NO_PROXY. A server
    ///    on this machine is never reached through the environment's proxy, whose loopback is another one than ours.
    ///
    /// - Parameters:
    ///   - host: a name or an IP address without brackets.
    ///   - setting: what is said for this provider; nil when nothing is.
    public static func server(
        scheme: Origin.Scheme, host: String, port: UInt16, setting: ProxySetting?, environment: ProxyEnvironment
    ) -> ProxyServer? {
        switch setting {
        case .server(let server): return server
        case .direct: return nil
        case nil: break
        }
        guard scheme == .https, let proxy = environment.httpsProxy, !isLoopback(host),
            !environment.exceptions.contains(host: host, port: port)
        else { return nil }
        return proxy
    }

    /// `localhost` and names below it (RFC 6761 section 6.3), 127.0.0.0/8, also mapped into IPv6, and `::1`.
    private static func isLoopback(_ host: String) -> Bool {
        loopback.contains(host: host, port: 0)
    }

    private static let loopback = NoProxyList(parsing: "localhost, 127.0.0.0/8, ::1")
}
