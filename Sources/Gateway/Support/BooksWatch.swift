import Logging
import Reactor
import Store

/// Says in the log when the books cannot be kept: a full disk must not go unnoticed because requests are served all the same.
/// Loop-confined.
final class BooksWatch {
    static let intervalNanoseconds: Int64 = 5_000_000_000

    private let context: GatewayContext
    private var health: BooksHealth
    private var timer: LoopTimer?

    private init(_ context: GatewayContext, _ loop: EventLoop) {
        self.context = context
        health = BooksHealth(context.store.counters)
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
        for event in health.look(counters) { log(event, counters) }
        timer?.schedule(afterNanoseconds: Self.intervalNanoseconds)
    }

    private func log(_ event: BooksHealth.Event, _ counters: UsageStore.Counters) {
        let rows: Logger.Metadata = [
            "rows_dropped": "\(counters.rowsDropped)", "write_failures": "\(counters.writeFailures)", "rows_waiting": "\(counters.queueDepth)",
        ]
        let reason: Logger.Metadata = ["last_failure": "\(counters.lastWriteFailure ?? "none")"]
        switch event {
        case .rowsRefused: context.logger.error("the usage database cannot keep up", metadata: rows.merging(reason) { $1 })
        case .rowsLost: context.logger.error("usage rows are being lost", metadata: rows.merging(reason) { $1 })
        case .rowsWritten: context.logger.notice("the usage database keeps up again", metadata: rows)
        case .housekeepingFailed:
            context.logger.warning(
                "housekeeping of the usage database fails; rows are written all the same",
                metadata: ["failures": "\(counters.choreFailures)", "last_failure": "\(counters.lastChoreFailure ?? "none")"])
        case .housekeepingDone: context.logger.notice("housekeeping of the usage database works again")
        }
    }
}
