import Testing

@testable import Store

/// Rows are bound by hand, several to a statement: what goes in must come out, whatever the number of rows.
@Suite struct UsageRowBinderTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private static func record(_ number: Int) -> UsageRecord {
        // Every third one bears the longest texts there are, every other one only what must be there.
        let long = String(repeating: "ü", count: StoreLimits.textBytesMax / 2)
        var record = UsageRecord.sample("r-\(number)", at: Int64(number), provider: "p\(number % 3)", model: number % 3 == 0 ? long : "m")
        record.inputTokens = number
        record.outputTokens = number * 2
        record.latencyMicroseconds = Int64(number) << 30
        record.attempts = number % 4
        guard number.isMultiple(of: 2) else { return record }
        record.upstreamModel = long
        record.reasoningTokens = number
        record.inputCostPico = Int64(number) * 7
        record.totalCostPico = .max - Int64(number)
        record.endpoint = long
        record.clientDialect = long
        record.paymentMethod = long
        record.outcome = .cancelled
        record.errorKind = long
        record.session = long
        record.upstreamRequestID = long
        record.timeToFirstTokenMicroseconds = Int64(number)
        record.keyID = long
        record.isStream = true
        record.isCostKnown = false
        record.isUsageEstimated = true
        record.isPossiblyBilled = true
        return record
    }

    @Test(arguments: [1, 7, 8, 9, 16, 21])
    func rowsComeBackWhole(count: Int) throws {
        try DatabaseFiles.prepareFolder(of: folder.database)
        try DatabaseFiles.prepare(folder.database)
        let database = try UsageDatabase(path: folder.database)
        let records = (0..<count).map(Self.record)
        #expect(try database.insert(records, createdAt: UTCTime.text(newYear)) == count)
        database.close()
        let store = try UsageStore(path: folder.database)
        defer { _ = store.close(timeoutMilliseconds: patience) }
        let query = UsageQuery(start: UTCTime.range.lowerBound, end: UTCTime.range.upperBound, limit: nil)
        #expect(try store.report(query).records.map(\.record) == records.reversed())
    }

    @Test("Of rows with one id the first stays, in one statement or in several")
    func duplicates() throws {
        try DatabaseFiles.prepareFolder(of: folder.database)
        try DatabaseFiles.prepare(folder.database)
        let database = try UsageDatabase(path: folder.database)
        var records = (0..<20).map(Self.record)
        for number in [3, 5, 12, 19] {
            records[number] = Self.record(number)
            records[number].requestID = "r-2"
        }
        #expect(try database.insert(records, createdAt: UTCTime.text(newYear)) == 16)
        #expect(try database.insert(records, createdAt: UTCTime.text(newYear)) == 0)
        database.close()
        let store = try UsageStore(path: folder.database)
        defer { _ = store.close(timeoutMilliseconds: patience) }
        let query = UsageQuery(start: UTCTime.range.lowerBound, end: UTCTime.range.upperBound, limit: nil)
        let stored = try store.report(query).records.map(\.record)
        #expect(stored.first { $0.requestID == "r-2" } == Self.record(2))
        #expect(stored.count == 16)
    }
}
