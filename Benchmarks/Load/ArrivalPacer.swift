import CLinux
import Glibc
import Reactor
import Synchronization

/// The clock of an open loop: a thread that wakes a `LoadClient` when arrivals are due. The loop's own timers tick once in a millisecond,
/// which would be a part of every latency.
enum ArrivalPacer {
    /// Runs until the last arrival before `deadlineNanoseconds`.
    static func start(_ schedule: ArrivalSchedule, until deadlineNanoseconds: Int64, _ client: LoopBound<LoadClient>, on loop: EventLoop) {
        let isPosted = Posted()
        Thread.start(name: "ekai-pacer-\(loop.index)") {
            var schedule = schedule
            while schedule.next < deadlineNanoseconds {
                sleep(until: schedule.next)
                let now = ekai_monotonic_ns()
                while schedule.next <= now { schedule.advance() }
                guard !isPosted.flag.exchange(true, ordering: .acquiringAndReleasing) else { continue }
                loop.post {
                    isPosted.flag.store(false, ordering: .releasing)
                    client.value.arrive()
                }
            }
        }.detach()
    }

    /// True while the loop has not taken the last call: one is enough for all that is due by then.
    private final class Posted: Sendable {
        let flag = Atomic(false)
    }

    private static func sleep(until nanoseconds: Int64) {
        var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &time, nil) == EINTR {}
    }

    /// Asks the kernel to end sleeps on time, not up to 50 microseconds later, in threads that the caller starts from now on. Best effort.
    static func sharpenTimers() {
        let file = Glibc.open("/proc/self/timerslack_ns", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = write(file, "1", 1)
        close(file)
    }
}
