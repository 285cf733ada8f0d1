import Foundation
import Testing

@testable import Store

@Suite struct UsageSummaryTests {
    private let folder: TemporaryFolder
    private let store: UsageStore
    private let everything = UsageSummary.Query(start: newYear, end: newYear + 365 * UTCTime.millisecondsPerDay, columns: [])

    init() throws {
        folder = try TemporaryFolder()
        store = try UsageStore(path: folder.database)
    }

    private func write(_ records: [UsageRecord]) {
        for record in records { #expect(store.offer(record)) }
        #expect(store.flush(timeoutMilliseconds: patience))
    }

    private func summary(by columns: [UsageSummary.Column], zone: String = "UTC") throws -> UsageSummary {
        var query = everything
        query.columns = columns
        query.zone = zone
        return try UsageBooks(path: folder.database).summary(query)
    }

    /// Two of openai, one with a key; one of ollama, without a price; one that reached no provider.
    private var sample: [UsageRecord] {
        var first = UsageRecord.sample("1", at: 1)
        first.inputTokens = 1_000
        first.cacheReadTokens = 200
        first.cacheWriteTokens = 30
        first.outputTokens = 4
        first.totalCostPico = 1_500_000_000_000
        first.status = 200
        var second = UsageRecord.sample("2", at: 20 * 3_600_000)
        second.totalCostPico = 140_000_000
        second.keyID = "team-a"
        second.status = 200
        var third = UsageRecord.sample("3", at: 2 * UTCTime.millisecondsPerDay, provider: "ollama", model: "llama\u{1B}[2J")
        third.inputTokens = 7
        third.isCostKnown = false
        third.status = 200
        var fourth = UsageRecord.sample("4", at: 2 * UTCTime.millisecondsPerDay, provider: "", model: "?")
        fourth.totalCostPico = 0
        fourth.status = 404
        return [first, second, third, fourth]
    }

    @Test func sumsByProviderAndModel() throws {
        write(sample)
        let summary = try summary(by: [.provider, .model])
        #expect(summary.groups.map(\.names) == [["openai", "gpt-4o"], [nil, "?"], ["ollama", "llama\u{1B}[2J"]])
        #expect(summary.groups[0].sums == UsageSummary.Sums(
            requests: 2, requestsOfUnknownCost: 0, inputTokens: 1_000, cachedTokens: 230, outputTokens: 4, totalTokens: 1_234,
            costPico: 1_500_140_000_000))
        #expect(summary.groups[2].sums.isCostUnknown && !summary.groups[1].sums.isCostUnknown)
        #expect(summary.total.requests == 4 && summary.total.requestsOfUnknownCost == 1 && summary.total.inputTokens == 1_007)
    }

    @Test func sumsByKeyAndStatus() throws {
        write(sample)
        let summary = try summary(by: [.status, .key])
        #expect(summary.groups.map(\.names) == [["200", nil], ["200", "team-a"], ["404", nil]])
        #expect(summary.groups.map(\.sums.requests) == [2, 1, 1])
    }

    @Test func daysAreCutInTheZoneAndComeInTheirOrder() throws {
        write(sample)
        #expect(try summary(by: [.day]).groups.map(\.names) == [["2026-01-01"], ["2026-01-03"]])
        let tokyo = try summary(by: [.model, .day], zone: "Asia/Tokyo")
        #expect(tokyo.groups.map(\.names) == [
            ["gpt-4o", "2026-01-01"], ["gpt-4o", "2026-01-02"], ["?", "2026-01-03"], ["llama\u{1B}[2J", "2026-01-03"],
        ])
        #expect(tokyo.total == (try summary(by: []).total))
    }

    @Test func theTableSaysWhatIsUnknown() throws {
        write(sample)
        #expect(
            try summary(by: [.provider, .model]).table() == """
                From 2026-01-01T00:00:00Z to 2027-01-01T00:00:00Z

                provider  model           requests  input  cached  output  total tokens        cost (USD)
                --------  --------------  --------  -----  ------  ------  ------------  ----------------
                openai    gpt-4o                 2  1,000     230       4         1,234            1.5001
                -         ?                      1      0       0       0             0            0.0000
                ollama    llama\\u{1b}[2J         1      7       0       0             7           unknown
                --------  --------------  --------  -----  ------  ------  ------------  ----------------
                total                            4  1,007     230       4         1,241  1.5001 + unknown

                unknown: the model has no price, or no token counts came. models.price in the configuration sets prices.

                """)
        let whole = try summary(by: []).table()
        #expect(whole.contains("\ntotal         4  1,007     230       4         1,241  1.5001 + unknown\n\nunknown: "))
    }

    @Test func nothingSaysSo() throws {
        let summary = try summary(by: [.provider])
        #expect(summary.table() == "No requests from 2026-01-01T00:00:00Z to 2027-01-01T00:00:00Z.\n")
        #expect(String(decoding: summary.json(), as: UTF8.self).contains(#""groups":[],"total":{"requests":0,"#))
        #expect(String(decoding: summary.csv(), as: UTF8.self).split(separator: "\r\n").count == 1)
        #expect(try store.report(UsageQuery(start: 0, end: 1)).table() == "No requests in this interval.\n")
    }

    @Test func jsonAndCSVCarryTheSame() throws {
        write(sample)
        let summary = try summary(by: [.provider, .key])
        let object = try #require(try JSONSerialization.jsonObject(with: Data(summary.json())) as? [String: Any])
        let groups = try #require(object["groups"] as? [[String: Any]])
        #expect(groups.map { $0["provider"] as? String } == ["openai", "openai", nil, "ollama"])
        #expect(groups.map { $0["key"] as? String } == [nil, "team-a", nil, nil])
        #expect(groups.map { $0["total_cost"] as? Double } == [1.5, 0.00014, 0, nil])
        #expect((object["total"] as? [String: Any])?["requests_of_unknown_cost"] as? Int == 1)
        let lines = String(decoding: summary.csv(), as: UTF8.self).components(separatedBy: "\r\n")
        #expect(lines == [
            "provider,key,requests,input_tokens,cached_input_tokens,output_tokens,total_tokens,total_cost_usd,requests_of_unknown_cost",
            "openai,,1,1000,230,4,1234,1.5,0", "openai,team-a,1,0,0,0,0,0.00014,0", ",,1,0,0,0,0,0,0", "ollama,,1,7,0,0,7,,1", "",
        ])
    }

    @Test func recordsAreATableToo() throws {
        write(sample)
        let report = try store.report(UsageQuery(start: newYear, end: everything.end, limit: 3))
        let lines = report.table().split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0].hasPrefix("time                      provider  model           key     status  outcome"))
        #expect(lines[2].contains("2026-01-03T00:00:00.000Z  -         ?               -       404     ok"))
        #expect(lines[3].contains("unknown") && lines[4].contains("team-a") && lines[4].contains("0.000140"))
        #expect(lines[6].hasPrefix("total ") && lines[6].contains("0.000140 + unknown"))
        #expect(lines[8] == "3 of 4 requests.")
        #expect(lines[10].hasPrefix("unknown: "))
    }

    @Test func theTableHintsAtNothingWhereAllIsKnown() throws {
        write([sample[0]])
        var query = everything
        query.end = newYear + 1_234
        let table = try UsageBooks(path: folder.database).summary(query).table()
        #expect(table.hasPrefix("From 2026-01-01T00:00:00Z to 2026-01-01T00:00:01.234Z\n"))
        #expect(table.hasSuffix("  1.5000\n"))
    }

    /// Clients make names up: a report must not grow with them.
    @Test func namesBeyondTheBoundAreOne() throws {
        var records: [UsageRecord] = (0..<StoreLimits.namesMax + 50).map { .sample("r-\($0)", model: "made-up-\($0)") }
        for index in records.indices { records[index].totalCostPico = Int64(index) }
        write(records)
        let summary = try summary(by: [.model])
        #expect(summary.groups.count == StoreLimits.namesMax + 1)
        #expect(summary.groups[0].names == ["made-up-\(StoreLimits.namesMax + 49)"])
        #expect(summary.groups.last == .init(
            names: ["(other)"], sums: UsageSummary.Sums(requests: 50, costPico: (0..<50).reduce(0, +))))
        #expect(summary.total.requests == StoreLimits.namesMax + 50)
        let report = try store.report(UsageQuery(start: newYear, end: everything.end))
        #expect(report.costByModel.count == StoreLimits.namesMax + 1)
        #expect(report.costByModel.reduce(0) { $0 + $1.costPico } == report.totalCostPico)
    }

    /// A reader that takes too long would keep the write-ahead log from starting anew.
    @Test func aReaderIsBoundedInTime() throws {
        let books = UsageBooks(openedAt: folder.database, readMillisecondsMax: 20)
        #expect(throws: StoreError.tookTooLong(path: folder.database)) {
            try books.read { database in
                try database.execute(sql: "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n")
            }
        }
        // Many short statements are no way around it.
        #expect(throws: StoreError.tookTooLong(path: folder.database)) {
            try books.read { database -> Void in
                while true {
                    try database.execute(sql: "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 10000) SELECT max(x) FROM n")
                }
            }
        }
    }
}
