import Foundation
import Synchronization
import Testing

@testable import Store

@Suite struct UsageReportTests {
    private let folder: TemporaryFolder
    private let store: UsageStore

    init() throws {
        folder = try TemporaryFolder()
        store = try UsageStore(path: folder.database)
    }

    private func write(_ records: [UsageRecord]) {
        for record in records { #expect(store.offer(record)) }
        #expect(store.flush(timeoutMilliseconds: patience))
    }

    @Test func theIntervalIsHalfOpen() throws {
        write([.sample("before", at: -1), .sample("start", at: 0), .sample("last", at: 999), .sample("end", at: 1_000)])
        let report = try store.report(UsageQuery(start: newYear, end: newYear + 1_000))
        #expect(report.records.map(\.record.requestID) == ["last", "start"])
        #expect(report.totalRequests == 2)
    }

    @Test func pagesMeetWithoutGapOrOverlap() throws {
        // Many share a millisecond: the number of the row decides.
        write((0..<250).map { .sample("r-\($0)", at: Int64($0 / 50)) })
        var seen: [String] = []
        var query = UsageQuery(start: newYear, end: newYear + 100, limit: 60)
        var pages = 0
        repeat {
            let report = try store.report(query)
            #expect(report.totalRequests == 250)
            seen += report.records.map(\.record.requestID)
            query.cursor = try report.next.map { try #require(UsageQuery.Cursor($0.description)) }
            pages += 1
        } while query.cursor != nil
        #expect(seen == (0..<250).reversed().map { "r-\($0)" })
        #expect(pages == 5)
        #expect(try store.report(UsageQuery(start: newYear, end: newYear + 100)).records.count == 100)
        #expect(try store.report(UsageQuery(start: newYear, end: newYear + 100, limit: 250)).next == nil)
    }

    /// Measured in SQLite's own instructions: what lies before a page is not read again.
    @Test func aPageFarBackCostsWhatTheFirstOneDoes() throws {
        write((0..<8_000).map { .sample("r-\($0)", at: Int64($0)) })
        let query = UsageQuery(start: newYear, end: newYear + 10_000)
        func looks(after cursor: UsageQuery.Cursor?) throws -> Int {
            try store.books.read { database in
                let watch = QueryWatch(millisecondsMax: patience)
                let page = try watch.run(database, instructions: 10) {
                    try UsageReader.records(query, after: cursor, limit: 50, database)
                }
                #expect(page.records.count == 50)
                #expect(page.records[0].record.timestampMilliseconds == cursor.map { $0.timestampMilliseconds - 1 } ?? newYear + 7_999)
                return watch.looks
            }
        }
        let first = try looks(after: nil)
        #expect(first > 10)
        for place: Int64 in [7_000, 4_000, 100] {
            // Rows are numbered from 1.
            let looks = try looks(after: .init(timestampMilliseconds: newYear + place, id: place + 1))
            #expect(looks <= first + first / 4, "at \(place): \(looks), the first page \(first)")
        }
    }

    @Test func anExportIsCountedBeforeItIsMade() throws {
        write((0..<300).map { .sample("r-\($0)", at: Int64($0)) })
        var query = UsageQuery(start: newYear + 100, end: newYear + 10_000, format: .csv)
        #expect(try store.books.exportCount(query, upTo: 1_000) == 200)
        #expect(try store.books.exportCount(query, upTo: 7) == 7)
        query.limit = 20
        #expect(try store.books.exportCount(query, upTo: 1_000) == 20)
        query.limit = nil
        query.cursor = .init(timestampMilliseconds: newYear + 150, id: 151)
        #expect(try store.books.exportCount(query, upTo: 1_000) == 50)
        // A cursor behind the interval's end is none.
        query.cursor = .init(timestampMilliseconds: newYear + 20_000, id: 1)
        #expect(try store.books.exportCount(query, upTo: 1_000) == 200)
        #expect(try store.books.report(query).records.first?.record.requestID == "r-299")
    }

    /// It is told on the thread that reads, in the middle of a statement.
    @Test func aReportThatNobodyWantsIsGivenUp() throws {
        let asked = Atomic(0)
        let books = store.books.givingUp { asked.add(1, ordering: .relaxed).newValue > 3 }
        #expect(throws: StoreError.tookTooLong(path: folder.database)) {
            try books.read { database in
                try database.execute(sql: "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n")
            }
        }
        #expect(asked.load(ordering: .relaxed) == 4)
    }

    @Test(arguments: ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
    func aNameIsNoFormulaInASpreadsheet(_ name: String) throws {
        var record = UsageRecord.sample("r", model: name)
        record.inputTokens = 3
        write([record])
        var pieces: [[UInt8]] = []
        try store.exportCSV(UsageQuery(start: newYear, end: newYear + 1, format: .csv)) { pieces.append($0); return true }
        let text = String(decoding: pieces.joined(), as: UTF8.self)
        let isQuoted = name.contains("\r") || name.contains("\n")
        let field = isQuoted ? "\"'\(name)\"" : "'\(name)"
        #expect(text.contains("\r\nr,openai,\(field),2026-01-01T00:00:00.000Z,3,"))
        let summary = try store.books.summary(.init(start: newYear, end: newYear + 1, columns: [.model]))
        #expect(String(decoding: summary.csv(), as: UTF8.self).contains("\r\n\(field),1,3,"))
        // JSON has no such trouble.
        #expect(summary.groups[0].names == [name])
    }

    @Test func totalsAreExactAndUnknownCostsAreCounted() throws {
        var records: [UsageRecord] = (0..<10).map { .sample("r-\($0)", provider: $0 < 7 ? "openai" : "x\"y", model: "m\($0 % 2)") }
        for index in records.indices {
            records[index].inputTokens = 2
            records[index].outputTokens = 1
            records[index].totalCostPico = index == 0 ? nil : 100_000_000_000
            records[index].isCostKnown = index != 0
        }
        records[9].totalCostPico = .max
        records[8].totalCostPico = .max
        write(records)
        let report = try store.report(UsageQuery(start: newYear, end: newYear + 1))
        #expect(report.totalTokens == 30)
        #expect(report.requestsOfUnknownCost == 1)
        #expect(report.totalCostPico == 2 * Int128(Int64.max) + 700_000_000_000)
        #expect(report.costByProvider == [
            .init(name: "openai", costPico: 600_000_000_000), .init(name: "x\"y", costPico: 2 * Int128(Int64.max) + 100_000_000_000),
        ])
        #expect(report.costByModel.map(\.name) == ["m0", "m1"])
        #expect(report.costByModel.reduce(0) { $0 + $1.costPico } == report.totalCostPico)
        #expect(report.costByDay == [.init(name: "2026-01-01", costPico: report.totalCostPico)])
    }

