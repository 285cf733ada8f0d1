import Dispatch
import Foundation
import GRDB
import Locking
import Testing

@testable import Store

/// A writer whose clock stands still until the test sets it, and who says what it did.
private final class Upkeep: Sendable {
    private let time = Locked(newYear + 400 * UTCTime.millisecondsPerDay)
    private let log = Locked<[String]>([])
    private let rested = DispatchSemaphore(value: 0)
    /// Called on the writer's thread after each chore.
    let afterChore = Locked<(@Sendable () -> Void)?>(nil)

    var now: Int64 { time.withLock { $0 } }
    var events: [String] { log.withLock { $0 } }
    func note(_ event: String) { log.withLock { $0.append(event) } }
    func advance(_ milliseconds: Int) { time.withLock { $0 += Int64(milliseconds) } }

    func surroundings(logTruncateBytes: Int = .max) -> UsageWriter.Surroundings {
        UsageWriter.Surroundings(
            clock: { self.now }, calendar: .utc, logTruncateBytes: logTruncateBytes,
            didChore: { chore, isDone in
                switch chore {
                case .prune: self.note(isDone ? "pruned" : "not pruned")
                case .truncateLog: self.note(isDone ? "cut" : "not cut")
                }
                self.afterChore.withLock { $0 }?()
            },
            didRest: { self.rested.signal() })
    }

    /// Has the writer look, and waits until it finds nothing more to do.
    func settle(_ store: UsageStore) -> Bool {
        while rested.wait(timeout: .now()) == .success {}
        // The first answer may be of a look that began before the clock was set.
        for _ in 0..<2 {
            store.queue.nudge()
            guard rested.wait(timeout: .now() + .milliseconds(patience)) == .success else { return false }
        }
        return true
    }
}

@Suite struct UsageUpkeepTests {
    private let folder: TemporaryFolder
    private let upkeep = Upkeep()

    init() throws {
        folder = try TemporaryFolder()
    }

    private func fill(_ store: UsageStore, _ count: Int, daysOld: Int64, prefix: String) {
        let age = daysOld * UTCTime.millisecondsPerDay
        for index in 0..<count {
            #expect(store.offer(.sample("\(prefix)-\(index)", at: upkeep.now - newYear - age - Int64(index))))
        }
        #expect(store.flush(timeoutMilliseconds: patience))
    }

    private func count(_ store: UsageStore) throws -> Int {
        try store.report(UsageQuery(start: 0, end: UTCTime.range.upperBound, limit: 1)).totalRequests
    }

    @Test func rowsOlderThanTheRetentionGo() throws {
        let store = try UsageStore(path: folder.database, surroundings: upkeep.surroundings())
        fill(store, 1_234, daysOld: 91, prefix: "old")
        fill(store, 100, daysOld: 89, prefix: "new")
        #expect(upkeep.settle(store))
        #expect(store.counters.rowsPruned == 0, "without a retention rows are kept")
        store.setRetention(days: 90)
        #expect(upkeep.settle(store))
        #expect(store.counters.rowsPruned == 0, "not before some minutes have passed")
        upkeep.advance(StoreLimits.pruneDelayMilliseconds)
        #expect(upkeep.settle(store))
        #expect(store.counters.rowsPruned == 1_234)
        #expect(upkeep.events == ["pruned", "pruned", "pruned"])
        #expect(try count(store) == 100)
        // Two nights later the rest is old as well.
        upkeep.advance(2 * Int(UTCTime.millisecondsPerDay))
        #expect(upkeep.settle(store))
        #expect(store.counters.rowsPruned == 1_334)
        #expect(try count(store) == 0)
        #expect(store.counters.writeFailures == 0)
    }

    @Test func rowsAreWrittenBetweenTwoSteps() throws {
        let store = try UsageStore(path: folder.database, commitDelayMilliseconds: 0, surroundings: upkeep.surroundings())
        fill(store, 1_400, daysOld: 91, prefix: "old")
        let written = Locked<[Int]>([])
        upkeep.afterChore.withLock { $0 = {
            // Offered after one step, it is in the file before the next one ends.
            written.withLock { $0.append(store.counters.rowsWritten) }
            store.offer(.sample("step-\(store.counters.rowsPruned)", at: upkeep.now - newYear))
        } }
        store.setRetention(days: 90)
        upkeep.advance(StoreLimits.pruneDelayMilliseconds)
        #expect(upkeep.settle(store))
        #expect(written.withLock { $0 } == [1_400, 1_401, 1_402])
        upkeep.afterChore.withLock { $0 = nil }
    }

