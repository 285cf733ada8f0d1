import Reactor

/// The times and sizes that a server holds its clients to, with the defaults of docs/contracts.md section 7. All times are totals in
/// nanoseconds: a client that drips bytes does not extend them.
public struct ServerLimits: Sendable {
    public var http = HTTP1Limits()
    /// From the accept to the end of the TLS handshake.
    public var handshakeTimeoutNanoseconds: Int64 = 10_000_000_000
    /// From the first byte of a head (or from the accept) to its end.
    public var headerTimeoutNanoseconds: Int64 = 10_000_000_000
    /// For a whole body, plus a second for each `bodyBytesPerSecond` that came.
    public var bodyTimeoutNanoseconds: Int64 = 30_000_000_000
    /// What earns a body one more second.
    public var bodyBytesPerSecond = 64 * 1024
    /// How long a connection may idle between requests.
    public var idleTimeoutNanoseconds: Int64 = 75_000_000_000
    /// The window in which a client must take `writeBytesMin` of what waits for it.
    public var writeTimeoutNanoseconds: Int64 = 60_000_000_000
    /// What a client must take in `writeTimeoutNanoseconds`.
    public var writeBytesMin: UInt64 = 4 * 1024
    /// How often in a `writeTimeoutNanoseconds` the connections are looked at that nobody waits for: one that takes nothing lives at most
    /// two looks longer.
    static let stallLooksPerTimeout: Int64 = 4
    /// Request bodies in memory at once, over all connections of a process.
    public var bodyBytesInFlightMax = 512 * 1024 * 1024
    /// Connections at once on one loop.
    public var connectionsMax = 9_000
    /// Queued answer bytes above which a stream pauses.
    public var highWatermarkBytes = 32 * 1024
    /// Queued answer bytes at which it goes on.
    public var lowWatermarkBytes = 8 * 1024

    public init() {}
}
