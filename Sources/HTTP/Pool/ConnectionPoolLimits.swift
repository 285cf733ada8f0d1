/// The bounds of one event loop's upstream connections.
public struct ConnectionPoolLimits: Sendable, Equatable {
    /// Most connections to one origin: connecting, leased and idle together.
    public var connectionsPerOriginMax = 1_024
    /// Most idle connections kept to one origin; the longest idle one is closed for a fresher one.
    public var idlePerOriginMax = 256
    /// Most requests that wait for a connection to one origin; the next one is refused.
    public var waitersPerOriginMax = 1_024
    /// How long an idle connection is kept. Below the 75 s after which common servers close, so that we close first and no request
    /// meets a connection that is just going away.
    public var idleNanosecondsMax: Int64 = 60_000_000_000

    public init() {}
}
