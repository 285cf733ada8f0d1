/// Where the gateway listens.
package enum ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// An IPv4 address; the port stands in `ServerConfiguration.port`.
    case ipv4(String)
    case ipv6(String)
    /// The path of a socket. The port does not apply: the file's rights say who may connect.
    case unix(String)

    /// As one would write it.
    package var description: String {
        switch self {
        case .ipv4(let literal), .ipv6(let literal): literal
        case .unix(let path): "unix:\(path)"
        }
    }

    /// Both loopback addresses: a client that asks for `localhost` may try either.
    static let loopback = [ListenAddress.ipv4("127.0.0.1"), .ipv6("::1")]

    /// True when only this machine can connect, or, at a path, whom the file's rights let.
    var isLoopback: Bool {
        switch self {
        case .ipv4(let literal), .ipv6(let literal): IPAddress(literal)?.isLoopback ?? false
        case .unix: true
        }
    }

    /// `127.0.0.1`, `0.0.0.0`, `::1`, `[::]`, `localhost`, `unix:/path`. Whether the gateway may listen there, its keys decide:
    /// `AccessConfiguration.problem(listening:)`.
    static func parse(_ text: String) throws(ValueFault) -> [ListenAddress] {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            // sun_path has 108 bytes with the final NUL (unix(7)).
            guard path.hasPrefix("/"), path.utf8.count <= 107, !path.utf8.contains(0) else {
                throw ValueFault("must be unix: and an absolute path of at most 107 bytes")
            }
            return [.unix(path)]
        }
        if text == "localhost" { return loopback }
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        let literal = isBracketed ? String(text.dropFirst().dropLast()) : text
        guard let address = IPAddress(literal) else {
            throw ValueFault("must be an IPv4 or IPv6 address, localhost, or unix:/path")
        }
        switch address {
        case .v4: return [.ipv4(literal)]
        case .v6: return [.ipv6(literal)]
        }
    }
}