    @Test func aLockedDatabasePutsItOff() throws {
        let store = try UsageStore(path: folder.database, surroundings: upkeep.surroundings())
        fill(store, 10, daysOld: 2, prefix: "old")
        store.setRetention(days: 1)
        let other = try DatabaseQueue(path: folder.database)
        try other.writeWithoutTransaction { database in
            try database.beginTransaction(.immediate)
            upkeep.advance(StoreLimits.pruneDelayMilliseconds)
            #expect(upkeep.settle(store))
            #expect(upkeep.events == ["not pruned"] && store.counters.rowsPruned == 0)
            let counters = store.counters
            #expect(counters.isHousekeepingFailing && counters.choreFailures == 1)
            #expect(counters.lastChoreFailure?.contains("locked by another program") == true)
            #expect(counters.writeFailures == 0 && counters.lastWriteFailure == nil, "no row is at risk")
            try database.rollback()
        }
        upkeep.advance(StoreLimits.lookMilliseconds)
        #expect(upkeep.settle(store))
        #expect(store.counters.rowsPruned == 10)
        #expect(!store.counters.isHousekeepingFailing && store.counters.choreFailures == 1)
    }

    @Test func rowsKeptForEverLeaveNothingToComplainOf() throws {
        let store = try UsageStore(path: folder.database, surroundings: upkeep.surroundings())
        fill(store, 10, daysOld: 2, prefix: "old")
        store.setRetention(days: 1)
        let other = try DatabaseQueue(path: folder.database)
        try other.writeWithoutTransaction { database in
            try database.beginTransaction(.immediate)
            upkeep.advance(StoreLimits.pruneDelayMilliseconds)
            #expect(upkeep.settle(store))
            #expect(store.counters.isHousekeepingFailing)
            store.setRetention(days: nil)
            #expect(!store.counters.isHousekeepingFailing)
            try database.rollback()
        }
    }

    // MARK: - The write-ahead log

    @Test func theLogIsFoldedBackByItself() throws {
        let store = try UsageStore(path: folder.database)
        for round in 0..<12 {
            for index in 0..<2_000 { store.offer(.sample("\(round)-\(index)")) }
            #expect(store.flush(timeoutMilliseconds: patience))
        }
        // What one batch adds is at most beyond the mark.
        #expect(store.database.logBytes <= StoreLimits.logBytesMax + 2 * (1 << 20))
        #expect(DatabaseFiles.size(folder.database) ?? 0 > 1 << 20)
    }

    @Test func aLongReaderMakesTheLogGrowUntilItLeaves() throws {
        let bound = 1 << 20
        let store = try UsageStore(path: folder.database, surroundings: upkeep.surroundings(logTruncateBytes: bound))
        store.offer(.sample("first"))
        #expect(store.flush(timeoutMilliseconds: patience))
        var configuration = Configuration()
        configuration.readonly = true
        let reader = try DatabaseQueue(path: folder.database, configuration: configuration)
        try reader.read { database in
            let rows = try Int.fetchOne(database, sql: "SELECT count(*) FROM usage_records")
            #expect(rows == 1)
            for round in 0..<8 {
                for index in 0..<1_000 { store.offer(.sample("\(round)-\(index)")) }
                // The reader holds no row up.
                #expect(store.flush(timeoutMilliseconds: patience))
            }
            #expect(upkeep.settle(store))
            #expect(store.database.logBytes > bound)
            #expect(upkeep.events.contains("not cut") && !upkeep.events.contains("cut"))
            let rowsLater = try Int.fetchOne(database, sql: "SELECT count(*) FROM usage_records")
            #expect(rowsLater == 1)
        }
        upkeep.advance(StoreLimits.logRetryMilliseconds)
        #expect(upkeep.settle(store))
        #expect(upkeep.events.last == "cut")
        #expect(store.database.logBytes == 0)
        #expect(store.counters.rowsWritten == 8_001 && store.counters.writeFailures == 0)
        store.offer(.sample("last"))
        #expect(store.flush(timeoutMilliseconds: patience))
        #expect(try count(store) == 8_002)
    }
}
