import Foundation
import GRDB
import Testing

@testable import Store

/// The database refuses while the gateway runs: rows queue, then drop and are counted, and nobody who offers one waits.
@Suite struct UsagePressureTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private var everything: UsageQuery { UsageQuery(start: UTCTime.range.lowerBound, end: UTCTime.range.upperBound, limit: 1) }

    /// The lock is held by the thread that offers: were an offer to wait for it, it would wait for ever.
    @Test func whileAnotherProgramHoldsTheLock() throws {
        let store = try UsageStore(path: folder.database, commitDelayMilliseconds: 0)
        let count = 3 * StoreLimits.batchRowsMax + 1
        try DatabaseQueue(path: folder.database).writeWithoutTransaction { database in
            try database.beginTransaction(.immediate)
            for index in 0..<count { #expect(store.offer(.sample("r-\(index)", at: Int64(index)))) }
            #expect(!store.flush(timeoutMilliseconds: StoreLimits.busyTimeoutMilliseconds + 500))
            #expect(store.counters.queueDepth == count && store.counters.rowsWritten == 0 && store.counters.writeFailures > 0)
            try database.rollback()
        }
        #expect(store.flush(timeoutMilliseconds: patience))
        #expect(store.counters.rowsWritten == count && store.counters.rowsDropped == 0 && store.counters.queueDepth == 0)
        let report = try store.report(everything)
        #expect(report.totalRequests == count)
        #expect(report.records.first?.id == Int64(count), "in the order of offering")
    }

    @Test func whileTheDiskIsFull() throws {
        let store = try UsageStore(path: folder.database, queueRowsMax: 4_000, commitDelayMilliseconds: patience)
        store.offer(.sample("before"))
        #expect(store.flush(timeoutMilliseconds: patience))
        // Only whole batches are written, which need more than the free space of the last page. SQLite answers as it does when the disk has no room for another page.
        try store.database.writer.writeWithoutTransaction { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
        for index in 0..<4_000 { #expect(store.offer(.sample("r-\(index)"))) }
        for index in 0..<7 { #expect(!store.offer(.sample("too many \(index)"))) }
        #expect(!store.flush(timeoutMilliseconds: 300))
        #expect(store.counters.rowsDropped == 7 && store.counters.queueDepth == 4_000 && store.counters.rowsWritten == 1)
        #expect(store.counters.lastWriteFailure == StoreError.diskFull(path: folder.database).description)
        // Reports still come.
        #expect(try store.report(everything).totalRequests == 1)
        try store.database.writer.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1073741823") }
        #expect(store.flush(timeoutMilliseconds: patience))
        #expect(store.counters.rowsWritten == 4_001 && store.counters.rowsDropped == 7 && store.counters.queueDepth == 0)
        #expect(try store.report(everything).totalRequests == 4_001)
    }

    /// Not every damage is one that SQLite notices.
    @Test func aRowThatCannotBeIsAnErrorOfTheReport() throws {
        let store = try UsageStore(path: folder.database)
        store.offer(.sample("r"))
        #expect(store.flush(timeoutMilliseconds: patience))
        try DatabaseQueue(path: folder.database).writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    PRAGMA writable_schema = ON;
                    UPDATE sqlite_master SET sql = replace(sql, 'provider TEXT NOT NULL', 'provider TEXT') WHERE name = 'usage_records';
                    """)
        }
        try DatabaseQueue(path: folder.database).write { try $0.execute(sql: "UPDATE usage_records SET provider = NULL") }
        #expect(throws: StoreError.corrupt(path: folder.database)) { try store.report(everything) }
        #expect(throws: StoreError.corrupt(path: folder.database)) { try store.exportCSV(everything) { _ in true } }
    }

    @Test func whenTheFileIsDamagedAtRunTime() throws {
        let store = try UsageStore(path: folder.database, queueRowsMax: 50, commitDelayMilliseconds: 0)
        for index in 0..<2_000 {
            store.offer(.sample("r-\(index)"))
            if index % 50 == 49 { #expect(store.flush(timeoutMilliseconds: patience)) }
        }
        #expect(try store.database.truncateLog())
        let handle = try #require(FileHandle(forUpdatingAtPath: folder.database))
        let pages = (DatabaseFiles.size(folder.database) ?? 0) / 4_096
        try handle.seek(toOffset: 4_096)
        handle.write(Data(repeating: 0xFF, count: (pages - 1) * 4_096))
        // To close it would take this process's locks from the database.
        defer { try? handle.close() }
        // What the writer remembers of the pages would hide it for a while.
        try store.database.writer.writeWithoutTransaction { try $0.execute(sql: "PRAGMA shrink_memory") }
        for index in 0..<50 { #expect(store.offer(.sample("after-\(index)"))) }
        #expect(!store.offer(.sample("too many")))
        #expect(!store.flush(timeoutMilliseconds: 300))
        #expect(store.counters.queueDepth == 50 && store.counters.rowsDropped == 1 && store.counters.writeFailures > 0)
        #expect(store.counters.lastWriteFailure == StoreError.corrupt(path: folder.database).description)
        #expect(throws: StoreError.corrupt(path: folder.database)) { try store.report(everything) }
        #expect(!store.close(timeoutMilliseconds: 100))
        #expect(store.counters.rowsDropped == 51 && store.counters.queueDepth == 0 && store.counters.rowsWritten == 2_000)
    }

    /// What `kill -9` or a power cut leaves: a log that was never folded back, its last frames cut off or wrong.
    @Test(arguments: [0, 1, 4_000, 9_000]) func aTornLogIsAccepted(bytesCutOff: Int) throws {
        let store = try UsageStore(path: folder.database)
        for batch in 0..<20 {
            for index in 0..<10 { store.offer(.sample("\(batch)-\(index)", at: Int64(batch))) }
            #expect(store.flush(timeoutMilliseconds: patience))
        }
        let copy = folder.path + "/left.db"
        var log = try Data(contentsOf: URL(fileURLWithPath: folder.database + "-wal"))
        log.removeLast(bytesCutOff)
        log.append(Data(repeating: 0x5A, count: bytesCutOff / 2))
        try Data(contentsOf: URL(fileURLWithPath: folder.database)).write(to: URL(fileURLWithPath: copy))
        try log.write(to: URL(fileURLWithPath: copy + "-wal"))
        let left = try UsageStore(path: copy)
        let report = try left.report(everything)
        #expect(report.totalRequests % 10 == 0, "whole transactions only")
        #expect(bytesCutOff == 0 ? report.totalRequests == 200 : (150..<200).contains(report.totalRequests))
        left.offer(.sample("next", at: 100))
        #expect(left.close(timeoutMilliseconds: patience))
        try DatabaseQueue(path: copy).read { database in
            let findings = try String.fetchAll(database, sql: "PRAGMA integrity_check")
            #expect(findings == ["ok"])
            let ids = try Int.fetchOne(database, sql: "SELECT count(DISTINCT id) FROM usage_records")
            #expect(ids == report.totalRequests + 1)
        }
    }
}
