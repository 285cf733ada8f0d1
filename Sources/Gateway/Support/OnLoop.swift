import CLinux
import Dispatch
import Glibc
import Locking
import Reactor

/// Running something on a loop and waiting for it: for start and tests, never for a loop's own thread.
package enum OnLoop {
    /// Runs `work` on `loop` and returns its result.
    package static func run<Value: Sendable>(_ loop: EventLoop, _ work: @escaping @Sendable () -> Value) -> Value {
        precondition(!loop.isInLoop, "a loop cannot wait for itself")
        let result = Locked<Value?>(nil)
        let done = DispatchSemaphore(value: 0)
        loop.post {
            let value = work()
            result.withLock { $0 = value }
            done.signal()
        }
        done.wait()
        guard let value = result.withLock({ $0 }) else { preconditionFailure("signalled without a result") }
        return value
    }
}

/// Waiting for a condition on a thread that may block.
enum Waiting {
    /// How often the conditions are looked at.
    static let stepMilliseconds = 5

    /// Waits until `isDone`, `isForced`, or the time is up. Returns whether it was done.
    @discardableResult
    static func until(milliseconds: Int, _ isForced: () -> Bool, _ isDone: () -> Bool) -> Bool {
        let deadline = ekai_monotonic_ns() + Int64(milliseconds) * 1_000_000
        while !isDone() {
            if isForced() || ekai_monotonic_ns() >= deadline { return isDone() }
            usleep(UInt32(stepMilliseconds * 1_000))
        }
        return true
    }
}
