import Glibc

/// How a loop waits when nothing is left to do: at once, or after a short rest that lets more events gather.
///
/// With many slow streams nearly every event is a wake-up of its own. Resting up to a millisecond before the next
/// `epoll_wait` trades that much delay for fewer of them (docs/performance.md). Off by default.
public struct WaitStep: Sendable {
    /// Least time between two waits, in nanoseconds; 0 turns the rest off.
    public var coalesceNanoseconds: Int64

    public init(coalesceNanoseconds: Int64 = 0) {
        precondition((0...10_000_000).contains(coalesceNanoseconds), "a rest is at most 10 ms")
        self.coalesceNanoseconds = coalesceNanoseconds
    }

    var isResting: Bool { coalesceNanoseconds > 0 }

    /// Sleeps until the rest since `last` is over, yet never past `deadline`.
    func rest(sinceNanoseconds last: Int64, atMostUntil deadline: Int64?) {
        guard isResting else { return }
        let until = min(last + coalesceNanoseconds, deadline ?? .max)
        var time = timespec(tv_sec: Int(until / 1_000_000_000), tv_nsec: Int(until % 1_000_000_000))
        _ = clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &time, nil)
    }
}
