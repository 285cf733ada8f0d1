/// The bounds of connections through outbound proxies.
public enum ProxyLimits {
    /// Longest address of a proxy in a configuration, credentials included.
    public static let addressBytesMax = 4 * 1024
    /// Longest user name and longest password for an HTTP proxy; tokens stand there too.
    public static let credentialBytesMax = 1_024
    /// What a length byte of SOCKS can say (RFC 1928 section 4, RFC 1929 section 2): host names, user names, passwords.
    static let socksTextBytesMax = 255
    /// A proxy's host name (RFC 1035 section 2.3.4).
    static let hostBytesMax = 253
    /// Largest head of a proxy's reply to CONNECT. Its body, where there is one, is not read.
    static let replyHeadBytesMax = 16 * 1024
    /// Most interim (1xx) replies before the final one.
    static let interimRepliesMax = 4
    /// Bytes taken from a proxy at a time while the tunnel is being made.
    static let receiveBytesMax = 4 * 1024
    /// Addresses of an origin that are asked of a proxy, one after the other, where names are looked up here (socks5).
    static let destinationsMax = 4
    /// Entries of NO_PROXY that are kept.
    package static let noProxyEntriesMax = 1_024
}
