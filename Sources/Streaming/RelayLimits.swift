/// The bounds and the heartbeat of one relay.
public struct RelayLimits: Sendable, Equatable {
    /// What is held before the first content; beyond it the attempt commits.
    public var heldBytesMax: Int
    /// How much of an unfinished event is held back while the observer may hide it.
    public var hideWindowBytesMax: Int
    /// The longest event; beyond it the upstream's stream is refused.
    public var eventBytesMax: Int
    /// After this much silence towards the client a heartbeat is due. Zero switches heartbeats off.
    public var heartbeatNanoseconds: UInt64

    public init(
        heldBytesMax: Int = StreamingLimits.heldBytesMax,
        hideWindowBytesMax: Int = StreamingLimits.hideWindowBytesMax,
        eventBytesMax: Int = StreamingLimits.eventBytesMax,
        heartbeatNanoseconds: UInt64 = 15_000_000_000
    ) {
        self.heldBytesMax = heldBytesMax
        self.hideWindowBytesMax = hideWindowBytesMax
        self.eventBytesMax = eventBytesMax
        self.heartbeatNanoseconds = heartbeatNanoseconds
    }
}
