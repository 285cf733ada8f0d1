/// User name and password for a proxy. They print, dump and reflect as `redacted`; only this module's machines read them.
public struct ProxyCredentials: Sendable, Hashable {
    let user: [UInt8]
    let password: [UInt8]

    /// Nil when the scheme's protocol cannot carry them. Basic authentication takes no colon in a user name and no control character
    /// (RFC 7617 section 2); SOCKS takes user names of 1 to 255 bytes and passwords of at most 255 (RFC 1929 section 2).
    public init?(user: [UInt8], password: [UInt8], for scheme: ProxyServer.Scheme) {
        self.user = user
        self.password = password
        guard fit(scheme) else { return nil }
    }

    /// Lends the password, for whoever has to find it in a text and mask it.
    public func withPassword<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try password.withUnsafeBytes(body)
    }

    func fit(_ scheme: ProxyServer.Scheme) -> Bool {
        switch scheme {
        case .http:
            let max = ProxyLimits.credentialBytesMax
            return user.count <= max && password.count <= max && !user.contains(ByteClass.colon)
                && (user + password).allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        case .socks5, .socks5h:
            let max = ProxyLimits.socksTextBytesMax
            return (1...max).contains(user.count) && password.count <= max
        }
    }
}

extension ProxyCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "redacted" }
    public var debugDescription: String { "redacted" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
