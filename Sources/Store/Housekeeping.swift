/// When the writer deletes old rows and cuts the write-ahead log: at which hour, in which steps, and when again after a failure.
///
/// A value with time as an argument, milliseconds since 1970 UTC. Its owner asks for a chore whenever no rows are due, does it,
/// says how it went, and asks again: between two chores it looks for rows.
struct Housekeeping: Sendable {
    enum Chore: Sendable, Hashable {
        /// Delete up to so many of the rows that are older than the instant.
        case prune(before: Int64, rowsMax: Int)
        /// Fold the write-ahead log back and cut its file to nothing.
        case truncateLog
    }

    private let calendar: DayCalendar
    private let logTruncateBytes: Int
    /// Nil: for ever.
    private(set) var retentionDays: Int?
    /// When the next night's work begins.
    private var nextRun: Int64
    /// Rows older than this are being deleted; nil between two runs.
    private var cutoff: Int64?
    /// Before these, a chore that failed is not tried again.
    private var pruneAgain: Int64 = .min
    private var truncateAgain: Int64 = .min

    /// - Parameter calendar: whose nights count.
    init(now: Int64, calendar: DayCalendar, logTruncateBytes: Int = StoreLimits.logTruncateBytes) {
        self.calendar = calendar
        self.logTruncateBytes = logTruncateBytes
        nextRun = now + Int64(StoreLimits.pruneDelayMilliseconds)
    }

    /// Takes effect a few minutes from now when it is another retention than before, and stops what the old one had begun.
    mutating func setRetention(days: Int?, now: Int64) {
        let days = days.map { max($0, 1) }.flatMap { $0 > StoreLimits.retentionDaysMax ? nil : $0 }
        guard days != retentionDays else { return }
        retentionDays = days
        cutoff = nil
        nextRun = now + Int64(StoreLimits.pruneDelayMilliseconds)
    }

    /// What to do now; nil when there is nothing.
    ///
    /// - Parameter logBytes: the size of the write-ahead log's file.
    mutating func chore(now: Int64, logBytes: Int) -> Chore? {
        // A clock that was far ahead when the next night was chosen.
        if nextRun - now > 2 * UTCTime.millisecondsPerDay { nextRun = Self.nextRun(after: now, calendar) }
        if logBytes > logTruncateBytes, now >= truncateAgain { return .truncateLog }
        if now >= nextRun {
            nextRun = Self.nextRun(after: now, calendar)
            cutoff = retentionDays.map { now - Int64($0) * UTCTime.millisecondsPerDay }
        }
        guard let cutoff, now >= pruneAgain else { return nil }
        return .prune(before: cutoff, rowsMax: StoreLimits.pruneRowsMax)
    }

    /// Milliseconds until it is worth asking again, were nothing else to happen.
    func pause(now: Int64, logBytes: Int) -> Int {
        var next = min(nextRun, now + Int64(StoreLimits.lookMilliseconds))
        if cutoff != nil { next = min(next, pruneAgain) }
        if logBytes > logTruncateBytes { next = min(next, truncateAgain) }
        return Int(max(next, now) - now)
    }

    /// The rows were deleted: fewer than asked for means that the run is over.
    mutating func pruned(rows: Int) {
        if rows < StoreLimits.pruneRowsMax { cutoff = nil }
    }

    /// The chore could not be done: the database is locked, the disk is full, or somebody reads.
    mutating func failed(_ chore: Chore, now: Int64) {
        switch chore {
        case .prune: pruneAgain = now + Int64(StoreLimits.lookMilliseconds)
        case .truncateLog: truncateAgain = now + Int64(StoreLimits.logRetryMilliseconds)
        }
    }

    /// The next time at which the clocks of `calendar` show the hour of pruning.
    static func nextRun(after instant: Int64, _ calendar: DayCalendar) -> Int64 {
        calendar.next(hour: StoreLimits.pruneHour, after: instant)
    }
}
