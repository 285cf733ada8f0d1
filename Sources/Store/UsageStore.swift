import Dispatch

/// The books: usage records in an SQLite file, written by one thread in batches, read by whoever may wait.
///
/// ``offer(_:)`` never waits for the disk and may be called from event loops. A row is in the file about a tenth of a second after
/// it was offered, and then outlives the process, `kill -9` included. Reports are synchronous and slow: call them on a thread
/// that may block.
public final class UsageStore: Sendable {
    /// What the store did so far.
    public struct Counters: Sendable, Hashable {
        /// Rows now in the database that this process wrote.
        public var rowsWritten: Int
        /// Rows lost because the queue was full or closed, or because the database refused them until the end.
        public var rowsDropped: Int
        /// Rows whose request id was in the database already.
        public var rowsDuplicate: Int
        /// Rows deleted because they were older than the retention.
        public var rowsPruned: Int
        /// Rows accepted and not yet written.
        public var queueDepth: Int
        /// Batches of rows that failed and were, or will be, tried again.
        public var writeFailures: Int
        /// The last of them, as one line; nil when there was none.
        public var lastWriteFailure: String?
        /// Chores that failed, deleting old rows and cutting the write-ahead log: no row is at risk.
        public var choreFailures: Int
        /// The last of them, as one line; nil when there was none.
        public var lastChoreFailure: String?
        /// A chore failed and has not been done since.
        public var isHousekeepingFailing: Bool
    }

    /// The database file.
    public let path: String
    /// Seen by tests, which make its disk full.
    let database: UsageDatabase
    /// Seen by tests, which nudge the writer when they have set its clock.
    let queue: UsageQueue
    private let writer: UsageWriter

    /// Opens the database file, or makes it (mode 0600) and its folder (mode 0700), and starts the writer.
    ///
    /// - Parameter queueRowsMax: rows that may wait for the writer.
    /// - Throws: a ``StoreError`` that prints as one line.
    public convenience init(
        path: String, queueRowsMax: Int = StoreLimits.queueRowsMax,
        commitDelayMilliseconds: Int = StoreLimits.commitDelayMilliseconds
    ) throws(StoreError) {
        try self.init(
            path: path, queueRowsMax: queueRowsMax, commitDelayMilliseconds: commitDelayMilliseconds,
            surroundings: UsageWriter.Surroundings())
    }

    init(
        path: String, queueRowsMax: Int = StoreLimits.queueRowsMax,
        commitDelayMilliseconds: Int = StoreLimits.commitDelayMilliseconds, surroundings: UsageWriter.Surroundings
    ) throws(StoreError) {
        try DatabaseFiles.prepareFolder(of: path)
        let lock = try DatabaseLock(databasePath: path)
        try DatabaseFiles.prepare(path)
        self.path = path
        database = try UsageDatabase(path: path)
        queue = UsageQueue(capacity: queueRowsMax, delayMilliseconds: commitDelayMilliseconds)
        writer = UsageWriter(database: database, queue: queue, lock: lock, surroundings: surroundings)
        writer.start()
    }

    deinit {
        queue.close()
    }

    /// Hands a row to the writer.
    ///
    /// - Returns: false when it was dropped, because the queue is full or the store is closed; it is counted.
    @discardableResult
    public func offer(_ record: UsageRecord) -> Bool {
        queue.offer(record)
    }

    public var counters: Counters {
        let waiting = queue.counts
        let written = writer.counts
        return Counters(
            rowsWritten: written.written, rowsDropped: waiting.dropped, rowsDuplicate: written.duplicates,
            rowsPruned: written.pruned, queueDepth: waiting.depth, writeFailures: written.failures, lastWriteFailure: written.lastFailure,
            choreFailures: written.choreFailures, lastChoreFailure: written.lastChoreFailure,
            isHousekeepingFailing: written.isPruningFailing || written.isLogTruncationFailing)
    }

    /// Blocks until every row offered so far is in the database.
    ///
    /// - Returns: false when the time is up first.
    @discardableResult
    public func flush(timeoutMilliseconds: Int) -> Bool {
        queue.flush(deadline: .now() + .milliseconds(timeoutMilliseconds))
    }

    /// Blocks until every row is written and the file is closed. When the database refuses for longer than the time given, what is
    /// left is dropped and counted. Closing twice is harmless.
    ///
    /// - Returns: false when rows had to be dropped or the disk did not answer.
    @discardableResult
    public func close(timeoutMilliseconds: Int) -> Bool {
        queue.close()
        if writer.waitForEnd(deadline: .now() + .milliseconds(timeoutMilliseconds)) { return true }
        queue.abandon()
        _ = writer.waitForEnd(deadline: .now() + .milliseconds(2 * StoreLimits.busyTimeoutMilliseconds))
        return false
    }

    /// How long rows are kept: older ones are deleted a few minutes after this call when it changes something, and then each
    /// night at ``StoreLimits/pruneHour``. Any thread; it does not wait.
    ///
    /// - Parameter days: nil, what a new store begins with, keeps them for ever, as do more than ``StoreLimits/retentionDaysMax``;
    ///   fewer than one is one.
    public func setRetention(days: Int?) {
        writer.setRetention(days: days)
    }

    // MARK: - Reading

    /// The same file for readers, who need no store.
    public var books: UsageBooks { UsageBooks(openedAt: path) }

    /// Reads totals and one page of records. Blocks; the writer does not wait for it.
    public func report(_ query: UsageQuery) throws(StoreError) -> UsageReport {
        try books.report(query)
    }

    /// Writes the records of the query as CSV: ``UsageBooks/exportCSV(_:to:)``. Blocks.
    public func exportCSV(_ query: UsageQuery, to write: ([UInt8]) throws -> Bool) throws {
        try books.exportCSV(query, to: write)
    }
}
