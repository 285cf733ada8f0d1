/// Why a text is not the address of a proxy. Nothing of the text is kept: it may hold a password.
public enum ProxyAddressFault: Error, Sendable, Equatable, CaseIterable {
    case empty
    case tooLong
    case invalidCharacter
    /// `https://`: TLS to the proxy itself.
    case secureProxy
    case unknownScheme
    case unusableCredentials
    case unusableHost
    case unusablePort
    /// A path, a query or a fragment.
    case notOnlyAddress
}

extension ProxyAddressFault: CustomStringConvertible {
    /// Goes on from the name of what is at fault: "HTTPS_PROXY is empty".
    public var description: String {
        switch self {
        case .empty: "is empty"
        case .tooLong: "is too long"
        case .invalidCharacter: "holds a character that a URL cannot have"
        case .secureProxy: "asks for TLS to the proxy, which is not supported: use http://, socks5:// or socks5h://"
        case .unknownScheme: "must begin with http://, socks5:// or socks5h://"
        case .unusableCredentials:
            "has a user name or password that the proxy's protocol cannot carry, or a broken percent-encoding"
        case .unusableHost: "has no host, or an impossible one"
        case .unusablePort: "has an impossible port: it must be from 1 to 65535"
        case .notOnlyAddress: "must not have a path, query or fragment"
        }
    }
}
