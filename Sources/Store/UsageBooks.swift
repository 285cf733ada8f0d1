import GRDB

/// The books as a reader sees them: beside a gateway that writes, or without one. Nothing here takes a lock that a writer waits for.
///
/// Every call opens a connection of its own, which can only read, and looks at one state of the database. All of them block.
public struct UsageBooks: Sendable {
    /// The database file.
    public let path: String
    /// A question that takes longer is given up: while it reads, the write-ahead log cannot start anew.
    let readMillisecondsMax: Int
    private var isUnwanted: @Sendable () -> Bool = { false }

    /// The books of a store that has the database open.
    init(openedAt path: String, readMillisecondsMax: Int = StoreLimits.readMillisecondsMax) {
        self.path = path
        self.readMillisecondsMax = readMillisecondsMax
    }

    /// The books in a file, which a gateway may be writing to.
    ///
    /// - Throws: ``StoreError``: there is no such file, it holds no books, or those of another version.
    public init(path: String) throws(StoreError) {
        self.init(openedAt: path)
        guard DatabaseFiles.size(path) != nil else { throw .missing(path: path) }
        guard DatabaseFiles.isReadable(path) else { throw .noPermission(path: path) }
        try read { database in
            let migrator = UsageSchema.migrator
            guard try !migrator.hasBeenSuperseded(database) else { throw StoreError.newerVersion(path: path) }
            let applied = try migrator.appliedIdentifiers(database)
            guard applied.contains(UsageSchema.first) else { throw StoreError.noBooks(path: path) }
            guard applied.contains(UsageSchema.last) else { throw StoreError.olderVersion(path: path) }
        }
    }

    /// The same books, whose questions are given up as soon as `isUnwanted` says so: it is asked often, on the thread that reads.
    public func givingUp(when isUnwanted: @escaping @Sendable () -> Bool) -> UsageBooks {
        var books = self
        books.isUnwanted = isUnwanted
        return books
    }

    /// Totals and one page of records.
    public func report(_ query: UsageQuery) throws(StoreError) -> UsageReport {
        try read { database in try UsageReader.report(query, database) }
    }

    /// Sums by whatever the query groups by.
    public func summary(_ query: UsageSummary.Query) throws(StoreError) -> UsageSummary {
        try read { database in try UsageSummaryReader.summary(query, database) }
    }

    /// How many records ``exportCSV(_:to:)`` would write, counted in the index no further than `max`: what an export costs is known
    /// before it begins.
    public func exportCount(_ query: UsageQuery, upTo max: Int) throws(StoreError) -> Int {
        let max = min(max, query.limit ?? max)
        return try read { database in try UsageReader.count(query, upTo: max, database) }
    }

    /// Writes the records of the query as CSV, in pieces of about ``StoreLimits/exportPageRows`` lines, newest first. Each piece is
    /// a question of its own, so that a slow taker holds no state of the database.
    ///
    /// - Parameter write: takes each piece; answers false to stop.
    public func exportCSV(_ query: UsageQuery, to write: ([UInt8]) throws -> Bool) throws {
        var text = UsageCSV.header
        var left = query.limit ?? .max
        var cursor = query.cursor
        while true {
            let rows = min(left, StoreLimits.exportPageRows)
            let page = try read { database in
                try UsageReader.records(query, after: cursor, limit: rows, database)
            }
            for record in page.records { UsageCSV.append(record, to: &text) }
            left -= page.records.count
            cursor = page.next
            guard try write(text), left > 0, cursor != nil else { return }
            text.removeAll(keepingCapacity: true)
        }
    }

    /// Runs `body` on a connection of its own, on one state of the database, for ``readMillisecondsMax`` at most.
    func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do {
            let reader = try DatabaseQueue(path: path, configuration: DatabaseConnection.configuration(isReader: true))
            let watch = QueryWatch(millisecondsMax: readMillisecondsMax, isUnwanted: isUnwanted)
            return try reader.read { database in try watch.run(database) { try body(database) } }
        } catch {
            throw DatabaseConnection.storeError(error, path)
        }
    }
}
