import Testing

@testable import Gateway

@Suite struct ProcessFactsTests {
    @Test func readsThisProcess() throws {
        let facts = ProcessFacts.read()
        #expect(facts.cpuMicroseconds > 0)
        let (resident, virtual) = (try #require(facts.residentBytes), try #require(facts.virtualBytes))
        #expect(resident > 1 << 20 && virtual > resident)
        #expect(try #require(facts.openDescriptors) >= 3)
        #expect(UInt64(try #require(facts.openDescriptors)) <= (try #require(facts.descriptorsMax)))
        #expect(try #require(facts.startedHundredths) > 160_000_000_000)
    }

    @Test func theProgramsNameMayHoldAnything() {
        let fields = (3...30).map { $0 == 22 ? "250" : "\($0)" }.joined(separator: " ")
        let all = "cpu 1 2\nbtime 1700000000\nprocesses 5\n"
        #expect(ProcessFacts.started(stat: "7 (a) b (c) \(fields)", allStat: all, ticksPerSecond: 100) == 170_000_000_250)
        #expect(ProcessFacts.started(stat: "7 (a) \(fields)", allStat: "cpu", ticksPerSecond: 100) == nil)
        #expect(ProcessFacts.started(stat: "7", allStat: all, ticksPerSecond: 100) == nil)
    }
}
