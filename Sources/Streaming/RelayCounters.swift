/// What one attempt's relay has counted.
public struct RelayCounters: Sendable, Equatable {
    /// Events with data, hidden ones included; comments and stray blank lines are none.
    public internal(set) var events: UInt64 = 0
    /// Events that were content.
    public internal(set) var contentEvents: UInt64 = 0
    /// Events that were hidden from the client.
    public internal(set) var hiddenEvents: UInt64 = 0
    /// Bytes of the upstream's body.
    public internal(set) var bytesIn: UInt64 = 0
    /// Bytes appended to the sink, heartbeats included.
    public internal(set) var bytesOut: UInt64 = 0
    /// When the first content came, in the caller's nanoseconds.
    public internal(set) var firstContentAt: UInt64?

    public init() {}
}
