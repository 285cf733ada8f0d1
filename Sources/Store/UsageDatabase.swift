import GRDB

/// The one connection that writes to the usage database.
struct UsageDatabase: Sendable {
    let path: String
    /// Seen by tests, which make its disk full.
    let writer: DatabaseQueue

    /// Opens the database, making it and bringing its schema up to date where needed.
    ///
    /// - Parameter path: prepared by ``DatabaseFiles``.
    init(path: String) throws(StoreError) {
        self.path = path
        do {
            try Self.check(path)
            writer = try DatabaseQueue(path: path, configuration: DatabaseConnection.configuration(isReader: false))
            try UsageSchema.migrator.migrate(writer)
        } catch {
            throw DatabaseConnection.storeError(error, path)
        }
    }

    /// Writes the rows in one transaction, skipping those whose request id is there already.
    ///
    /// - Parameter createdAt: milliseconds since 1970 UTC.
    /// - Returns: how many were new.
    func insert(_ batch: UsageBatch, createdAt: Int64) throws(StoreError) -> Int {
        try change { database in try UsageInsert(database).write(batch, createdAt: createdAt) }
    }

    /// Deletes the oldest rows of before an instant, in one transaction.
    ///
    /// - Returns: how many there were: fewer than `rowsMax` when none are left.
    func prune(before instant: Int64, rowsMax: Int) throws(StoreError) -> Int {
        try change { database in
            let statement = try database.cachedStatement(
                sql: """
                    DELETE FROM usage_records WHERE id IN
                    (SELECT id FROM usage_records WHERE timestamp < ? ORDER BY timestamp LIMIT ?)
                    """)
            try statement.execute(arguments: [UTCTime.text(instant), rowsMax])
        }
    }

    /// Folds the whole write-ahead log back and cuts its file to nothing, unless somebody is reading: it does not wait for them.
    ///
    /// - Returns: false when a reader, or another program's lock, was in the way.
    func truncateLog() throws(StoreError) -> Bool {
        do {
            return try writer.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA busy_timeout = 0")
                defer { try? database.execute(sql: "PRAGMA busy_timeout = \(StoreLimits.busyTimeoutMilliseconds)") }
                do {
                    _ = try database.checkpoint(.truncate)
                    return true
                } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                    return false
                }
            }
        } catch {
            throw DatabaseConnection.storeError(error, path)
        }
    }

    /// Bytes of the write-ahead log's file; 0 when there is none.
    var logBytes: Int { DatabaseFiles.size(path + "-wal") ?? 0 }

    /// Folds the write-ahead log back and closes, so that one plain file remains.
    func close() {
        _ = try? writer.writeWithoutTransaction { database in try database.checkpoint(.truncate) }
        try? writer.close()
    }

    /// Runs `body` in a transaction of its own.
    ///
    /// - Returns: rows that it inserted or deleted.
    private func change(_ body: (Database) throws -> Void) throws(StoreError) -> Int {
        do {
            return try writer.writeWithoutTransaction { database in
                let before = database.totalChangesCount
                try database.inTransaction(.immediate) {
                    try body(database)
                    return .commit
                }
                return database.totalChangesCount - before
            }
        } catch {
            throw DatabaseConnection.storeError(error, path)
        }
    }

    /// Looks before anything is written, and on a connection that cannot: a file that is not ours stays as it is.
    private static func check(_ path: String) throws {
        guard DatabaseFiles.size(path) != 0 else { return }
        let reader = try DatabaseQueue(path: path, configuration: DatabaseConnection.configuration(isReader: true))
        try reader.read { database in
            let migrator = UsageSchema.migrator
            guard try !migrator.hasBeenSuperseded(database) else { throw StoreError.newerVersion(path: path) }
            let isOurs = try migrator.appliedIdentifiers(database).contains(UsageSchema.first)
            guard try isOurs || !database.tableExists("usage_records") else { throw StoreError.foreignTable(path: path) }
        }
    }
}
