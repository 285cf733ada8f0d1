/// Why the parameters of `GET /usage` were refused; the description is the `error` member of the 400 answer.
public enum UsageParameterError: Error, Sendable, Hashable, CustomStringConvertible {
    case startTime
    case endTime
    case order
    case timezone
    case format
    case limit
    case cursor

    public var description: String {
        switch self {
        case .startTime: "Invalid startTime format. Use RFC3339 (e.g., 2024-01-01T00:00:00Z)"
        case .endTime: "Invalid endTime format. Use RFC3339 (e.g., 2024-01-01T00:00:00Z)"
        case .order: "startTime must be before endTime"
        case .timezone: "Invalid timezone. Use IANA format (e.g., America/New_York, UTC)"
        case .format: "Invalid format. Use json or csv"
        case .limit: "Invalid limit. Use a whole number from 1 to \(StoreLimits.recordsMax)"
        case .cursor: "Invalid cursor. Use the nextCursor of the page before"
        }
    }
}

extension UsageQuery {
    /// Reads the parameters of `GET /usage`. Unknown names are ignored, an empty value counts as not given, and of a name that
    /// comes twice the first is used.
    ///
    /// - Parameters:
    ///   - parameters: percent-decoded names and values, in order.
    ///   - now: milliseconds since 1970 UTC. Without `endTime` the interval ends with this millisecond, without `startTime` it
    ///     starts ``StoreLimits/intervalDaysDefault`` days before its end.
    public init(
        parameters: some Sequence<(name: String, value: String)>, now: Int64
    ) throws(UsageParameterError) {
        var given: [String: String] = [:]
        for (name, value) in parameters where !value.isEmpty && given[name] == nil { given[name] = value }

        var start: Int64?
        if let text = given["startTime"] {
            start = UTCTime.parse(text)
            guard start != nil else { throw .startTime }
        }
        var end = now + 1
        if let text = given["endTime"] {
            guard let time = UTCTime.parse(text) else { throw .endTime }
            end = time
        }
        let zone = given["timezone"] ?? "UTC"
        guard DayCalendar(zone: zone) != nil else { throw .timezone }
        let from = start ?? max(end - Int64(StoreLimits.intervalDaysDefault) * UTCTime.millisecondsPerDay, UTCTime.range.lowerBound)
        guard from < end else { throw .order }
        guard let format = Format(rawValue: given["format"]?.lowercased() ?? "json") else { throw .format }
        var limit: Int?
        if let text = given["limit"] {
            guard text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }), let number = Int(text), number > 0 else { throw .limit }
            limit = min(number, StoreLimits.recordsMax)
        }
        var cursor: Cursor?
        if let text = given["cursor"] {
            cursor = Cursor(text)
            guard cursor != nil else { throw .cursor }
        }
        self.init(start: from, end: end, zone: zone, format: format, limit: limit, cursor: cursor)
    }
}
