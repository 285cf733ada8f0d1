/// One deadline that may be moved often and fires seldom: an idle timeout, a heartbeat.
///
/// Moving it later only stores the new time; the wheel is touched again when the old one comes. A stream that gets a
/// thousand events a second therefore pays nothing for its idle timeout. Loop-confined.
public final class LoopTimer {
    private let loop: EventLoop
    private let action: () -> Void
    private var handle: TimerWheel<LoopTimer>.Handle?
    private var scheduledFor: Int64 = 0
    /// When it will fire, in monotonic nanoseconds; nil while it is off.
    public private(set) var deadlineNanoseconds: Int64?

    /// - Parameter action: called on the loop when the deadline has passed. Held as long as the timer: capture weakly
    ///   or call `cancel` to break the cycle.
    public init(loop: EventLoop, action: @escaping () -> Void) {
        self.loop = loop
        self.action = action
    }

    /// Sets or moves the deadline.
    public func schedule(atNanoseconds deadline: Int64) {
        deadlineNanoseconds = deadline
        if let handle {
            if deadline >= scheduledFor { return }
            loop.wheel.cancel(handle)
        }
        arm(deadline)
    }

    /// Sets or moves the deadline to `nanoseconds` from the loop's `now`; `Int64.max` is as good as never.
    public func schedule(afterNanoseconds nanoseconds: Int64) {
        let (deadline, isBeyond) = loop.now.addingReportingOverflow(nanoseconds)
        schedule(atNanoseconds: isBeyond ? (nanoseconds > 0 ? .max : .min) : deadline)
    }

    /// Turns it off.
    public func cancel() {
        deadlineNanoseconds = nil
        if let handle { loop.wheel.cancel(handle) }
        handle = nil
    }

    /// The wheel's entry came due: really, or only to be moved on.
    func fired() {
        handle = nil
        guard let deadline = deadlineNanoseconds else { return }
        if deadline > loop.now {
            arm(deadline)
        } else {
            deadlineNanoseconds = nil
            action()
        }
    }

    private func arm(_ deadline: Int64) {
        scheduledFor = deadline
        handle = loop.wheel.schedule(self, deadlineNanoseconds: deadline)
    }
}
