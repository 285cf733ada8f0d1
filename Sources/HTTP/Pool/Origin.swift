/// What a connection to an upstream leads to: only requests to the same origin may share it.
public struct Origin: Hashable, Sendable {
    public enum Scheme: UInt8, Sendable {
        case http
        case https
    }

    public var scheme: Scheme
    /// Lower case, without brackets.
    public var host: String
    public var port: UInt16
    /// Which TLS settings (trust, certificate, proxy) the connection was opened with: connections with different ones are not
    /// interchangeable.
    public var settingsID: UInt32

    public init(scheme: Scheme, host: String, port: UInt16, settingsID: UInt32 = 0) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.settingsID = settingsID
    }
}
