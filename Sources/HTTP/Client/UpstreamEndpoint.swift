import Reactor

/// Where a provider's requests go: what connections to it may be shared, and how a new one is made. Made from the configuration, and
/// from nothing else: no request can name an address.
public struct UpstreamEndpoint: Sendable {
    /// How a connection comes about.
    public enum Link: Sendable {
        /// TCP to the origin's host and port.
        case network
        /// One end of a socket pair whose other end this process serves itself: the built-in demo provider. Nil when no pair can be had.
        case inProcess(@Sendable (EventLoop) -> Int32?)
        /// TCP to this proxy, and inside of it a tunnel to the origin, for http as for https.
        case proxy(ProxyServer)
    }

    public let origin: Origin
    public let link: Link
    /// Trust and sessions; required when the origin's scheme is https, unused otherwise.
    public let tls: TLSClientContext?

    public init(origin: Origin, link: Link = .network, tls: TLSClientContext? = nil) {
        precondition(origin.scheme == .http || tls != nil, "https needs a TLS context")
        self.origin = origin
        self.link = link
        self.tls = tls
    }

    /// TCP to the origin, or a tunnel to it when there is a proxy. The TLS context is the origin's in both cases: a proxy sees ciphertext
    /// and is trusted with nothing.
    public init(origin: Origin, proxy: ProxyServer?, tls: TLSClientContext?) {
        self.init(origin: origin, link: proxy.map { .proxy($0) } ?? .network, tls: tls)
    }
}

/// The deadlines of one exchange, each a duration in nanoseconds.
public struct UpstreamTimeouts: Sendable, Equatable {
    /// Look-up, TCP connect, the proxy's tunnel and TLS handshake together.
    public var connectNanoseconds: Int64 = 10_000_000_000
    /// From the request to the response's head.
    public var firstByteNanoseconds: Int64 = 120_000_000_000

    public init() {}
}

/// A piece of a request's body and what keeps it alive: sent without a copy where that is possible.
public struct UpstreamBodyPart {
    public let bytes: UnsafeRawBufferPointer
    public let owner: AnyObject

    public init(_ bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        self.bytes = bytes
        self.owner = owner
    }
}
