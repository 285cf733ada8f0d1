/// Bounds of this module.
public enum StoreLimits {
    /// Usage rows that wait for the writer by default; further ones are dropped and counted.
    public static let queueRowsMax = 65_536
    /// Rows of one transaction.
    public static let batchRowsMax = 2_000
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
    /// After a checkpoint the log file is cut back to this size.
    public static let logBytesMax = 4 << 20
    /// Records that one JSON answer holds at most.
    public static let recordsMax = 1_000
    /// Records of a JSON answer that does not say how many.
    public static let recordsDefault = 100
    /// Rows of a CSV export that are read at a time.
    public static let exportPageRows = 1_000
    /// An interval that was not given.
    public static let intervalDaysDefault = 7
}
