/// What a loop did since it started, counted exactly; tests and metrics read it on the loop.
public struct LoopCounters: Sendable {
    /// Turns of the loop.
    public var turns = 0
    /// Calls of `epoll_wait`.
    public var waits = 0
    /// Jobs run.
    public var jobs = 0
    /// Jobs enqueued from the loop's own thread.
    public var localEnqueues = 0
    /// Calls of `recv`.
    public var receives = 0
    /// Calls of `writev`.
    public var writes = 0
    /// Connections accepted.
    public var accepted = 0
    /// Times a listener had to rest because descriptors or memory were used up.
    public var acceptPauses = 0
    /// Time of all turns without what they spent in waiting.
    public var busyNanoseconds: Int64 = 0
    /// The longest turn, likewise, since `EventLoop.takeLongestTurn` was last called: what was ready or due may have waited that long.
    public internal(set) var longestTurnNanoseconds: Int64 = 0

    public init() {}
}
