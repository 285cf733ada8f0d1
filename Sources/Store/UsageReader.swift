import GRDB

/// The questions that `/usage` asks of the database.
enum UsageReader {
    static func report(_ query: UsageQuery, _ database: Database) throws -> UsageReport {
        var report = UsageReport(
            totalRequests: 0, totalTokens: 0, totalCostPico: 0, requestsOfUnknownCost: 0, costByProvider: [], costByModel: [],
            costByDay: [], records: [], next: nil)
        var byProvider: [String: Int128] = [:]
        var byModel: [String: Int128] = [:]
        let rows = try Row.fetchCursor(
            database, sql: "SELECT provider, model, \(sums) FROM usage_records WHERE \(interval) GROUP BY provider, model",
            arguments: [UTCTime.text(query.start), UTCTime.text(query.end)])
        while let row = try rows.next() {
            let cost = try cost(row, from: 2)
            report.totalCostPico += cost
            report.totalRequests += try row.value(4) as Int
            report.totalTokens += try row.value(5) as Int
            report.requestsOfUnknownCost += try row.value(6) as Int
            add(cost, try row.value(0), to: &byProvider)
            add(cost, try row.value(1), to: &byModel)
        }
        report.costByProvider = shares(byProvider)
        report.costByModel = shares(byModel)
        report.costByDay = try costByDay(query, database)
        let limit = min(query.limit ?? StoreLimits.recordsDefault, StoreLimits.recordsMax)
        (report.records, report.next) = try records(query, after: query.cursor, limit: limit, database)
        return report
    }

    /// One page, newest first; `next` is nil when nothing follows.
    static func records(
        _ query: UsageQuery, after cursor: UsageQuery.Cursor?, limit: Int, _ database: Database
    ) throws -> (records: [StoredUsageRecord], next: UsageQuery.Cursor?) {
        let part = part(of: query, after: cursor)
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT \(UsageRow.selection) FROM usage_records WHERE \(part.condition)
                ORDER BY timestamp DESC, id DESC LIMIT ?
                """,
            arguments: part.arguments + [limit + 1])
        var records: [StoredUsageRecord] = []
        records.reserveCapacity(limit)
        while records.count < limit, let row = try rows.next() { records.append(try UsageRow.record(row)) }
        guard try records.count == limit && rows.next() != nil, let last = records.last else { return (records, nil) }
        return (records, .init(timestampMilliseconds: last.record.timestampMilliseconds, id: last.id))
    }

    /// Records after the query's cursor, counted no further than `max`. The index answers alone.
    static func count(_ query: UsageQuery, upTo max: Int, _ database: Database) throws -> Int {
        let part = part(of: query, after: query.cursor)
        let sql = "SELECT count(*) FROM (SELECT 1 FROM usage_records WHERE \(part.condition) LIMIT ?)"
        return try Int.fetchOne(database, sql: sql, arguments: part.arguments + [max]) ?? 0
    }

    /// The rows of the interval after a cursor. The cursor's time takes the place of the interval's end, so that the index is entered
    /// there: a page far back costs what the first one does.
    private static func part(
        of query: UsageQuery, after cursor: UsageQuery.Cursor?
    ) -> (condition: String, arguments: StatementArguments) {
        let start = UTCTime.text(query.start)
        guard let cursor, cursor.timestampMilliseconds < query.end else { return (interval, [start, UTCTime.text(query.end)]) }
        let last = UTCTime.text(cursor.timestampMilliseconds)
        return ("timestamp >= ? AND timestamp <= ? AND (timestamp, id) < (?, ?)", [start, last, last, cursor.id])
    }

    /// Goes from one day with requests to the next, so that empty years cost nothing.
    private static func costByDay(_ query: UsageQuery, _ database: Database) throws -> [UsageReport.Share] {
        guard let calendar = DayCalendar(zone: query.zone) else { return [] }
        let first = try database.cachedStatement(sql: "SELECT min(timestamp) FROM usage_records WHERE \(interval)")
        let sum = try database.cachedStatement(sql: "SELECT \(sums) FROM usage_records WHERE \(interval)")
        let end = UTCTime.text(query.end)
        var days: [UsageReport.Share] = []
        var from = query.start
        while from < query.end, let text = try String.fetchOne(first, arguments: [UTCTime.text(from), end]),
            let instant = UTCTime.parse(text)
        {
            let dayEnd = min(calendar.dayEnd(after: instant), query.end)
            if let row = try Row.fetchOne(sum, arguments: [text, UTCTime.text(dayEnd)]) {
                days.append(.init(name: calendar.day(of: instant), costPico: try cost(row, from: 0)))
            }
            from = dayEnd
        }
        return days
    }

    /// Clients make up names of models: a report holds only so many.
    private static func add(_ cost: Int128, _ name: String, to costs: inout [String: Int128]) {
        let hasRoom = costs.count < StoreLimits.namesMax || costs[name] != nil
        costs[hasRoom ? name : StoreLimits.otherName, default: 0] += cost
    }

    static let interval = "timestamp >= ? AND timestamp < ?"

    /// Two sums for one: a single one of 10^-12 USD could leave 64 bits, and SQLite would refuse the whole query.
    static let sums = """
        coalesce(sum(total_cost_pico / 1000000), 0), coalesce(sum(total_cost_pico % 1000000), 0), \
        count(*), coalesce(sum(total_tokens), 0), coalesce(sum(NOT cost_known), 0)
        """

    static func cost(_ row: Row, from column: Int) throws -> Int128 {
        Int128(try row.value(column) as Int64) * 1_000_000 + Int128(try row.value(column + 1) as Int64)
    }

    private static func shares(_ costs: [String: Int128]) -> [UsageReport.Share] {
        costs.sorted { $0.key < $1.key }.map { UsageReport.Share(name: $0.key, costPico: $0.value) }
    }
}
