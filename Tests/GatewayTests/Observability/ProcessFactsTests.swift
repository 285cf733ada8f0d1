import Foundation
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
        // This process is younger than a day, whatever else is true.
        let now = Int64(Date.now.timeIntervalSince1970 * 100)
        #expect((now - 8_640_000...now + 100).contains(try #require(facts.startedHundredths)))
    }

    @Test func theProgramsNameMayHoldAnything() {
        let fields = (3...30).map { $0 == 22 ? "250" : "\($0)" }.joined(separator: " ")
        #expect(Self.started("7 (a) b (c) \(fields)") == 170_000_000_250)
        #expect(Self.started("7 (a) \(fields)", ticksPerSecond: 250) == 170_000_000_100)
        #expect(Self.started("7 (a) \(fields)", ticksPerSecond: 0) == nil)
        for text in ["", "7", "7 (a)", "7 (a) S 1", "7 (a) " + fields.replacing("250", with: "x"), "7 (a) " + fields.replacing("250", with: "-1")] {
            #expect(Self.started(text) == nil)
        }
        #expect(Self.started("7 (a) " + fields.replacing("250", with: "\(Int64.max)"), ticksPerSecond: 1) == nil)
    }

    @Test func aClockThatIsSetIsNoOtherStart() {
        #expect(ProcessFacts.read().startedHundredths == ProcessFacts.read().startedHundredths)
    }

    /// An hour after a boot at 1,700,000,000 seconds.
    private static func started(_ stat: String, ticksPerSecond: Int64 = 100) -> Int64? {
        ProcessFacts.started(
            stat: stat, now: 1_700_003_600 * 1_000_000_000, sinceBoot: 3_600 * 1_000_000_000, ticksPerSecond: ticksPerSecond)
    }
}
