import Logging
import Reactor
import Store

/// Says in the log when the books cannot be kept: a full disk must not go unnoticed because requests are served all the same.
/// Loop-confined.
final class BooksWatch {
    static let intervalNanoseconds: Int64 = 5_000_000_000

    private let context: GatewayContext
    private var last: UsageStore.Counters
    private var timer: LoopTimer?

    private init(_ context: GatewayContext, _ loop: EventLoop) {
        self.context = context
        last = context.store.counters
        // The timer keeps the watch alive, for as long as the process lives.
        timer = LoopTimer(loop: loop) { self.look() }
        timer?.schedule(afterNanoseconds: Self.intervalNanoseconds)
    }

    /// Begins to look, every few seconds, on `loop`.
    static func start(_ context: GatewayContext, on loop: EventLoop) {
        loop.post { _ = BooksWatch(context, loop) }
    }

    private func look() {
        let counters = context.store.counters
        if counters.rowsDropped > last.rowsDropped || counters.writeFailures > last.writeFailures {
            context.logger.error(
                "the usage database cannot keep up",
                metadata: [
                    "rows_dropped": "\(counters.rowsDropped)", "write_failures": "\(counters.writeFailures)",
                    "rows_waiting": "\(counters.queueDepth)", "last_failure": "\(counters.lastFailure ?? "none")",
                ])
        }
        last = counters
        timer?.schedule(afterNanoseconds: Self.intervalNanoseconds)
    }
}
