/// What a client has seen of its answer so far; outlives an attempt, so that the next one goes on from there.
public struct RelayClient: Sendable, Equatable {
    /// True when anything was sent: the status line and the headers can no longer change.
    public var isHeadCommitted = false
    /// When something was last sent (or the wait began), in the caller's nanoseconds.
    public var lastSentAt: UInt64

    public init(waitingSince now: UInt64) {
        lastSentAt = now
    }
}
