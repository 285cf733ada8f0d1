import GRDB

/// A record between Swift and SQLite.
enum UsageRow {
    /// The columns of ``record(_:)``, in its order.
    static let selection = "id, " + columns.joined(separator: ", ")

    /// The cells of a record, in the order of ``columns``.
    static func write(_ record: UsageRecord, to cells: inout UsageCellWriter) {
        cells.put(record.requestID)
        cells.put(record.provider)
        cells.put(record.model)
        cells.put(instant: record.timestampMilliseconds)
        cells.put(tokens: record.inputTokens)
        cells.put(tokens: record.cacheWriteTokens)
        cells.put(tokens: record.cacheReadTokens)
        cells.put(tokens: record.outputTokens)
        cells.put(record.inputCostPico)
        cells.put(record.cacheWriteCostPico)
        cells.put(record.cacheReadCostPico)
        cells.put(record.outputCostPico)
        cells.put(record.totalCostPico)
        cells.put(record.isCostKnown)
        cells.put(record.paymentMethod)
        cells.putTimeOfWriting()
        cells.put(record.upstreamModel)
        cells.put(tokens: record.cacheWrite1hTokens)
        cells.put(record.reasoningTokens)
        cells.put(record.endpoint)
        cells.put(record.clientDialect)
        cells.put(record.status)
        cells.put(record.outcome.rawValue)
        cells.put(record.errorKind)
        cells.put(record.isStream)
        cells.put(record.latencyMicroseconds)
        cells.put(record.timeToFirstTokenMicroseconds)
        cells.put(record.attempts)
        cells.put(record.session)
        cells.put(record.upstreamRequestID)
        cells.put(record.isUsageEstimated)
        cells.put(record.isPossiblyBilled)
        cells.put(record.keyID)
    }

    /// - Throws: SQLITE_CORRUPT for a row that this table cannot hold.
    static func record(_ row: Row) throws -> StoredUsageRecord {
        var record = UsageRecord(
            requestID: try row.value(1), timestampMilliseconds: UTCTime.parse(try row.value(4)) ?? 0, provider: try row.value(2),
            model: try row.value(3))
        record.inputTokens = try row.value(5)
        record.cacheWriteTokens = try row.value(6)
        record.cacheReadTokens = try row.value(7)
        record.outputTokens = try row.value(8)
        record.inputCostPico = try row.value(9)
        record.cacheWriteCostPico = try row.value(10)
        record.cacheReadCostPico = try row.value(11)
        record.outputCostPico = try row.value(12)
        record.totalCostPico = try row.value(13)
        record.isCostKnown = try row.value(14)
        record.paymentMethod = try row.value(15)
        record.upstreamModel = try row.value(17)
        record.cacheWrite1hTokens = try row.value(18)
        record.reasoningTokens = try row.value(19)
        record.endpoint = try row.value(20)
        record.clientDialect = try row.value(21)
        record.status = try row.value(22)
        record.outcome = UsageRecord.Outcome(rawValue: try row.value(23)) ?? .error
        record.errorKind = try row.value(24)
        record.isStream = try row.value(25)
        record.latencyMicroseconds = try row.value(26)
        record.timeToFirstTokenMicroseconds = try row.value(27)
        record.attempts = try row.value(28)
        record.session = try row.value(29)
        record.upstreamRequestID = try row.value(30)
        record.isUsageEstimated = try row.value(31)
        record.isPossiblyBilled = try row.value(32)
        record.keyID = try row.value(33)
        return StoredUsageRecord(id: try row.value(0), createdAt: try row.value(16), record: record)
    }

    /// Those that are written; the others are made of them.
    static let columns = [
        "request_id", "provider", "model", "timestamp",
        "input_tokens", "cache_write_input_tokens", "cache_read_input_tokens", "output_tokens",
        "input_cost_pico", "cache_write_cost_pico", "cache_read_cost_pico", "output_cost_pico",
        "total_cost_pico", "cost_known", "payment_method", "created_at",
        "upstream_model", "cache_write_1h_input_tokens", "reasoning_tokens", "endpoint", "client_dialect",
        "status", "outcome", "error_kind", "stream",
        "latency_us", "ttft_us", "attempts", "session",
        "upstream_request_id", "usage_estimated", "possibly_billed", "key_id",
    ]
}

extension Row {
    /// The value of a column. Of a damaged file it may be another than the schema allows; that is an error, not the end of the
    /// process, which GRDB's own subscript would make of it.
    func value<Value: DatabaseValueConvertible & StatementColumnConvertible>(_ index: Int) throws(DatabaseError) -> Value {
        do {
            return try decode(Value.self, atIndex: index)
        } catch {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT)
        }
    }
}

/// A record as it stands in the database.
public struct StoredUsageRecord: Sendable, Hashable {
    /// The database's own number of the row.
    public var id: Int64
    /// When the row was written, as RFC 3339.
    public var createdAt: String
    public var record: UsageRecord
}
