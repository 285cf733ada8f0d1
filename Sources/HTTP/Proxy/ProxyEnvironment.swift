/// What the environment says about proxies.
public struct ProxyEnvironment: Sendable, Hashable {
    /// Names of the variable with the proxy for https, the first one that is set and not empty winning: lower case first, as with curl.
    public static let httpsProxyNames = ["https_proxy", "HTTPS_PROXY"]
    /// Names of the variable with its exceptions.
    public static let noProxyNames = ["no_proxy", "NO_PROXY"]

    /// For providers over https.
    public var httpsProxy: ProxyServer?
    public var exceptions: NoProxyList

    public init(httpsProxy: ProxyServer? = nil, exceptions: NoProxyList = NoProxyList()) {
        self.httpsProxy = httpsProxy
        self.exceptions = exceptions
    }

    /// Reads the variables.
    /// - Parameter variable: the value of the variable with this name, nil when it is not set.
    /// - Throws: `ProxyAddressFault` of the proxy's address.
    public init(_ variable: (String) -> String?) throws(ProxyAddressFault) {
        let address = Self.first(Self.httpsProxyNames, variable)
        httpsProxy = nil
        if let address { httpsProxy = try ProxyServer(parsing: address) }
        exceptions = Self.first(Self.noProxyNames, variable).map { NoProxyList(parsing: $0) } ?? NoProxyList()
    }

    private static func first(_ names: [String], _ variable: (String) -> String?) -> String? {
        for name in names {
            if let value = variable(name), !value.isEmpty { return value }
        }
        return nil
    }
}
