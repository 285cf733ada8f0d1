import GRDB

/// A record between Swift and SQLite.
enum UsageRow {
    /// `OR IGNORE` keeps the first row of a request id.
    static let insert: String = {
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        return "INSERT OR IGNORE INTO usage_records (\(columns.joined(separator: ", "))) VALUES (\(marks))"
    }()

    /// The columns of ``record(_:)``, in its order.
    static let selection = "id, " + columns.joined(separator: ", ")

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

    /// Of ``insert``'s values, those that are texts.
    static let textColumns = 14

    /// ``UsageRowBinder`` binds them in this order.
    private static let columns = [
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
