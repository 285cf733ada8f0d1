import Dispatch
import Foundation
import Synchronization

/// The one thread that writes to the usage database.
final class UsageWriter: Sendable {
    struct Counts: Sendable {
        var written = 0
        var duplicates = 0
        var failures = 0
        var lastFailure: String?
    }

    private let database: UsageDatabase
    private let queue: UsageQueue
    /// Held until the thread is through with the files.
    private let lock: Mutex<DatabaseLock?>
    private let state = Mutex(Counts())
    private let ended = DispatchGroup()

    init(database: UsageDatabase, queue: UsageQueue, lock: DatabaseLock) {
        self.database = database
        self.queue = queue
        self.lock = Mutex(lock)
    }

    var counts: Counts { state.withLock { $0 } }

    func start() {
        ended.enter()
        let thread = Thread { [self] in
            while let batch = queue.nextBatch() { write(batch) }
            database.close()
            lock.withLock { $0 = nil }
            ended.leave()
        }
        thread.name = "usage-writer"
        thread.stackSize = 512 << 10
        thread.start()
    }

    /// Waits until the thread has written everything and closed the database.
    func waitForEnd(deadline: DispatchTime) -> Bool {
        ended.wait(timeout: deadline) == .success
    }

    /// Writes a batch, again and again with growing pauses while the database refuses; meanwhile rows queue up behind it.
    private func write(_ batch: [UsageRecord]) {
        var pause = StoreLimits.retryDelayMilliseconds
        while true {
            do throws(StoreError) {
                let inserted = try database.insert(batch, createdAt: UTCTime.text(Self.now()))
                state.withLock { counts in
                    counts.written += inserted
                    counts.duplicates += batch.count - inserted
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

    /// Milliseconds since 1970 UTC.
    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
