/// Bounds of this module.
public enum StoreLimits {
    /// Usage rows that wait for the writer by default; further ones are dropped and counted.
    public static let queueRowsMax = 65_536
    /// Rows of one transaction.
    public static let batchRowsMax = 2_000
    /// Room of a batch at its first row; it doubles when it is full, until ``batchRowsMax`` rows have room.
    static let batchBytesMin = 16 << 10
    /// Room that is kept for the next batch: as much as 2,000 rows of everyday texts need.
    static let spareBatchBytesMax = 1 << 20
    /// Rows of one statement: most of what a statement costs beside its rows is shared by then.
    static let statementRows = 8
    /// How long the first row of a batch waits for company: the larger part of the time that a row can be lost by kill -9.
    public static let commitDelayMilliseconds = 100
    /// The first pause after a failed write; it doubles up to the second figure.
    public static let retryDelayMilliseconds = 50
    public static let retryDelayMillisecondsMax = 2_000
    /// How long a statement waits for another process that holds SQLite's lock.
    public static let busyTimeoutMilliseconds = 1_000
    /// A text column holds no more than this; the rest is cut off at a character. Names come from clients.
    public static let textBytesMax = 256
    /// SQLite's page cache, per connection.
    public static let pageCacheKiB = 512
    /// The write-ahead log is folded back into the database when it has this many pages (4 KiB each).
    public static let checkpointPages = 1_000
    /// When the log starts anew, its file is cut back to this size.
    public static let logBytesMax = 4 << 20
    /// A log larger than this is cut to nothing as soon as nobody reads and no row is due: readers have kept it from starting anew.
    public static let logTruncateBytes = 16 << 20
    /// Pause between two attempts at that.
    public static let logRetryMilliseconds = 5_000
    /// How long a report may hold its state of the database.
    public static let readMillisecondsMax = 30_000
    /// Instructions of SQLite's machine between two looks at whether a report has to end: some ten microseconds.
    public static let watchInstructions = 1_000
    /// How long rows are kept when the configuration does not say.
    public static let retentionDaysDefault = 90
    /// More days than this are for ever.
    public static let retentionDaysMax = 36_500
    /// Rows that are deleted in one transaction: some 20 ms, which is what a row may have to wait.
    public static let pruneRowsMax = 500
    /// From the start, or a change of the retention, to the first deletion: time for the clock to be set and for a mistake to be taken back.
    public static let pruneDelayMilliseconds = 5 * 60_000
    /// The hour of local time at which old rows are deleted each night.
    public static let pruneHour = 3
    /// The writer looks at the clock at least so often, since a clock can be set.
    public static let lookMilliseconds = 60_000
    /// Pages (4 KiB each) that a backup copies in one step.
    public static let backupStepPages = 256
    /// Names that a report tells apart; what else there is goes under ``otherName``. Clients make names up.
    public static let namesMax = 1_000
    /// Stands for all names beyond ``namesMax``.
    public static let otherName = "(other)"
    /// Records that one JSON answer holds at most.
    public static let recordsMax = 1_000
    /// Records of a JSON answer that does not say how many.
    public static let recordsDefault = 100
    /// Rows of a CSV export that are read at a time.
    public static let exportPageRows = 1_000
    /// An interval that was not given.
    public static let intervalDaysDefault = 7
}
