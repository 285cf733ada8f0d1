import Reactor

/// Why an exchange with a provider failed.
public struct UpstreamFailure: Error, Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// No connection came about.
        case connect(ConnectFailure)
        /// The outbound proxy made no tunnel: nothing reached the provider.
        case proxy(ProxyFailure)
        /// The TLS handshake or record layer failed; the reason is safe to log.
        case tls(String)
        /// Too many requests wait for a connection to this origin.
        case poolExhausted
        /// The deadline of this phase passed.
        case timedOut(Phase)
        /// The connection ended or was reset before a whole response head came.
        case closedBeforeResponse
        /// The connection ended or was reset inside the response's body.
        case truncated
        /// The provider broke the protocol; the reason is safe to log.
        case malformed(String)
        /// The client went away meanwhile: not the provider's failure.
        case clientGone
        /// The gateway is stopping.
        case stopping
    }

    /// What was being waited for.
    public enum Phase: String, Sendable { case connect, send, firstByte, firstToken, idle }

    public let kind: Kind
    /// True when the provider may have received the request, whole or in part, and may bill it: it is never sent again
    /// by itself then.
    public let isPossiblyBilled: Bool

    public init(_ kind: Kind, isPossiblyBilled: Bool) {
        self.kind = kind
        self.isPossiblyBilled = isPossiblyBilled
    }
}
