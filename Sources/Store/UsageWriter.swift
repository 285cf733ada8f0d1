import Dispatch
import Foundation
import Locking

/// The one thread that writes to the usage database: rows first, and housekeeping while none are due.
final class UsageWriter: Sendable {
    struct Counts: Sendable {
        var written = 0
        var duplicates = 0
        var pruned = 0
        /// Of batches of rows.
        var failures = 0
        var lastFailure: String?
        var choreFailures = 0
        var lastChoreFailure: String?
        /// From the failure of a chore until it is done.
        var isPruningFailing = false
        var isLogTruncationFailing = false
    }

    /// What tests replace.
    struct Surroundings: Sendable {
        /// Milliseconds since 1970 UTC.
        var clock: @Sendable () -> Int64 = UsageWriter.now
        /// Whose nights are the time for housekeeping.
        var calendar = DayCalendar.local
        var logTruncateBytes = StoreLimits.logTruncateBytes
        /// Told of each chore on the writer's thread: whether it was done.
        var didChore: @Sendable (Housekeeping.Chore, Bool) -> Void = { _, _ in }
        /// Told, on the writer's thread, that it looked and nothing is left to do.
        var didRest: @Sendable () -> Void = {}
    }

    private let database: UsageDatabase
    private let queue: UsageQueue
    private let surroundings: Surroundings
    /// Held until the thread is through with the files.
    private let lock: Locked<DatabaseLock?>
    private let state = Locked(Counts())
    private let housekeeping: Locked<Housekeeping>
    private let ended = DispatchGroup()

    init(database: UsageDatabase, queue: UsageQueue, lock: DatabaseLock, surroundings: Surroundings = Surroundings()) {
        self.database = database
        self.queue = queue
        self.surroundings = surroundings
        self.lock = Locked(lock)
        housekeeping = Locked(
            Housekeeping(
                now: surroundings.clock(), calendar: surroundings.calendar, logTruncateBytes: surroundings.logTruncateBytes))
    }

    var counts: Counts { state.withLock { $0 } }

    func start() {
        ended.enter()
        let thread = Thread { [self] in
            run()
            database.close()
            lock.withLock { $0 = nil }
            ended.leave()
        }
        thread.name = "usage-writer"
        thread.stackSize = 512 << 10
        thread.start()
    }

    /// Any thread. Nil keeps rows for ever.
    func setRetention(days: Int?) {
        let now = surroundings.clock()
        housekeeping.withLock { $0.setRetention(days: days, now: now) }
        // Kept for ever, rows need no deleting, and nothing would end the complaint.
        if days == nil { state.withLock { $0.isPruningFailing = false } }
        queue.nudge()
    }

    /// Waits until the thread has written everything and closed the database.
    func waitForEnd(deadline: DispatchTime) -> Bool {
        ended.wait(timeout: deadline) == .success
    }

    // MARK: - The thread

    private func run() {
        var pause = pauseMilliseconds()
        while true {
            switch queue.next(look: .now() + .milliseconds(pause)) {
            case .batch(let batch):
                write(batch)
                // Its memory goes back for the next rows; a second owner would make them copy it.
                queue.recycle(consume batch)
                pause = pauseMilliseconds()
            case .idle:
                keepHouse()
                pause = pauseMilliseconds()
                if pause > 0 { surroundings.didRest() }
            case .end: return
            }
        }
    }

    /// Writes a batch, again and again with growing pauses while the database refuses; meanwhile rows queue up behind it.
    private func write(_ batch: UsageBatch) {
        var pause = StoreLimits.retryDelayMilliseconds
        while true {
            do throws(StoreError) {
                let inserted = try database.insert(batch, createdAt: surroundings.clock())
                state.withLock { counts in
                    counts.written += inserted
                    counts.duplicates += batch.rows - inserted
                }
                queue.settle()
                return
            } catch {
                state.withLock { counts in
                    counts.failures += 1
                    counts.lastFailure = error.description
                }
            }
            guard queue.pauseBeforeRetry(milliseconds: pause) else {
                queue.settle(givenUp: true)
                return
            }
            pause = min(pause * 2, StoreLimits.retryDelayMillisecondsMax)
        }
    }

    /// One chore at most, then rows have their turn again.
    private func keepHouse() {
        let now = surroundings.clock()
        let logBytes = database.logBytes
        guard let chore = housekeeping.withLock({ $0.chore(now: now, logBytes: logBytes) }) else { return }
        var isDone = false
        do throws(StoreError) {
            switch chore {
            case .prune(let instant, let rowsMax):
                let rows = try database.prune(before: instant, rowsMax: rowsMax)
                state.withLock { $0.pruned += rows }
                housekeeping.withLock { $0.pruned(rows: rows) }
                isDone = true
            case .truncateLog:
                isDone = try database.truncateLog()
            }
        } catch {
            state.withLock { $0.note(chore, failure: error) }
        }
        if isDone {
            state.withLock { $0.note(chore, failure: nil) }
        } else {
            housekeeping.withLock { $0.failed(chore, now: now) }
        }
        surroundings.didChore(chore, isDone)
    }

    /// How long there is nothing to do but rows.
    private func pauseMilliseconds() -> Int {
        let now = surroundings.clock()
        let logBytes = database.logBytes
        return housekeeping.withLock { $0.pause(now: now, logBytes: logBytes) }
    }

    /// Milliseconds since 1970 UTC.
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}

extension UsageWriter.Counts {
    /// - Parameter failure: nil when the chore was done.
    fileprivate mutating func note(_ chore: Housekeeping.Chore, failure: StoreError?) {
        switch chore {
        case .prune: isPruningFailing = failure != nil
        case .truncateLog: isLogTruncationFailing = failure != nil
        }
        guard let failure else { return }
        choreFailures += 1
        lastChoreFailure = failure.description
    }
}
