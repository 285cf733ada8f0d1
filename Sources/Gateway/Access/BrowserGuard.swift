import HTTP

/// Tells the gateway's own names and pages from foreign ones. A browser carries requests of any page to wherever it can connect
/// (cross-site requests), and under any name that the page's owner points there (DNS rebinding).
package struct BrowserGuard: Sendable {
    /// Which names in `Host` are the gateway's.
    package enum HostRule {
        /// Whatever it says: what the route gives, it gives for a key that no page has, or to everyone.
        case any
        /// `server.hosts` and loopback: what a gateway without keys goes by, since nothing else protects it.
        case loopback
        /// `server.hosts`, loopback and every IP address.
        case addresses
    }

    /// What the `Origin` of a request is to the gateway (Fetch standard section 3.2).
    package enum Origin: Equatable {
        /// There is none: not a page, or a page of the gateway's own that only reads.
        case absent
        /// A page of the gateway's own.
        case own
        /// A page of this machine, while there are no keys. The browser keeps answers from it, and lets it send no JSON.
        case local
        /// Listed in `server.cors_origins`.
        case allowed
        case foreign
    }

    private let hosts: [[UInt8]]
    private let origins: [[UInt8]]
    private let allowsAllOrigins: Bool
    private let isKeyless: Bool

    package init(_ configuration: AccessConfiguration) {
        hosts = configuration.hosts.map { Array($0.utf8) }
        origins = configuration.corsOrigins.filter { $0 != "*" }.map { Array($0.utf8) }
        isKeyless = !configuration.hasKeys
        allowsAllOrigins = configuration.corsOrigins.contains("*") && configuration.hasKeys
    }

    /// Whether the request is for this gateway.
    /// - Parameter authority: host and port that it names; nil or empty with HTTP/1.0, which no browser speaks.
    package func knows(_ authority: UnsafeRawBufferPointer?, _ rule: HostRule) -> Bool {
        guard let authority, !authority.isEmpty, rule != .any else { return true }
        guard let authority = Authority(authority) else { return false }
        return authority.isLoopback || isListed(authority) || rule == .addresses && authority.isIPAddress
    }

    /// What a page of `origin` is to the gateway, when it calls it by the name `authority`.
    package func origin(_ origin: UnsafeRawBufferPointer?, calling authority: UnsafeRawBufferPointer?) -> Origin {
        guard let origin else { return .absent }
        let page = Self.page(of: origin)
        if let page, let own = authority.flatMap({ Authority($0) }), page.authority.isSame(as: own, defaultPort: page.defaultPort),
            own.isLoopback || own.isIPAddress || isListed(own)
        {
            return .own
        }
        if origins.contains(where: { origin.equals(ignoringCase: $0) }) { return .allowed }
        if allowsAllOrigins, origin.allSatisfy({ (0x21...0x7E).contains($0) }) { return .allowed }
        return isKeyless && page?.authority.isLoopback ?? false ? .local : .foreign
    }

    private func isListed(_ authority: Authority) -> Bool {
        hosts.contains { authority.host.equals(ignoringCase: $0) }
    }

    /// Where a page of the web comes from; nil for `null` and for schemes that are not the web's.
    private static func page(of origin: UnsafeRawBufferPointer) -> (authority: Authority, defaultPort: UInt16)? {
        let isSecure = origin.starts(withIgnoringCase: "https://")
        guard isSecure || origin.starts(withIgnoringCase: "http://") else { return nil }
        let rest = UnsafeRawBufferPointer(rebasing: origin[(isSecure ? 8 : 7)...])
        guard let authority = Authority(rest), !authority.host.isEmpty else { return nil }
        return (authority, isSecure ? 443 : 80)
    }
}
