import Store

/// Which troubles of the books begin and end from one look at their counters to the next. Each is told once when it begins and once
/// when it is over. A value.
struct BooksHealth {
    enum Event: Equatable {
        /// Rows are refused, or lost already.
        case rowsRefused
        /// Rows are lost now that were only refused before.
        case rowsLost
        /// Rows are written again.
        case rowsWritten
        /// Deleting old rows or cutting the write-ahead log failed. No row is at risk.
        case housekeepingFailed
        case housekeepingDone
    }

    private var last: UsageStore.Counters
    private var isRefusing = false
    private var isLosing = false
    private var isHousekeepingFailing = false

    init(_ counters: UsageStore.Counters) {
        last = counters
    }

    /// What changed since the last look.
    mutating func look(_ now: UsageStore.Counters) -> [Event] {
        let before = last
        last = now
        return rows(before, now) + housekeeping(now)
    }

    private mutating func rows(_ before: UsageStore.Counters, _ now: UsageStore.Counters) -> [Event] {
        let loses = now.rowsDropped > before.rowsDropped
        if loses || now.writeFailures > before.writeFailures {
            defer {
                isRefusing = true
                isLosing = isLosing || loses
            }
            if !isRefusing { return [.rowsRefused] }
            return loses && !isLosing ? [.rowsLost] : []
        }
        // A disk that does not answer makes no failures either.
        let isMoving = now.rowsWritten + now.rowsDuplicate > before.rowsWritten + before.rowsDuplicate
        guard isRefusing, isMoving || now.queueDepth == 0 else { return [] }
        (isRefusing, isLosing) = (false, false)
        return [.rowsWritten]
    }

    private mutating func housekeeping(_ now: UsageStore.Counters) -> [Event] {
        guard now.isHousekeepingFailing != isHousekeepingFailing else { return [] }
        isHousekeepingFailing = now.isHousekeepingFailing
        return [isHousekeepingFailing ? .housekeepingFailed : .housekeepingDone]
    }
}
