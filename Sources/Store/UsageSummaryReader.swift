import GRDB

/// Sums up the books in the database, so that no more than the groups come out of it.
enum UsageSummaryReader {
    static func summary(_ query: UsageSummary.Query, _ database: Database) throws -> UsageSummary {
        var summary = UsageSummary(query: query, groups: [], total: UsageSummary.Sums())
        var others = UsageSummary.Sums()
        try forEachSpan(query, database) { start, end, day in
            let rows = try Row.fetchCursor(
                database, sql: sql(query.columns), arguments: [UTCTime.text(start), UTCTime.text(end)])
            while let row = try rows.next() {
                let sums = try sums(row)
                guard sums.requests > 0 else { continue }
                summary.total += sums
                if summary.groups.count < StoreLimits.namesMax {
                    summary.groups.append(.init(names: try names(row, query.columns, day), sums: sums))
                } else {
                    others += sums
                }
            }
        }
        if others.requests > 0 {
            summary.groups.append(.init(names: query.columns.map { _ in StoreLimits.otherName }, sums: others))
        }
        return summary
    }

    /// The whole interval, or each of its days that has requests: empty years cost nothing.
    private static func forEachSpan(
        _ query: UsageSummary.Query, _ database: Database, _ body: (Int64, Int64, String?) throws -> Void
    ) throws {
        guard query.columns.contains(.day), let calendar = DayCalendar(zone: query.zone) else {
            return try body(query.start, query.end, nil)
        }
        let first = "SELECT min(timestamp) FROM usage_records WHERE \(UsageReader.interval)"
        var from = query.start
        while from < query.end,
            let text = try String.fetchOne(database, sql: first, arguments: [UTCTime.text(from), UTCTime.text(query.end)]),
            let instant = UTCTime.parse(text)
        {
            let end = min(calendar.dayEnd(after: instant), query.end)
            try body(instant, end, calendar.day(of: instant))
            from = end
        }
    }

    /// Sums first, then the columns of the table that the groups are made by, the most expensive group first.
    private static func sql(_ columns: [UsageSummary.Column]) -> String {
        let names = columns.compactMap(name)
        let grouping = names.isEmpty ? "" : "GROUP BY \(names.joined(separator: ", "))"
        return """
            SELECT \(UsageReader.sums), coalesce(sum(input_tokens), 0),
            coalesce(sum(cache_write_input_tokens + cache_read_input_tokens), 0), coalesce(sum(output_tokens), 0)
            \(names.map { ", \($0)" }.joined())
            FROM usage_records WHERE \(UsageReader.interval) \(grouping)
            ORDER BY \((["1 DESC, 2 DESC"] + names).joined(separator: ", "))
            """
    }

    private static func name(_ column: UsageSummary.Column) -> String? {
        switch column {
        case .provider: "provider"
        case .model: "model"
        case .day: nil
        case .key: "key_id"
        case .status: "status"
        }
    }

    private static func sums(_ row: Row) throws -> UsageSummary.Sums {
        UsageSummary.Sums(
            requests: try row.value(2), requestsOfUnknownCost: try row.value(4), inputTokens: try row.value(5),
            cachedTokens: try row.value(6), outputTokens: try row.value(7), totalTokens: try row.value(3),
            costPico: try UsageReader.cost(row, from: 0))
    }

    private static func names(_ row: Row, _ columns: [UsageSummary.Column], _ day: String?) throws -> [String?] {
        var next = 8
        return try columns.map { column in
            guard name(column) != nil else { return day }
            defer { next += 1 }
            if column == .status { return String(try row.value(next) as Int) }
            let text: String? = try row.value(next)
            return text?.isEmpty == true ? nil : text
        }
    }
}
