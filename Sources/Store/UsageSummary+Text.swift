extension UsageSummary {
    /// What stands where nobody knows the price. Never 0.
    private static let unknown = "unknown"
    private static let decimals = 4

    /// A table for people: a line a group, the total below it, and a hint where costs are unknown; a sentence when there was nothing.
    public func table() -> String {
        let interval = "\(Self.brief(query.start)) to \(Self.brief(query.end))"
        guard total.requests > 0 else { return "No requests from \(interval).\n" }
        let named = query.columns.map { (title: $0.rawValue, alignment: TextTable.Alignment.left) }
        let figures = ["requests", "input", "cached", "output", "total tokens", "cost (USD)"]
        // Without a column there is no line but the total's, and it needs a place for its name.
        let names = named.isEmpty ? [(title: "", alignment: .left)] : named
        var table = TextTable(names + figures.map { (title: $0, alignment: .right) })
        if !named.isEmpty {
            for group in groups { table.append(group.names.map { $0 ?? "-" } + Self.cells(group.sums)) }
        }
        let blanks = [String](repeating: "", count: names.count - 1)
        table.setFooter(["total"] + blanks + Self.cells(total))
        return "From \(interval)\(query.zone == "UTC" ? "" : ", days of \(query.zone)")\n\n\(table.text)\(Self.hint(total))"
    }

    /// Says below a table what can be done about costs that are unknown; empty when there are none.
    static func hint(_ sums: Sums) -> String {
        guard sums.requestsOfUnknownCost > 0 else { return "" }
        return "\n\(unknown): the model has no price, or no token counts came. models.price in the configuration sets prices.\n"
    }

    /// An instant without milliseconds where there are none.
    private static func brief(_ instant: Int64) -> String {
        let text = UTCTime.text(instant)
        return text.hasSuffix(".000Z") ? "\(text.dropLast(5))Z" : text
    }

    private static func cells(_ sums: Sums) -> [String] {
        let counts = [sums.requests, sums.inputTokens, sums.cachedTokens, sums.outputTokens, sums.totalTokens]
        return counts.map(FigureText.count) + [cost(sums, decimals: decimals)]
    }

    /// The known part, and whether that is all.
    static func cost(_ sums: Sums, decimals: Int) -> String {
        if sums.isCostUnknown { return unknown }
        let known = FigureText.usd(pico: sums.costPico, decimals: decimals)
        return sums.requestsOfUnknownCost == 0 ? known : "\(known) + \(unknown)"
    }

    /// One JSON object; a cost of which nothing is known is null.
    public func json() -> [UInt8] {
        var text = JSONText()
        text.open("{")
        text.member("from", UTCTime.text(query.start))
        text.member("to", UTCTime.text(query.end))
        text.member("timezone", query.zone)
        text.name("groups")
        text.open("[")
        for group in groups {
            text.separate()
            text.open("{")
            for (column, name) in zip(query.columns, group.names) { text.member(column.rawValue, name) }
            text.members(of: group.sums)
            text.close("}")
        }
        text.close("]")
        text.name("total")
        text.open("{")
        text.members(of: total)
        text.close("}")
        text.close("}")
        return text.bytes
    }

    /// RFC 4180, without a total: the lines are data. A cost of which nothing is known is an empty field.
    public func csv() -> [UInt8] {
        let figures = [
            "requests", "input_tokens", "cached_input_tokens", "output_tokens", "total_tokens", "total_cost_usd",
            "requests_of_unknown_cost",
        ]
        var text: [UInt8] = []
        UsageCSV.append(line: query.columns.map(\.rawValue) + figures, to: &text)
        for group in groups {
            let sums = group.sums
            let counts = [sums.requests, sums.inputTokens, sums.cachedTokens, sums.outputTokens, sums.totalTokens].map(String.init)
            let cost = sums.isCostUnknown ? "" : USDText.decimal(pico: sums.costPico)
            UsageCSV.append(
                line: group.names.map { $0.map(UsageCSV.plainText) ?? "" } + counts + [cost, String(sums.requestsOfUnknownCost)], to: &text)
        }
        return text
    }
}

extension JSONText {
    fileprivate mutating func members(of sums: UsageSummary.Sums) {
        member("requests", sums.requests)
        member("input_tokens", sums.inputTokens)
        member("cached_input_tokens", sums.cachedTokens)
        member("output_tokens", sums.outputTokens)
        member("total_tokens", sums.totalTokens)
        member("total_cost", usd: sums.isCostUnknown ? nil : sums.costPico)
        member("requests_of_unknown_cost", sums.requestsOfUnknownCost)
    }
}
