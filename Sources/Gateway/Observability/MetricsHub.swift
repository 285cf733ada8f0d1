import CLinux
import HTTP
import Locking
import Reactor
import Synchronization

/// Collects what the loops have counted. Shared; the data path never comes here.
final class MetricsHub: Sendable {
    /// A loop and what counts on it.
    private struct Source: Sendable {
        let loop: EventLoop
        let counting: LoopBound<(loop: LoopContext, server: HTTPServer)>
    }

    private struct State {
        var sources: [Source] = []
        /// By loop: what it showed last.
        var snapshots: [Int: LoopSnapshot] = [:]
        /// Answers that did not come in time.
        var loopsMissed: UInt64 = 0
        /// Models that were shown: a label that was shown once stays, so that no counter goes backwards.
        var shownModels: Set<ModelLabels> = []
    }

    private let state = Locked(State())

    /// Makes a loop known. Called on that loop, at start.
    func register(_ loop: LoopContext, _ server: HTTPServer) {
        let source = Source(loop: loop.loop, counting: LoopBound((loop: loop, server: server), to: loop.loop))
        state.withLock { $0.sources.append(source) }
    }

    /// Asks every loop for its counts and waits until all have answered, or the time is up.
    ///
    /// - Parameters:
    ///   - wakeup: where the calling task sleeps.
    ///   - timer: sets `.timer` on `wakeup`.
    func collect(_ wakeup: Wakeup, _ timer: LoopTimer, on loop: EventLoop) async {
        let sources = state.withLock { $0.sources }
        let round = Round(sources.count, wakeup, loop)
        wakeup.clear(.completed)
        for source in sources {
            source.loop.post { [self] in
                let counting = source.counting.value
                let snapshot = counting.loop.counted(connections: counting.server.connectionCount)
                state.withLock { $0.snapshots[source.loop.index] = snapshot }
                round.answered()
            }
        }
        let deadline = loop.now + MetricsLimits.scrapeNanoseconds
        while round.missing > 0, loop.now < deadline {
            timer.schedule(atNanoseconds: deadline)
            _ = await wakeup.wait(for: [.completed, .timer])
        }
        let missing = round.missing
        if missing > 0 { state.withLock { $0.loopsMissed += UInt64(missing) } }
    }

    /// The sum of what the loops showed last.
    func totals() -> MetricsTotals {
        state.withLock { state in
            var totals = MetricsTotals(loopsMissed: state.loopsMissed)
            for (index, snapshot) in state.snapshots { totals.add(snapshot, ofLoop: index, shown: &state.shownModels) }
            return totals
        }
    }
}

/// One scrape's wait for the loops.
private final class Round: Sendable {
    private let left: Atomic<Int>
    private let loop: EventLoop
    private let wakeup: LoopBound<Wakeup>

    init(_ count: Int, _ wakeup: Wakeup, _ loop: EventLoop) {
        left = Atomic(count)
        self.loop = loop
        self.wakeup = LoopBound(wakeup, to: loop)
    }

    /// Loops that have not answered yet.
    var missing: Int { left.load(ordering: .acquiring) }

    /// Called by each loop once. The last one wakes the waiting task, or, when that has given up, nobody: whoever waits on that wakeup then
    /// looks at a condition of its own.
    func answered() {
        guard left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        loop.post { self.wakeup.value.signal(.completed) }
    }
}
