import Testing

@testable import Store

@Suite struct UsageParametersTests {
    private func read(_ parameters: [(name: String, value: String)]) throws(UsageParameterError) -> UsageQuery {
        try UsageQuery(parameters: parameters, now: newYear)
    }

    @Test func nothingGivenIsTheLastSevenDays() throws {
        let query = try read([("startTime", ""), ("unknown", "x")])
        #expect(query == UsageQuery(start: newYear + 1 - 7 * 86_400_000, end: newYear + 1))
    }

    @Test func everythingGiven() throws {
        let query = try read([
            ("startTime", "2024-02-29T23:59:59.5+02:00"), ("endTime", "2024-03-01T00:00:00Z"), ("timezone", "Europe/Paris"),
            ("format", "csv"), ("limit", "5000"), ("cursor", "1709243999500.7"), ("startTime", "ignored"),
        ])
        #expect(query.start == 1_709_243_999_500)
        #expect(query.end == 1_709_251_200_000)
        #expect(query.zone == "Europe/Paris" && query.format == .csv && query.limit == 1_000)
        #expect(query.cursor == .init(timestampMilliseconds: 1_709_243_999_500, id: 7))
    }

    @Test(arguments: [
        ("startTime", "yesterday", "Invalid startTime format. Use RFC3339 (e.g., 2024-01-01T00:00:00Z)"),
        ("startTime", "2024-01-01", "Invalid startTime format. Use RFC3339 (e.g., 2024-01-01T00:00:00Z)"),
        ("endTime", "2024-13-01T00:00:00Z", "Invalid endTime format. Use RFC3339 (e.g., 2024-01-01T00:00:00Z)"),
        ("startTime", "2026-01-01T00:00:01Z", "startTime must be before endTime"),
        ("timezone", "Mars/Olympus", "Invalid timezone. Use IANA format (e.g., America/New_York, UTC)"),
        ("timezone", "GMT+3", "Invalid timezone. Use IANA format (e.g., America/New_York, UTC)"),
        ("timezone", "../../etc/passwd", "Invalid timezone. Use IANA format (e.g., America/New_York, UTC)"),
        ("format", "xml", "Invalid format. Use json or csv"),
        ("limit", "0", "Invalid limit. Use a whole number from 1 to 1000"),
        ("limit", "-1", "Invalid limit. Use a whole number from 1 to 1000"),
        ("limit", "99999999999999999999", "Invalid limit. Use a whole number from 1 to 1000"),
        ("cursor", "1.2.3", "Invalid cursor. Use the nextCursor of the page before"),
        ("cursor", "+1.2", "Invalid cursor. Use the nextCursor of the page before"),
    ])
    func badParametersAreNamed(_ name: String, _ value: String, _ message: String) {
        do {
            _ = try read([(name, value)])
            Issue.record("\(name)=\(value) was accepted")
        } catch {
            #expect(error.description == message)
        }
    }

    @Test func equalEndsAreRefused() {
        #expect(throws: UsageParameterError.order) {
            try read([("startTime", "2024-01-01T00:00:00Z"), ("endTime", "2024-01-01T01:00:00+01:00")])
        }
    }

    @Test(arguments: ["UTC", "America/New_York", "Etc/UTC", "Asia/Kathmandu", "EST5EDT", "Japan", "GMT"])
    func zonesOfIANA(_ zone: String) throws {
        #expect(try read([("timezone", zone)]).zone == zone)
    }

    @Test func theExportIsNamedByTheZonesDays() throws {
        #expect(UsageQuery(start: newYear, end: newYear + 86_400_000).exportFileName == "usage-2026-01-01-2026-01-02.csv")
        #expect(UsageQuery(start: newYear, end: newYear + 86_400_000, zone: "America/New_York").exportFileName == "usage-2025-12-31-2026-01-01.csv")
    }

    @Test func daysEndWhereTheClockIsSet() throws {
        let berlin = try #require(DayCalendar(zone: "Europe/Berlin"))
        // 2026-03-29 has 23 hours there, 2026-10-25 has 25.
        let spring = try #require(UTCTime.parse("2026-03-28T23:00:00Z"))
        #expect(berlin.dayEnd(after: spring) - spring == 23 * 3_600_000)
        let autumn = try #require(UTCTime.parse("2026-10-24T22:00:00Z"))
        #expect(berlin.dayEnd(after: autumn) - autumn == 25 * 3_600_000)
        // In Santiago midnight itself is skipped on 2026-09-06.
        let santiago = try #require(DayCalendar(zone: "America/Santiago"))
        let eve = try #require(UTCTime.parse("2026-09-05T12:00:00Z"))
        #expect(UTCTime.text(santiago.dayEnd(after: eve)) == "2026-09-06T04:00:00.000Z")
        #expect(santiago.day(of: santiago.dayEnd(after: eve)) == "2026-09-06")
        #expect(santiago.day(of: santiago.dayEnd(after: eve) - 1) == "2026-09-05")
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("1970-01-01t00:00:00z", 0), ("1969-12-31T23:59:59.999Z", -1), ("2026-01-01T00:00:00Z", newYear),
        ("2026-01-01T05:30:00+05:30", newYear), ("2000-02-29T00:00:00Z", 951_782_400_000), ("2016-12-31T23:59:60Z", 1_483_228_800_000),
        ("1970-01-01T00:00:00.0001Z", 1), ("1970-01-01T00:00:00.1234Z", 124), ("1970-01-01T00:00:00.120000Z", 120),
        ("0000-01-01T00:00:00Z", UTCTime.range.lowerBound), ("9999-12-31T23:59:59.999Z", UTCTime.range.upperBound),
    ])
    func instants(_ text: String, _ milliseconds: Int64) {
        #expect(UTCTime.parse(text) == milliseconds)
    }

    @Test(arguments: [
        "", "2024", "2023-02-29T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:61Z", "2024-01-01T00:00:00",
        "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00+0200", "2024-01-01T00:00:00 02:00", "2024-01-01 00:00:00Z", "2024-00-01T00:00:00Z",
        "2024-01-00T00:00:00Z", "2024-04-31T00:00:00Z", "2024-01-01T00:00:00Zx", "+024-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00",
    ])
    func noInstants(_ text: String) {
        #expect(UTCTime.parse(text) == nil)
    }

    @Test func textAndInstantAgreeOverThousandsOfYears() {
        for instant in stride(from: UTCTime.range.lowerBound, through: UTCTime.range.upperBound, by: 86_400_000 * 37 + 12_345_678) {
            #expect(UTCTime.parse(UTCTime.text(instant)) == instant)
        }
        #expect(UTCTime.text(.min) == "0000-01-01T00:00:00.000Z" && UTCTime.text(.max) == "9999-12-31T23:59:59.999Z")
    }

    @Test(arguments: [
        (Int128(0), "0"), (1, "0.000000000001"), (140_000_000, "0.00014"), (100_000_000_000, "0.1"), (1_000_000_000_000, "1"),
        (-1_500_000_000_000, "-1.5"), (Int128(Int64.max) * 4, "36893488.147419103228"),
    ])
    func moneyIsExact(_ pico: Int128, _ text: String) {
        #expect(USDText.decimal(pico: pico) == text)
    }
}
