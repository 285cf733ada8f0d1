/// Whether a client takes what waits for it: a window of time, and what it had taken when the window began. A pure value.
struct WriteStall {
    private(set) var isRunning = false
    private(set) var windowStart: Int64 = 0
    private var takenBefore: UInt64 = 0

    /// Something waits for the client from now on; does nothing while a window runs.
    mutating func begin(at now: Int64, taken: UInt64) {
        guard !isRunning else { return }
        isRunning = true
        windowStart = now
        takenBefore = taken
    }

    /// Nothing waits for it any more.
    mutating func end() { isRunning = false }

    /// True when the window is over and the client has taken less than `bytesMin` in it. A window in which it took enough is followed by
    /// the next.
    mutating func isStalled(now: Int64, taken: UInt64, window: Int64, bytesMin: UInt64) -> Bool {
        guard isRunning, now - windowStart >= window else { return false }
        guard taken >= takenBefore + bytesMin else { return true }
        windowStart = now
        takenBefore = taken
        return false
    }
}
