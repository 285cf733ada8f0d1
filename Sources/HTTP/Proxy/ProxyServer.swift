import Reactor

/// An outbound proxy: where it listens, which protocol it speaks, and our credentials there.
public struct ProxyServer: Sendable, Hashable {
    /// The protocol between us and the proxy.
    public enum Scheme: String, Sendable, Hashable {
        /// CONNECT of RFC 9110 section 9.3.6, over plain TCP.
        case http
        /// RFC 1928; names are looked up here and the proxy is given an address.
        case socks5
        /// RFC 1928; the proxy is given the name and looks it up itself.
        case socks5h

        /// Where nothing else is said: 8080 and 1080.
        public var defaultPort: UInt16 { self == .http ? 8080 : 1080 }
    }

    public let scheme: Scheme
    /// A name or an IP address, lower case, without brackets.
    public let host: String
    public let port: UInt16
    public let credentials: ProxyCredentials?

    /// - Parameter credentials: made for `scheme`.
    public init(scheme: Scheme, host: String, port: UInt16, credentials: ProxyCredentials? = nil) {
        precondition(credentials?.fit(scheme) ?? true, "credentials are made for their proxy's scheme")
        self.scheme = scheme
        self.host = host
        self.port = port
        self.credentials = credentials
    }
}

extension ProxyServer: CustomStringConvertible {
    /// `http://proxy.example:3128`, without credentials.
    public var description: String {
        "\(scheme.rawValue)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}

extension ProxyServer {
    /// Parses `http://user:password@host:port`, `socks5://…`, `socks5h://…`, or `host:port`, which means http. User name and password are
    /// percent-decoded; a final `/` is tolerated.
    /// - Throws: `ProxyAddressFault`, which quotes nothing of `text`.
    public init(parsing text: String) throws(ProxyAddressFault) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= ProxyLimits.addressBytesMax else { throw .tooLong }
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .invalidCharacter }
        var rest: ArraySlice<UInt8>
        (scheme, rest) = try Self.splitScheme(bytes)
        if rest.last == UInt8(ascii: "/") { rest.removeLast() }
        let delimiters = [UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")]
        guard !rest.contains(where: { delimiters.contains($0) }) else { throw .notOnlyAddress }
        if let at = rest.lastIndex(of: UInt8(ascii: "@")) {
            credentials = try Self.credentials(rest[..<at], scheme)
            rest = rest[(at + 1)...]
        } else {
            credentials = nil
        }
        (host, port) = try Self.splitHost(rest, scheme)
    }

    private static func splitScheme(_ bytes: [UInt8]) throws(ProxyAddressFault) -> (Scheme, ArraySlice<UInt8>) {
        let mark = Array("://".utf8)
        let start = bytes.indices.first { bytes[$0...].starts(with: mark) }
        guard let start else { return (.http, bytes[...]) }
        let name = String(decoding: bytes[..<start], as: UTF8.self).lowercased()
        if name == "https" { throw .secureProxy }
        guard let scheme = Scheme(rawValue: name) else { throw .unknownScheme }
        return (scheme, bytes[(start + mark.count)...])
    }

    private static func credentials(
        _ bytes: ArraySlice<UInt8>, _ scheme: Scheme
    ) throws(ProxyAddressFault) -> ProxyCredentials {
        let colon = bytes.firstIndex(of: ByteClass.colon)
        let user = try decoded(bytes[..<(colon ?? bytes.endIndex)])
        let password = try decoded(colon.map { bytes[($0 + 1)...] } ?? [])
        guard !(user.isEmpty && password.isEmpty),
            let credentials = ProxyCredentials(user: user, password: password, for: scheme)
        else { throw .unusableCredentials }
        return credentials
    }

    /// Takes percent-encoding off (RFC 3986 section 2.1).
    private static func decoded(_ bytes: ArraySlice<UInt8>) throws(ProxyAddressFault) -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap({ ByteClass.hexValue($0) }),
                let low = rest.popFirst().flatMap({ ByteClass.hexValue($0) })
            else { throw .unusableCredentials }
            result.append(high << 4 | low)
        }
        return result
    }

    private static func splitHost(
        _ authority: ArraySlice<UInt8>, _ scheme: Scheme
    ) throws(ProxyAddressFault) -> (host: String, port: UInt16) {
        var host = authority
        var portDigits: ArraySlice<UInt8>?
        if authority.first == UInt8(ascii: "[") {
            guard let end = authority.firstIndex(of: UInt8(ascii: "]")) else { throw .unusableHost }
            host = authority[(authority.startIndex + 1)..<end]
            let tail = authority[(end + 1)...]
            guard tail.isEmpty || tail.first == ByteClass.colon else { throw .unusableHost }
            portDigits = tail.isEmpty ? nil : tail.dropFirst()
            let literal = SocketAddress(literal: String(decoding: host, as: UTF8.self), port: 0)
            guard literal?.family == .ipv6 else { throw .unusableHost }
        } else {
            if let colon = authority.firstIndex(of: ByteClass.colon) {
                host = authority[..<colon]
                portDigits = authority[(colon + 1)...]
            }
            guard (1...ProxyLimits.hostBytesMax).contains(host.count), host.allSatisfy({ HostName.isByte($0) }) else {
                throw .unusableHost
            }
        }
        let name = String(decoding: host, as: UTF8.self).lowercased()
        guard let portDigits else { return (name, scheme.defaultPort) }
        guard let port = HostName.port(portDigits) else { throw .unusablePort }
        return (name, port)
    }
}

/// What names of hosts and ports may look like in settings.
enum HostName {
    /// Letters, digits, and what names in private networks hold besides.
    static func isByte(_ byte: UInt8) -> Bool {
        ByteClass.isDigit(byte) || (0x61...0x7A).contains(ByteClass.lowered(byte))
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
    }

    /// 1 to 65535 in decimal digits.
    static func port(_ digits: some Collection<UInt8>) -> UInt16? {
        guard (1...5).contains(digits.count), digits.allSatisfy({ ByteClass.isDigit($0) }) else { return nil }
        let number = digits.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
        return number == 0 ? nil : UInt16(exactly: number)
    }
}
