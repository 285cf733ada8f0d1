/// Who may use the gateway, and under which names and from which web pages it may be called.
package struct AccessConfiguration: Sendable, Hashable {
    /// Opens everything.
    package var adminKey: Secret?
    /// Reads usage, status and metrics; calls no model.
    package var viewerKey: Secret?
    /// `/metrics` without a key.
    package var metricsArePublic = false
    /// Names of the gateway besides `localhost` and addresses: lower case, without port.
    package var hosts: [String] = []
    /// Origins whose pages may call the gateway, as browsers write them, or `*` for all.
    package var corsOrigins: [String] = []
    /// Whose `X-Forwarded-For` is believed.
    var trustedProxies: [TrustedProxy] = []

    package init() {}

    /// True when requests need a key.
    package var hasKeys: Bool { adminKey != nil || viewerKey != nil }

    // MARK: Values

    /// A key of the gateway's own.
    static func key(_ text: String) throws(ValueFault) -> Secret {
        let key = try ValueParsing.secret(text)
        let range = AccessLimits.keyBytes
        guard range.contains(key.count) else {
            throw ValueFault("must have \(range.lowerBound) to \(range.upperBound) characters: make one with `openssl rand -hex 32`")
        }
        return key
    }

    /// An entry of `server.hosts`, in lower case; an IPv6 address in brackets, as `Host` has it.
    static func host(_ text: String) throws(ValueFault) -> String {
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        let bare = isBracketed ? String(text.dropFirst().dropLast()) : text
        if case .v6 = IPAddress(bare) { return "[\(bare.lowercased())]" }
        let isName = bare.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || [0x2D, 0x2E, 0x5F].contains($0)
        }
        guard isName, !isBracketed, (1...253).contains(bare.utf8.count) else {
            throw ValueFault("must be a host name or an address, without scheme and port")
        }
        return bare.lowercased()
    }

    /// An entry of `server.cors_origins`, as browsers write it (RFC 6454 section 6.2): lower case, no default port.
    static func corsOrigin(_ text: String) throws(ValueFault) -> String {
        if text == "*" { return text }
        let wanted = "must be an origin such as https://app.example.com or http://localhost:5173, without path, or `*`"
        guard let mark = text.firstRange(of: "://"), !text[mark.upperBound...].contains("/") else { throw ValueFault(wanted) }
        let url = try BaseURL(parsing: text)
        return "\(url.scheme.rawValue)://\(url.authority)"
    }

    // MARK: Settings together

    /// A setting that another one contradicts.
    struct Conflict: Equatable {
        /// Where it stands in the YAML document.
        enum Setting: String {
            case viewerKey = "access.viewer_key"
            case corsOrigins = "server.cors_origins"
        }

        var setting: Setting
        var message: String
    }

    /// What is wrong with the settings taken together.
    var conflicts: [Conflict] {
        var found: [Conflict] = []
        if viewerKey != nil, adminKey == nil {
            found.append(Conflict(setting: .viewerKey, message: "needs an admin key (EKAI_ADMIN_KEY) beside it: a viewer calls no model"))
        }
        if let viewerKey, viewerKey == adminKey {
            found.append(Conflict(setting: .viewerKey, message: "must differ from the admin key"))
        }
        if corsOrigins.contains("*"), !hasKeys {
            found.append(
                Conflict(setting: .corsOrigins, message: "`*` needs an admin key (EKAI_ADMIN_KEY): every web page could spend the providers' keys"))
        }
        return found
    }

    /// Why the gateway may not listen at `addresses`; nil when it may. Without a key that clients must show, only this machine may
    /// reach it.
    func problem(listening addresses: [ListenAddress]) -> ValueFault? {
        guard adminKey == nil, !addresses.allSatisfy(\.isLoopback) else { return nil }
        return ValueFault(
            "is not a loopback address, and no key is set: anyone who reaches the port could spend the providers' keys. "
                + "Set EKAI_ADMIN_KEY, or let HOST be 127.0.0.1, ::1 or unix:/path")
    }
}
