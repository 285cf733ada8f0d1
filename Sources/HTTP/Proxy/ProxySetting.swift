/// What is said for one provider in particular. It wins over the environment, in both directions.
public enum ProxySetting: Sendable, Hashable {
    /// Through this proxy, whatever the environment says.
    case server(ProxyServer)
    /// Through none.
    case direct

    /// Parses `none`, `direct`, or a proxy's address.
    /// - Throws: `ProxyAddressFault`, which quotes nothing of `text`.
    public init(parsing text: String) throws(ProxyAddressFault) {
        switch text.lowercased() {
        case "none", "direct": self = .direct
        default: self = .server(try ProxyServer(parsing: text))
        }
    }
}
