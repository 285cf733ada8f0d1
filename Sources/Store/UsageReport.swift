/// The answer to `GET /usage`.
public struct UsageReport: Sendable, Hashable {
    /// One bar of a chart: what went under a name.
    public struct Share: Sendable, Hashable {
        public var name: String
        /// In pico-USD; requests of unknown cost add nothing.
        public var costPico: Int128
    }

    public var totalRequests: Int
    public var totalTokens: Int
    /// In pico-USD; requests of unknown cost add nothing.
    public var totalCostPico: Int128
    /// Requests whose cost is not known, so that nobody takes the total for the whole.
    public var requestsOfUnknownCost: Int
    /// By name.
    public var costByProvider: [Share]
    public var costByModel: [Share]
    /// By day of the query's zone (`YYYY-MM-DD`); days without requests are left out.
    public var costByDay: [Share]
    /// Newest first.
    public var records: [StoredUsageRecord]
    /// Where the next page starts; nil on the last one.
    public var next: UsageQuery.Cursor?

    /// The JSON of docs/contracts.md section 4, its members in that order, amounts as exact decimals.
    public func json() -> [UInt8] {
        var text = JSONText()
        text.open("{")
        text.member("totalRequests", totalRequests)
        text.member("totalCost", usd: totalCostPico)
        text.member("totalTokens", totalTokens)
        text.member("costByProvider", costByProvider)
        text.member("costByModel", costByModel)
        text.member("costByDay", costByDay)
        text.member("requestsOfUnknownCost", requestsOfUnknownCost)
        text.name("records")
        text.open("[")
        for record in records { text.element(record) }
        text.close("]")
        text.member("nextCursor", next?.description)
        text.close("}")
        return text.bytes
    }
}

extension JSONText {
    fileprivate mutating func member(_ name: String, _ shares: [UsageReport.Share]) {
        self.name(name)
        open("{")
        for share in shares { member(share.name, usd: share.costPico) }
        close("}")
    }

    fileprivate mutating func element(_ stored: StoredUsageRecord) {
        let record = stored.record
        separate()
        open("{")
        member("id", Int(stored.id))
        member("request_id", record.requestID)
        member("provider", record.provider)
        member("model", record.model)
        member("timestamp", UTCTime.text(record.timestampMilliseconds))
        member("input_tokens", record.inputTokens)
        member("cache_write_input_tokens", record.cacheWriteTokens)
        member("cache_read_input_tokens", record.cacheReadTokens)
        member("output_tokens", record.outputTokens)
        member("total_tokens", record.totalTokens)
        member("input_cost", usd: record.inputCostPico.map { Int128($0) })
        member("cache_write_cost", usd: record.cacheWriteCostPico.map { Int128($0) })
        member("cache_read_cost", usd: record.cacheReadCostPico.map { Int128($0) })
        member("output_cost", usd: record.outputCostPico.map { Int128($0) })
        member("total_cost", usd: record.totalCostPico.map { Int128($0) })
        member("currency", "USD")
        member("payment_method", record.paymentMethod)
        member("created_at", stored.createdAt)
        member("cost_known", record.isCostKnown)
        member("status", record.status)
        member("outcome", record.outcome.rawValue)
        member("error_kind", record.errorKind)
        member("endpoint", record.endpoint)
        member("client_dialect", record.clientDialect)
        member("upstream_model", record.upstreamModel)
        member("stream", record.isStream)
        member("latency_us", Int(record.latencyMicroseconds))
        member("ttft_us", record.timeToFirstTokenMicroseconds.map { Int($0) })
        member("attempts", record.attempts)
        member("cache_write_1h_input_tokens", record.cacheWrite1hTokens)
        member("reasoning_tokens", record.reasoningTokens)
        member("session", record.session)
        member("upstream_request_id", record.upstreamRequestID)
        member("usage_estimated", record.isUsageEstimated)
        member("possibly_billed", record.isPossiblyBilled)
        member("key", record.keyID)
        close("}")
    }
}
