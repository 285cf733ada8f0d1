import Foundation
import GRDB
import Testing

@testable import Store

@Suite struct UsageStoreTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func all(_ limit: Int? = nil) -> UsageQuery {
        UsageQuery(start: UTCTime.range.lowerBound, end: UTCTime.range.upperBound, limit: limit)
    }

    @Test func aRecordComesBackWhole() throws {
        let store = try UsageStore(path: folder.database)
        var record = UsageRecord.sample("r-1", at: 1_234)
        record.upstreamModel = "gpt-4o-2024-08-06"
        record.inputTokens = 1
        record.cacheWriteTokens = 2
        record.cacheWrite1hTokens = 1
        record.cacheReadTokens = 3
        record.outputTokens = 4
        record.reasoningTokens = 2
        record.inputCostPico = 5
        record.cacheWriteCostPico = 6
        record.cacheReadCostPico = nil
        record.outputCostPico = 8
        record.totalCostPico = 9_007_199_254_740_993
        record.isCostKnown = false
        record.paymentMethod = "x402"
        record.endpoint = "/v1/messages"
        record.clientDialect = "messages"
        record.status = 529
        record.outcome = .truncated
        record.errorKind = "overloaded"
        record.isStream = true
        record.latencyMicroseconds = 10
        record.timeToFirstTokenMicroseconds = 11
        record.attempts = 2
        record.session = "s'\";--"
        record.upstreamRequestID = "req_ü"
        record.isUsageEstimated = true
        record.isPossiblyBilled = true
        record.keyID = "team-a"
        #expect(store.offer(record))
        let plain = UsageRecord.sample("r-2")
        #expect(store.offer(plain))
        #expect(store.flush(timeoutMilliseconds: patience))
        #expect(try store.report(all()).records.map(\.record) == [record, plain])
        #expect(store.counters.rowsWritten == 2 && store.counters.queueDepth == 0 && store.counters.rowsDropped == 0)
        #expect(store.close(timeoutMilliseconds: patience))
    }

    @Test func plainSQLSeesTheContractsColumns() throws {
        let store = try UsageStore(path: folder.database)
        var record = UsageRecord.sample("r-1", at: 1)
        record.inputTokens = 10
        record.outputTokens = 5
        record.inputCostPico = 140_000_000
        record.totalCostPico = 140_000_000
        store.offer(record)
        #expect(store.close(timeoutMilliseconds: patience))
        try DatabaseQueue(path: folder.database).read { database in
            let row = try #require(
                try Row.fetchOne(
                    database,
                    sql: """
                        SELECT id, request_id, provider, model, timestamp, input_tokens, cache_write_input_tokens,
                        cache_read_input_tokens, output_tokens, total_tokens, input_cost, cache_write_cost, cache_read_cost,
                        output_cost, total_cost, currency, payment_method, created_at FROM usage_records
                        """))
            #expect(row["timestamp"] as String == "2026-01-01T00:00:00.001Z")
            #expect(row["total_tokens"] as Int == 15)
            #expect(row["total_cost"] as Double == 0.00014)
            #expect(row["output_cost"] as Double? == nil)
            #expect(row["currency"] as String == "USD")
            #expect(try String.fetchOne(database, sql: "PRAGMA integrity_check") == "ok")
        }
    }

    @Test func manyRowsGoInBatchesAndSurviveReopening() throws {
        var store: UsageStore? = try UsageStore(path: folder.database)
        for index in 0..<5_001 { #expect(store?.offer(.sample("r-\(index)", at: Int64(index))) == true) }
        #expect(store?.flush(timeoutMilliseconds: patience) == true)
        #expect(store?.counters.rowsWritten == 5_001)
        #expect(store?.close(timeoutMilliseconds: patience) == true)
        #expect(store?.offer(.sample("late")) == false)
        #expect(store?.counters.rowsDropped == 1)
        store = nil
        let again = try UsageStore(path: folder.database)
        #expect(try again.report(all()).totalRequests == 5_001)
        #expect(!FileManager.default.fileExists(atPath: folder.database + "-wal") || folder.mode(of: folder.database + "-wal") == 0o600)
    }

    @Test func oneRowForEachRequestID() throws {
        let store = try UsageStore(path: folder.database)
        store.offer(.sample("same", provider: "first"))
        store.offer(.sample("same", provider: "second"))
        store.offer(.sample("other"))
        #expect(store.flush(timeoutMilliseconds: patience))
        store.offer(.sample("same", provider: "third"))
        #expect(store.flush(timeoutMilliseconds: patience))
        #expect(store.counters.rowsDuplicate == 2 && store.counters.rowsWritten == 2)
        #expect(try store.report(all()).records.map(\.record.provider) == ["openai", "first"])
    }

    @Test func aLockedDatabaseFillsTheQueueThenDropsAndRecovers() throws {
        let store = try UsageStore(path: folder.database, queueRowsMax: 3, commitDelayMilliseconds: 0)
        let other = try DatabaseQueue(path: folder.database)
        try other.writeWithoutTransaction { database in
            try database.beginTransaction(.immediate)
            for index in 0..<3 { #expect(store.offer(.sample("r-\(index)"))) }
            #expect(!store.offer(.sample("one too many")))
            #expect(!store.flush(timeoutMilliseconds: 2 * StoreLimits.busyTimeoutMilliseconds))
            #expect(store.counters.rowsDropped == 1 && store.counters.queueDepth == 3 && store.counters.rowsWritten == 0)
            #expect(store.counters.writeFailures > 0)
            #expect(store.counters.lastWriteFailure?.contains("locked by another program") == true)
            try database.commit()
        }
        #expect(store.flush(timeoutMilliseconds: patience))
        #expect(store.counters.rowsWritten == 3 && store.counters.queueDepth == 0)
        #expect(store.offer(.sample("r-9")))
        #expect(store.close(timeoutMilliseconds: patience))
    }

    @Test func closingOnALockedDatabaseEndsAndCounts() throws {
        let store = try UsageStore(path: folder.database, commitDelayMilliseconds: 0)
        let other = try DatabaseQueue(path: folder.database)
        try other.writeWithoutTransaction { database in
            try database.beginTransaction(.immediate)
            for index in 0..<3_000 { store.offer(.sample("r-\(index)")) }
            #expect(!store.close(timeoutMilliseconds: 100))
            #expect(store.counters.rowsDropped == 3_000 && store.counters.queueDepth == 0)
            try database.rollback()
        }
    }

    @Test func manyThreadsOfferAtOnce() throws {
        let store = try UsageStore(path: folder.database)
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for index in 0..<500 { store.offer(.sample("\(thread)-\(index)")) }
        }
        #expect(store.flush(timeoutMilliseconds: patience))
        #expect(try store.report(all()).totalRequests == 4_000)
    }

    @Test func textsAndCountsAreBounded() throws {
        let store = try UsageStore(path: folder.database)
        var record = UsageRecord.sample("r", model: String(repeating: "ü", count: 100_000))
        record.session = "x" + String(repeating: "😀", count: 1_000)
        record.inputTokens = .max
        record.outputTokens = -1
        store.offer(record)
        #expect(store.flush(timeoutMilliseconds: patience))
        let stored = try #require(try store.report(all()).records.first?.record)
        #expect(stored.model == String(repeating: "ü", count: StoreLimits.textBytesMax / 2))
        #expect(stored.session == "x" + String(repeating: "😀", count: 63))
        #expect(stored.inputTokens == 1 << 36 && stored.outputTokens == 0)
    }

    // MARK: - Opening

    @Test func filesAndFolderArePrivate() throws {
        let old = umask(0)
        defer { umask(old) }
        let store = try UsageStore(path: folder.database)
        store.offer(.sample("r"))
        #expect(store.flush(timeoutMilliseconds: patience))
        #expect(folder.mode(of: folder.path + "/data") == 0o700)
        for suffix in ["", "-wal", "-shm", ".lock"] { #expect(folder.mode(of: folder.database + suffix) == 0o600) }
    }

    @Test func aFileThatIsTooOpenIsNarrowed() throws {
        let file = folder.path + "/open.db"
        #expect(FileManager.default.createFile(atPath: file, contents: nil, attributes: [.posixPermissions: 0o644]))
        let store = try UsageStore(path: file)
        #expect(folder.mode(of: file) == 0o600)
        #expect(folder.mode(of: folder.path) == 0o700)
        store.offer(.sample("an empty file is a new database"))
        #expect(store.flush(timeoutMilliseconds: patience))
    }

    @Test func aSecondStoreIsKeptAway() throws {
        let first = try UsageStore(path: folder.database)
        #expect(throws: StoreError.inUse(path: folder.database, processID: Int(getpid()))) { try UsageStore(path: folder.database) }
        #expect(first.close(timeoutMilliseconds: patience))
        #expect(throws: Never.self) { try UsageStore(path: folder.database) }
    }

    @Test func garbageIsNamed() throws {
        let file = folder.path + "/garbage.db"
        #expect(FileManager.default.createFile(atPath: file, contents: Data(repeating: 0x5A, count: 8_192)))
        #expect(throws: StoreError.notADatabase(path: file)) { try UsageStore(path: file) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data(repeating: 0x5A, count: 8_192))
    }

    @Test func aDamagedDatabaseIsNamed() throws {
        let store = try UsageStore(path: folder.database)
        for index in 0..<2_000 { store.offer(.sample("r-\(index)")) }
        #expect(store.close(timeoutMilliseconds: patience))
        let handle = try #require(FileHandle(forUpdatingAtPath: folder.database))
        try handle.seek(toOffset: 100)
        handle.write(Data(repeating: 0xFF, count: 3_000))
        try handle.close()
        #expect(throws: StoreError.corrupt(path: folder.database)) { try UsageStore(path: folder.database) }
    }

    @Test func foldersAndForeignTablesAreNamed() throws {
        #expect(throws: StoreError.self) { try UsageStore(path: folder.path) }
        let file = folder.path + "/other.db"
        try DatabaseQueue(path: file).write { try $0.execute(sql: "CREATE TABLE usage_records (id TEXT)") }
        #expect(throws: StoreError.foreignTable(path: file)) { try UsageStore(path: file) }
    }

    @Test func aDatabaseLockedByAnotherProgramIsNamed() throws {
        #expect(try UsageStore(path: folder.database).close(timeoutMilliseconds: patience))
        var configuration = Configuration()
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
        let other = try DatabaseQueue(path: folder.database, configuration: configuration)
        try other.write { try $0.execute(sql: "CREATE TABLE mine (x)") }
        #expect(throws: StoreError.lockedByAnotherProgram(path: folder.database)) { try UsageStore(path: folder.database) }
        try other.close()
    }

    @Test(.enabled(if: getuid() != 0, "root may write everywhere"))
    func aFolderWithoutPermissionIsNamed() throws {
        #expect(chmod(folder.path, 0o500) == 0)
        defer { chmod(folder.path, 0o700) }
        #expect(throws: StoreError.noPermission(path: folder.path + "/data")) { try UsageStore(path: folder.database) }
    }
}
