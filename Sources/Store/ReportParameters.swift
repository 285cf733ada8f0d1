/// What is wrong with the options of `ekai-gateway usage`: one sentence that names the option.
public struct ReportParameterError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String
}

/// What `ekai-gateway usage` was asked for: its options, read and checked. Reading them is a function of texts and the time.
public struct ReportParameters: Sendable, Hashable {
    public enum Format: String, Sendable, Hashable, CaseIterable {
        case table
        case json
        case csv
    }

    /// The interval is `[start, end)`, in milliseconds since 1970 UTC.
    public var start: Int64
    public var end: Int64
    /// An IANA zone.
    public var zone: String
    /// What the sums are made by.
    public var columns: [UsageSummary.Column]
    public var format: Format
    /// Single records instead of sums.
    public var showsRecords: Bool
    /// How many of them at most; nil is ``StoreLimits/recordsDefault``, and all in CSV.
    public var limit: Int?

    /// The options as they were written, nil where they were not.
    ///
    /// - Parameters:
    ///   - from: `2026-11-24T00:00:00Z`, `2026-11-24` (its first instant in the zone), `7d`, `24h` or `2w` ago. Default: 7 days ago.
    ///   - to: the same; of a date, its end. Default: now.
    ///   - by: columns, several in one text with commas between them. Default: provider and model.
    ///   - now: milliseconds since 1970 UTC.
    public init(
        from: String?, to: String?, timezone: String?, by: [String], format: String?, showsRecords: Bool, limit: Int?, now: Int64
    ) throws(ReportParameterError) {
        zone = timezone ?? "UTC"
        guard let calendar = DayCalendar(zone: zone) else {
            throw Self.error("--timezone: '\(zone)' is no IANA time zone, such as Europe/Berlin or UTC")
        }
        start = try Self.instant(
            from ?? "\(StoreLimits.intervalDaysDefault)d", "--from", calendar, now: now, isEnd: false)
        end = try to.map { (to) throws(ReportParameterError) in
            try Self.instant(to, "--to", calendar, now: now, isEnd: true)
        } ?? now + 1
        guard start < end else { throw Self.error("--from must be before --to") }
        columns = try Self.columns(by)
        let name = format ?? Format.table.rawValue
        guard let format = Format(rawValue: name) else { throw Self.unknown("--format", name, Format.allCases.map(\.rawValue)) }
        self.format = format
        self.showsRecords = showsRecords
        self.limit = limit
        if let limit {
            guard showsRecords else { throw Self.error("--limit is for --records") }
            let isInRange = limit > 0 && (format == .csv || limit <= StoreLimits.recordsMax)
            guard isInRange else { throw Self.error("--limit: must be from 1 to \(StoreLimits.recordsMax); --format csv has no upper bound") }
        }
        guard !showsRecords || by.isEmpty else { throw Self.error("--by is for sums; --records shows single requests") }
    }

    /// For ``UsageBooks/summary(_:)``.
    public var summaryQuery: UsageSummary.Query {
        UsageSummary.Query(start: start, end: end, zone: zone, columns: columns)
    }

    /// For ``UsageBooks/report(_:)`` and ``UsageBooks/exportCSV(_:to:)``.
    public var recordsQuery: UsageQuery {
        UsageQuery(start: start, end: end, zone: zone, format: format == .csv ? .csv : .json, limit: limit)
    }

    private static func columns(_ by: [String]) throws(ReportParameterError) -> [UsageSummary.Column] {
        guard !by.isEmpty else { return [.provider, .model] }
        var columns: [UsageSummary.Column] = []
        for name in by.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
            guard let column = UsageSummary.Column(rawValue: String(name)) else {
                throw unknown("--by", String(name), UsageSummary.Column.allCases.map(\.rawValue))
            }
            if !columns.contains(column) { columns.append(column) }
        }
        return columns
    }

    private static func instant(
        _ text: String, _ option: String, _ calendar: DayCalendar, now: Int64, isEnd: Bool
    ) throws(ReportParameterError) -> Int64 {
        if let instant = UTCTime.parse(text) { return instant }
        if let age = age(text) { return max(now - age, UTCTime.range.lowerBound) }
        // The rest of a date-time gives a date the checks of one.
        if text.utf8.count == 10, let midnight = UTCTime.parse(text + "T00:00:00Z") {
            let (year, month, day) = UTCTime.civil(fromDays: Int(UTCTime.floorDivide(midnight, UTCTime.millisecondsPerDay)))
            let start = calendar.dayStart(year: year, month: month, day: day)
            return isEnd ? calendar.dayEnd(after: start) : start
        }
        throw error("\(option): '\(text)' is no time: use 2026-01-31T12:00:00Z, 2026-01-31, 7d or 24h")
    }

    /// Milliseconds of `2w`, `7d` or `24h`.
    private static func age(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["h": 3_600_000, "d": UTCTime.millisecondsPerDay, "w": 7 * UTCTime.millisecondsPerDay]
        let digits = text.dropLast()
        // Five digits of weeks are older than any book and far from 64 bits.
        guard let unit = text.last.flatMap({ units[$0] }), (1...5).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }), let number = Int64(digits)
        else { return nil }
        return number * unit
    }

    private static func unknown(_ option: String, _ value: String, _ known: [String]) -> ReportParameterError {
        error("\(option): '\(value)' is none of \(known.joined(separator: ", "))")
    }

    private static func error(_ text: String) -> ReportParameterError {
        ReportParameterError(description: TextTable.printable(text))
    }
}
