/// What one attempt's relay has counted.
public struct RelayCounters: Sendable, Equatable {
    /// Events with data, hidden ones included; comments and stray blank lines are none.
    public var events: UInt64 = 0
    /// Events that were content.
    public var contentEvents: UInt64 = 0
    /// Events that were hidden from the client.
    public var hiddenEvents: UInt64 = 0
    /// Bytes of the upstream's body.
    public var bytesIn: UInt64 = 0
    /// Bytes appended to the sink, heartbeats included.
    public var bytesOut: UInt64 = 0
    /// When the first content came, in the caller's nanoseconds.
    public var firstContentAt: UInt64?

    public init() {}
}
