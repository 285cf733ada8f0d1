import Reactor

/// The task that an exchange runs on: where it sleeps, its clock, and what ends every wait early. Loop-confined.
struct UpstreamTask {
    let loop: EventLoop
    let wakeup: Wakeup
    let timer: LoopTimer

    /// Waits for one of `signals`.
    /// - Throws: when the deadline passes, the client goes away or the gateway stops first.
    func wait(
        for signals: Signals, until deadlineNanoseconds: Int64, _ phase: UpstreamFailure.Phase, isBilled: Bool
    ) async throws(UpstreamFailure) -> Signals {
        while true {
            timer.schedule(atNanoseconds: deadlineNanoseconds)
            let taken = await wakeup.wait(for: signals.union([.downstreamGone, .timer, .stopping]))
            if taken.contains(.downstreamGone) { throw UpstreamFailure(.clientGone, isPossiblyBilled: isBilled) }
            if taken.contains(.stopping) { throw UpstreamFailure(.stopping, isPossiblyBilled: isBilled) }
            if !taken.isDisjoint(with: signals) { return taken }
            if loop.now >= deadlineNanoseconds { throw UpstreamFailure(.timedOut(phase), isPossiblyBilled: isBilled) }
        }
    }
}
