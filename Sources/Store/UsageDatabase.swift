import GRDB

/// The connections to the usage database: one that writes, and one per report that only reads.
struct UsageDatabase: Sendable {
    let path: String
    private let writer: DatabaseQueue

    /// Opens the database, making it and bringing its schema up to date where needed.
    ///
    /// - Parameter path: prepared by ``DatabaseFiles``.
    init(path: String) throws(StoreError) {
        self.path = path
        do {
            writer = try DatabaseQueue(path: path, configuration: Self.configuration(isReader: false))
            try Self.migrate(writer, path)
        } catch let error as StoreError {
            throw error
        } catch {
            throw Self.storeError(error, path)
        }
    }

    /// Writes the rows in one transaction, skipping those whose request id is there already.
    ///
    /// - Returns: how many were new.
    func insert(_ records: [UsageRecord], createdAt: String) throws(StoreError) -> Int {
        do {
            return try writer.writeWithoutTransaction { database in
                var inserted = 0
                try database.inTransaction(.immediate) {
                    let before = database.totalChangesCount
                    let statement = try database.cachedStatement(sql: UsageRow.insert)
                    for record in records {
                        try statement.execute(arguments: UsageRow.arguments(record, createdAt: createdAt))
                    }
                    inserted = database.totalChangesCount - before
                    return .commit
                }
                return inserted
            }
        } catch {
            throw Self.storeError(error, path)
        }
    }

    /// Runs `body` on a connection of its own, on one state of the database; the writer does not wait for it.
    func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do {
            let reader = try DatabaseQueue(path: path, configuration: Self.configuration(isReader: true))
            return try reader.read(body)
        } catch {
            throw Self.storeError(error, path)
        }
    }

    /// Folds the write-ahead log back and closes, so that one plain file remains.
    func close() {
        _ = try? writer.writeWithoutTransaction { database in try database.checkpoint(.truncate) }
        try? writer.close()
    }

    // MARK: - Opening

    private static func configuration(isReader: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.label = isReader ? "usage reader" : "usage writer"
        configuration.readonly = isReader
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(Double(StoreLimits.busyTimeoutMilliseconds) / 1_000)
        configuration.prepareDatabase { database in
            // A committed transaction survives the death of the process; the last ones before a power cut may be lost.
            if !isReader {
                try database.execute(
                    sql: """
                        PRAGMA journal_mode = WAL;
                        PRAGMA synchronous = NORMAL;
                        PRAGMA wal_autocheckpoint = \(StoreLimits.checkpointPages);
                        PRAGMA journal_size_limit = \(StoreLimits.logBytesMax);
                        """)
            }
            try database.execute(sql: "PRAGMA cache_size = -\(StoreLimits.pageCacheKiB); PRAGMA mmap_size = 0")
        }
        return configuration
    }

    private static func migrate(_ writer: DatabaseQueue, _ path: String) throws {
        let migrator = UsageSchema.migrator
        try writer.read { database in
            guard try !migrator.hasBeenSuperseded(database) else { throw StoreError.newerVersion(path: path) }
            let isOurs = try migrator.appliedIdentifiers(database).contains(UsageSchema.first)
            guard try isOurs || !database.tableExists("usage_records") else { throw StoreError.foreignTable(path: path) }
        }
        try migrator.migrate(writer)
    }

    private static func storeError(_ error: any Error, _ path: String) -> StoreError {
        guard let error = error as? DatabaseError else { return .failed(path: path, reason: "\(error)") }
        switch error.resultCode {
        case .SQLITE_NOTADB: return .notADatabase(path: path)
        case .SQLITE_CORRUPT: return .corrupt(path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED: return .lockedByAnotherProgram(path: path)
        case .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH: return .noPermission(path: path)
        default: return .failed(path: path, reason: error.message ?? "SQLite error \(error.resultCode.rawValue)")
        }
    }
}
