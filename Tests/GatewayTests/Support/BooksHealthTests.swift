import Testing

@testable import Gateway
@testable import Store

/// What is said of the books, look by look.
@Suite struct BooksHealthTests {
    private var counters = UsageStore.Counters(
        rowsWritten: 10, rowsDropped: 0, rowsDuplicate: 0, rowsPruned: 0, queueDepth: 0, writeFailures: 0, lastWriteFailure: nil,
        choreFailures: 0, lastChoreFailure: nil, isHousekeepingFailing: false)

    @Test mutating func refusedRowsAreToldOnceAndSoIsTheirEnd() {
        var health = BooksHealth(counters)
        #expect(health.look(counters) == [])
        counters.queueDepth = 5
        #expect(health.look(counters) == [], "rows that wait are no trouble")
        counters.writeFailures = 1
        #expect(health.look(counters) == [.rowsRefused])
        for _ in 0..<100 {
            counters.writeFailures += 3
            #expect(health.look(counters) == [])
        }
        #expect(health.look(counters) == [], "nothing failed and nothing was written: the disk hangs")
        counters.rowsDropped = 1
        #expect(health.look(counters) == [.rowsLost])
        counters.rowsDropped = 9
        #expect(health.look(counters) == [])
        counters.rowsWritten += 1
        #expect(health.look(counters) == [.rowsWritten])
        #expect(health.look(counters) == [])
        counters.rowsDropped = 10
        #expect(health.look(counters) == [.rowsRefused], "the next trouble is told again")
        counters.queueDepth = 0
        #expect(health.look(counters) == [.rowsWritten])
    }

    @Test mutating func housekeepingIsAnotherMatter() {
        var health = BooksHealth(counters)
        counters.choreFailures = 1
        counters.isHousekeepingFailing = true
        #expect(health.look(counters) == [.housekeepingFailed])
        counters.choreFailures = 2
        #expect(health.look(counters) == [])
        counters.writeFailures = 1
        #expect(health.look(counters) == [.rowsRefused])
        counters.isHousekeepingFailing = false
        #expect(health.look(counters) == [.rowsWritten, .housekeepingDone])
        #expect(health.look(counters) == [])
    }
}
