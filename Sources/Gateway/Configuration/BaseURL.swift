import Glibc

/// Where requests to a provider go, taken apart once.
package struct BaseURL: Sendable, Hashable {
    package enum Scheme: String, Sendable {
        case http
        case https

        package var defaultPort: UInt16 { self == .http ? 80 : 443 }
    }

    package var scheme: Scheme
    /// A name or an IP address, lower case, without brackets.
    package var host: String
    package var port: UInt16
    /// What precedes every path: empty or `/v1`, without a final `/`.
    package var pathPrefix: String

    /// The value of `Host`: the port only when it is not the scheme's own (RFC 9110 section 7.2).
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == scheme.defaultPort ? name : "\(name):\(port)"
    }

    /// True when requests stay on this machine.
    package var isLoopback: Bool {
        host == "localhost" || host.hasSuffix(".localhost") || IPAddress(host)?.isLoopback == true
    }

}

extension BaseURL {
    /// An absolute `http` or `https` URL without userinfo, query and fragment.
    init(parsing text: String) throws(ValueFault) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ValueFault("holds a character that a URL cannot have")
        }
        guard let mark = text.firstRange(of: "://"), let scheme = Scheme(rawValue: text[..<mark.lowerBound].lowercased())
        else { throw ValueFault("must begin with http:// or https://") }
        let rest = text[mark.upperBound...]
        guard !rest.contains("?"), !rest.contains("#") else { throw ValueFault("must not have a query or fragment") }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@") else {
            throw ValueFault("must not hold a user name or password: keys belong into api_keys")
        }
        (host, port) = try Self.split(authority, defaultPort: scheme.defaultPort)
        self.scheme = scheme
        var path = rest[authority.endIndex...]
        while path.hasSuffix("/") { path.removeLast() }
        guard !path.split(separator: "/").contains("..") else { throw ValueFault("must not have `..` in its path") }
        pathPrefix = String(path)
    }

    private static func split(_ authority: Substring, defaultPort: UInt16) throws(ValueFault) -> (String, UInt16) {
        var host = authority
        var portText: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw ValueFault("has an IPv6 address without `]`") }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let tail = authority[authority.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { throw ValueFault("has something after the `]` of its address") }
            portText = tail.isEmpty ? nil : tail.dropFirst()
            guard case .v6 = IPAddress(String(host)) else { throw ValueFault("has no IPv6 address between `[` and `]`") }
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            portText = authority[authority.index(after: colon)...]
        }
        guard !host.isEmpty else { throw ValueFault("has no host") }
        let isName = host.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || [0x2D, 0x2E, 0x5F].contains($0)
        }
        guard authority.hasPrefix("[") || isName, host.utf8.count <= 253 else { throw ValueFault("has an impossible host") }
        guard let portText else { return (host.lowercased(), defaultPort) }
        guard portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(portText), port > 0 else {
            throw ValueFault("has an impossible port: it must be from 1 to 65535")
        }
        return (host.lowercased(), port)
    }
}

/// An IP address in its text form.
package enum IPAddress: Hashable {
    case v4([UInt8])
    case v6([UInt8])

    package init?(_ text: String) {
        // C would read no further than to the first NUL.
        guard !text.utf8.contains(0) else { return nil }
        var storage = in6_addr()
        if inet_pton(AF_INET, text, &storage) == 1 {
            self = .v4(withUnsafeBytes(of: &storage) { Array($0.prefix(4)) })
        } else if inet_pton(AF_INET6, text, &storage) == 1 {
            self = .v6(withUnsafeBytes(of: &storage) { Array($0) })
        } else {
            return nil
        }
    }

    /// 127.0.0.0/8, ::1, and the former mapped into IPv6.
    var isLoopback: Bool {
        switch self {
        case .v4(let bytes): bytes[0] == 127
        case .v6(let bytes):
            bytes == [UInt8](repeating: 0, count: 15) + [1]
                || (bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255] && bytes[12] == 127)
        }
    }
}
