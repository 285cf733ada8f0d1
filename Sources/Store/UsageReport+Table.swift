extension UsageReport {
    /// Single requests cost little.
    private static let decimals = 6

    /// The page's records as a table for people, newest first, with their total; a sentence when there are none.
    public func table() -> String {
        guard !records.isEmpty else { return "No requests in this interval.\n" }
        let names = ["time", "provider", "model", "key", "status", "outcome"]
        let figures = ["input", "cached", "output", "cost (USD)", "ms"]
        var table = TextTable(
            names.map { (title: $0, alignment: .left) } + figures.map { (title: $0, alignment: .right) })
        var total = UsageSummary.Sums()
        for stored in records {
            let record = stored.record
            let sums = UsageSummary.Sums(record)
            total += sums
            table.append([
                UTCTime.text(record.timestampMilliseconds), record.provider.isEmpty ? "-" : record.provider, record.model,
                record.keyID ?? "-", "\(record.status)", record.outcome.rawValue,
            ] + Self.cells(sums) + [FigureText.count(Int(record.latencyMicroseconds / 1_000))])
        }
        table.setFooter(["total", "", "", "", "", ""] + Self.cells(total))
        let all = totalRequests == records.count ? "" : "\n\(FigureText.count(records.count)) of \(FigureText.count(totalRequests)) requests.\n"
        return table.text + all + UsageSummary.hint(total)
    }

    private static func cells(_ sums: UsageSummary.Sums) -> [String] {
        [sums.inputTokens, sums.cachedTokens, sums.outputTokens].map(FigureText.count)
            + [UsageSummary.cost(sums, decimals: decimals)]
    }
}

extension UsageSummary.Sums {
    /// Those of one request.
    fileprivate init(_ record: UsageRecord) {
        self.init(
            requests: 1, requestsOfUnknownCost: record.isCostKnown ? 0 : 1, inputTokens: record.inputTokens,
            cachedTokens: record.cacheWriteTokens + record.cacheReadTokens, outputTokens: record.outputTokens,
            totalTokens: record.totalTokens, costPico: Int128(record.totalCostPico ?? 0))
    }
}
