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

    static func arguments(_ record: UsageRecord, createdAt: String) -> StatementArguments {
        [
            record.requestID, record.provider, record.model, UTCTime.text(record.timestampMilliseconds),
            record.inputTokens, record.cacheWriteTokens, record.cacheReadTokens, record.outputTokens,
            record.inputCostPico, record.cacheWriteCostPico, record.cacheReadCostPico, record.outputCostPico,
            record.totalCostPico, record.isCostKnown, record.paymentMethod, createdAt,
            record.upstreamModel, record.cacheWrite1hTokens, record.reasoningTokens, record.endpoint, record.clientDialect,
            record.status, record.outcome.rawValue, record.errorKind, record.isStream,
            record.latencyMicroseconds, record.timeToFirstTokenMicroseconds, record.attempts, record.session,
            record.upstreamRequestID, record.isUsageEstimated, record.isPossiblyBilled,
        ]
    }

    static func record(_ row: Row) -> StoredUsageRecord {
        var record = UsageRecord(
            requestID: row[1], timestampMilliseconds: UTCTime.parse(row[4]) ?? 0, provider: row[2], model: row[3])
        record.inputTokens = row[5]
        record.cacheWriteTokens = row[6]
        record.cacheReadTokens = row[7]
        record.outputTokens = row[8]
        record.inputCostPico = row[9]
        record.cacheWriteCostPico = row[10]
        record.cacheReadCostPico = row[11]
        record.outputCostPico = row[12]
        record.totalCostPico = row[13]
        record.isCostKnown = row[14]
        record.paymentMethod = row[15]
        record.upstreamModel = row[17]
        record.cacheWrite1hTokens = row[18]
        record.reasoningTokens = row[19]
        record.endpoint = row[20]
        record.clientDialect = row[21]
        record.status = row[22]
        record.outcome = UsageRecord.Outcome(rawValue: row[23]) ?? .error
        record.errorKind = row[24]
        record.isStream = row[25]
        record.latencyMicroseconds = row[26]
        record.timeToFirstTokenMicroseconds = row[27]
        record.attempts = row[28]
        record.session = row[29]
        record.upstreamRequestID = row[30]
        record.isUsageEstimated = row[31]
        record.isPossiblyBilled = row[32]
        return StoredUsageRecord(id: row[0], createdAt: row[16], record: record)
    }

    private static let columns = [
        "request_id", "provider", "model", "timestamp",
        "input_tokens", "cache_write_input_tokens", "cache_read_input_tokens", "output_tokens",
        "input_cost_pico", "cache_write_cost_pico", "cache_read_cost_pico", "output_cost_pico",
        "total_cost_pico", "cost_known", "payment_method", "created_at",
        "upstream_model", "cache_write_1h_input_tokens", "reasoning_tokens", "endpoint", "client_dialect",
        "status", "outcome", "error_kind", "stream",
        "latency_us", "ttft_us", "attempts", "session",
        "upstream_request_id", "usage_estimated", "possibly_billed",
    ]
}

/// A record as it stands in the database.
public struct StoredUsageRecord: Sendable, Hashable {
    /// The database's own number of the row.
    public var id: Int64
    /// When the row was written, as RFC 3339.
    public var createdAt: String
    public var record: UsageRecord
}