    @Test func daysAreCutInTheZone() throws {
        // 04:59:59.999Z and 05:00Z are the two sides of New York's midnight in winter.
        var records: [UsageRecord] = [
            .sample("a", at: 18_000_000 - 1), .sample("b", at: 18_000_000), .sample("c", at: 18_000_000 + 40 * 86_400_000),
        ]
        for index in records.indices { records[index].totalCostPico = Int64(index + 1) }
        write(records)
        let report = try store.report(
            UsageQuery(start: newYear - 86_400_000, end: newYear + 90 * 86_400_000, zone: "America/New_York"))
        #expect(report.costByDay == [
            .init(name: "2025-12-31", costPico: 1), .init(name: "2026-01-01", costPico: 2), .init(name: "2026-02-10", costPico: 3),
        ])
    }

    @Test func jsonIsTheContracts() throws {
        var record = UsageRecord.sample("r-1", at: 5, model: "a \"quoted\"\n\u{1}ü")
        record.inputTokens = 3
        record.inputCostPico = 140_000_000
        record.totalCostPico = 140_000_000
        record.status = 200
        record.keyID = "team-a"
        write([record])
        let bytes = try store.report(UsageQuery(start: newYear, end: newYear + 10)).json()
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix(#"{"totalRequests":1,"totalCost":0.00014,"totalTokens":3,"costByProvider":{"openai":0.00014},"#))
        #expect(text.contains(#""output_cost":null,"total_cost":0.00014,"currency":"USD","payment_method":"api_key""#))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        let records = try #require(object["records"] as? [[String: Any]])
        #expect(records[0]["model"] as? String == record.model)
        #expect(records[0]["timestamp"] as? String == "2026-01-01T00:00:00.005Z")
        #expect(records[0]["cost_known"] as? Bool == true)
        #expect(records[0]["key"] as? String == "team-a")
        #expect(object["nextCursor"] is NSNull)
        let contract: Set<String> = [
            "id", "request_id", "provider", "model", "timestamp", "input_tokens", "cache_write_input_tokens",
            "cache_read_input_tokens", "output_tokens", "total_tokens", "input_cost", "cache_write_cost", "cache_read_cost",
            "output_cost", "total_cost", "currency", "payment_method", "created_at",
        ]
        #expect(contract.isSubset(of: records[0].keys))
        let empty = String(decoding: try store.report(UsageQuery(start: 0, end: 1)).json(), as: UTF8.self)
        #expect(empty == #"{"totalRequests":0,"totalCost":0,"totalTokens":0,"costByProvider":{},"costByModel":{},"costByDay":{},"requestsOfUnknownCost":0,"records":[],"nextCursor":null}"#)
    }

    @Test func csvIsQuotedAndComplete() throws {
        var records: [UsageRecord] = (0..<2_500).map { .sample("r-\($0)", at: Int64($0)) }
        records[2_499].model = "a,\"b\"\r\nc"
        records[2_499].inputTokens = 7
        records[2_499].inputCostPico = 1
        write(records)
        var pieces: [[UInt8]] = []
        try store.exportCSV(UsageQuery(start: newYear, end: newYear + 10_000, format: .csv)) { pieces.append($0); return true }
        #expect(pieces.count == 3)
        let text = String(decoding: pieces.joined(), as: UTF8.self)
        let lines = text.components(separatedBy: "\r\n")
        #expect(lines[0] == "request_id,provider,model,timestamp,input_tokens,cache_write_input_tokens,cache_read_input_tokens,output_tokens,total_tokens,input_cost_usd,cache_write_cost_usd,cache_read_cost_usd,output_cost_usd,total_cost_usd,payment_method")
        #expect(lines[1] + "\r\n" + lines[2] == "r-2499,openai,\"a,\"\"b\"\"\r\nc\",2026-01-01T00:00:02.499Z,7,0,0,0,7,0.000000000001,,,,,api_key")
        #expect(lines.count == 2_500 + 3 && lines.last == "")

        var some: [[UInt8]] = []
        try store.exportCSV(UsageQuery(start: newYear, end: newYear + 10_000, limit: 1_001)) { some.append($0); return true }
        #expect(some.joined().count { $0 == 0x0D } == 1_001 + 2)
        var calls = 0
        try store.exportCSV(UsageQuery(start: newYear, end: newYear + 10_000)) { _ in calls += 1; return false }
        #expect(calls == 1)
    }
}
