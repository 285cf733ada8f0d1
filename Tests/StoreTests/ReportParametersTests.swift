import Testing

@testable import Store

@Suite struct ReportParametersTests {
    private func read(
        from: String? = nil, to: String? = nil, timezone: String? = nil, by: [String] = [], format: String? = nil,
        records: Bool = false, limit: Int? = nil
    ) throws(ReportParameterError) -> ReportParameters {
        try ReportParameters(
            from: from, to: to, timezone: timezone, by: by, format: format, showsRecords: records, limit: limit, now: newYear)
    }

    @Test func nothingGivenIsTheLastSevenDays() throws {
        let parameters = try read()
        #expect(parameters.summaryQuery == UsageSummary.Query(
            start: newYear - 7 * UTCTime.millisecondsPerDay, end: newYear + 1, columns: [.provider, .model]))
        #expect(parameters.format == .table && !parameters.showsRecords)
        #expect(parameters.recordsQuery.limit == nil)
    }

    @Test(arguments: [
        ("7d", "UTC", "2025-12-25T00:00:00.000Z"), ("24h", "UTC", "2025-12-31T00:00:00.000Z"), ("2w", "UTC", "2025-12-18T00:00:00.000Z"),
        ("99999w", "UTC", "0109-06-27T00:00:00.000Z"), ("2025-12-24", "UTC", "2025-12-24T00:00:00.000Z"),
        ("2025-12-24", "Asia/Tokyo", "2025-12-23T15:00:00.000Z"), ("2025-12-24", "America/New_York", "2025-12-24T05:00:00.000Z"),
        ("2025-12-24T12:00:00+01:00", "America/New_York", "2025-12-24T11:00:00.000Z"),
        // Where the day begins at one o'clock, and where it is fourteen hours ahead.
        ("2025-09-07", "America/Santiago", "2025-09-07T04:00:00.000Z"), ("2025-12-24", "Pacific/Kiritimati", "2025-12-23T10:00:00.000Z"),
    ])
    func beginnings(_ text: String, _ zone: String, _ expected: String) throws {
        #expect(UTCTime.text(try read(from: text, timezone: zone).start) == expected)
    }

    @Test func aDateAtTheEndIncludesItsDay() throws {
        let parameters = try read(from: "2025-10-26", to: "2025-10-26", timezone: "Europe/Berlin")
        #expect(parameters.end - parameters.start == 25 * 3_600_000)
        #expect(try read(from: "7d", to: "1d").end == newYear - UTCTime.millisecondsPerDay)
    }

    @Test func columnsComeOnceAndInTheirOrder() throws {
        #expect(try read(by: ["day,provider", "day", "key"]).columns == [.day, .provider, .key])
    }

    @Test func recordsAndTheirLimit() throws {
        #expect(try read(records: true, limit: 1_000).recordsQuery.limit == 1_000)
        #expect(try read(format: "csv", records: true, limit: 5_000_000).recordsQuery == UsageQuery(
            start: newYear - 7 * UTCTime.millisecondsPerDay, end: newYear + 1, format: .csv, limit: 5_000_000))
    }

    @Test(arguments: [
        "", "yesterday", "7", "d", "-7d", "7m", "1000000d", "2026-02-30", "2026-1-1", "2026-01-01T00:00:00", "\u{1B}[2J", "٧d", "7dd",
    ])
    func whatIsNoTimeIsNamed(_ text: String) {
        let shown = TextTable.printable(text)
        #expect(throws: ReportParameterError(
            description: "--from: '\(shown)' is no time: use 2026-01-31T12:00:00Z, 2026-01-31, 7d or 24h")) { try read(from: text) }
    }

    @Test func otherMistakesAreNamed() {
        func expect(_ message: String, _ body: () throws -> ReportParameters) {
            #expect(throws: ReportParameterError(description: message), performing: { _ = try body() })
        }
        expect("--from must be before --to") { try read(from: "1d", to: "2d") }
        expect("--timezone: 'PST' is no IANA time zone, such as Europe/Berlin or UTC") { try read(timezone: "PST") }
        expect("--by: '' is none of provider, model, day, key, status") { try read(by: ["provider,"]) }
        expect("--format: 'xml' is none of table, json, csv") { try read(format: "xml") }
        expect("--limit is for --records") { try read(limit: 5) }
        expect("--by is for sums; --records shows single requests") { try read(by: ["day"], records: true) }
        for (limit, format) in [(0, "table"), (1_001, "json"), (-1, "csv")] {
            expect("--limit: must be from 1 to 1000; --format csv has no upper bound") {
                try read(format: format, records: true, limit: limit)
            }
        }
    }
}
