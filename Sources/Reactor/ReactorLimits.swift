/// Every bound of the module, in one place. Sizes are bytes, times nanoseconds.
public enum ReactorLimits {
    /// Jobs run before the loop flushes and looks at the sockets again.
    public static let jobsPerTurnMax = 256
    /// Turns that a stopped loop still makes for tasks that never come to rest.
    public static let turnsAfterStopMax = 256
    /// Readiness events taken by one `epoll_wait`.
    public static let eventsPerWaitMax = 256
    /// Connections taken by one listener in one turn; the rest wait in the kernel's queue for the next one.
    public static let acceptsPerTurnMax = 64
    /// Bytes one connection may receive in one turn; what is left goes on the ready list, so that a fast stream starves nobody.
    public static let receiveBytesPerTurnMax = 128 * 1024
    /// The receive buffer that all connections of a loop share.
    public static let scratchBytes = 64 * 1024
    /// One block of outbound bytes. Small, because thousands of lone tokens may wait for the same flush.
    public static let blockBytes = 4 * 1024
    /// Free blocks a loop keeps (4 MiB); more are given back to the allocator.
    public static let freeBlocksMax = 1024
    /// Segments handed to one `writev`.
    public static let segmentsPerWriteMax = 64
    /// The kernel's queue of connections not yet accepted.
    public static let listenBacklog = 4096
    /// How long a listener rests after the process ran out of descriptors or memory.
    public static let acceptPauseNanoseconds: Int64 = 100_000_000
    /// Head start of each connect attempt over the next address (RFC 8305 section 8, Connection Attempt Delay).
    public static let connectStaggerNanoseconds: Int64 = 250_000_000
    /// Addresses of one host that are tried.
    public static let addressesPerHostMax = 8
    /// Threads that may sit in `getaddrinfo` at once.
    public static let resolverThreadsMax = 2
    /// Look-ups that may wait for one of those threads; more are refused.
    public static let resolverQueueMax = 256
    /// Hosts whose addresses are remembered.
    public static let resolverCacheMax = 256
    /// How long an answer is believed. `getaddrinfo` hides the record's own TTL.
    public static let resolverTTLNanoseconds: Int64 = 30_000_000_000
    /// How long a failed look-up is believed.
    public static let resolverFailureTTLNanoseconds: Int64 = 1_000_000_000
}
