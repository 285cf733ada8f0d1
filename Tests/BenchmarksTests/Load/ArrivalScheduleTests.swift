import Testing

@testable import Benchmarks

@Suite struct ArrivalScheduleTests {
    private static let second: Int64 = 1_000_000_000

    private func times(_ schedule: ArrivalSchedule, _ count: Int) -> [Int64] {
        var schedule = schedule
        return (0..<count).map { _ in
            defer { schedule.advance() }
            return schedule.next
        }
    }

    @Test func evenArrivalsAreEquallyFarApart() {
        let schedule = ArrivalSchedule(.even, rate: 4, startNanoseconds: 7, seed: 1)
        #expect(times(schedule, 4) == [1, 2, 3, 4].map { 7 + $0 * Self.second / 4 })
    }

    @Test func theRateRisesEvenlyOverTheRamp() {
        // 10 a second after 2 s: 10 arrivals by then, as many as in each second afterwards.
        let all = times(ArrivalSchedule(.even, rate: 10, startNanoseconds: 0, rampNanoseconds: 2 * Self.second, seed: 1), 40)
        #expect(all[9] == 2 * Self.second)
        #expect(all[19] == 3 * Self.second)
        #expect(all[39] == 5 * Self.second)
        #expect(all == all.sorted())
        // A quarter of the ramp's arrivals come in its first half.
        #expect(all.filter { $0 <= Self.second }.count == 2)
    }

    @Test func poissonArrivalsHaveTheRateAndTheSpread() {
        let seed = UInt64.random(in: 0...UInt64.max)
        let count = 20_000
        let all = times(ArrivalSchedule(.poisson, rate: 1_000, startNanoseconds: 0, seed: seed), count)
        let gaps = zip(all, [0] + all).map { Double($0 - $1) / 1e6 }
        let mean = gaps.reduce(0, +) / Double(count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
        // An exponential distribution of mean 1 ms has a variance of 1; eight standard deviations of either estimate are allowed.
        #expect(abs(mean - 1) < 8 / Double(count).squareRoot(), "seed \(seed)")
        #expect(abs(variance - 1) < 8 * (8 / Double(count)).squareRoot(), "seed \(seed)")
    }

    @Test func aSeedMakesTheSameTimes() {
        func schedule(_ seed: UInt64) -> ArrivalSchedule { ArrivalSchedule(.poisson, rate: 300, startNanoseconds: 5, seed: seed) }
        #expect(times(schedule(3), 100) == times(schedule(3), 100))
        #expect(times(schedule(3), 100) != times(schedule(4), 100))
    }

    @Test func sharesAreSpreadEvenly() {
        for share in [0, 0.1, 0.25, 0.5, 0.9, 1] {
            var even = EvenShare(share)
            var taken = 0
            for index in 1...1_000 {
                if even.next() { taken += 1 }
                #expect(abs(Double(taken) - Double(index) * share) < 1 + 1e-9, "share \(share), after \(index)")
            }
        }
    }

    @Test func aWaitingLineKeepsItsOrder() {
        var line = WaitingLine<Int>()
        var next = 0, expected = 0
        for round in 1...50 {
            for _ in 0..<(round * 3) {
                line.append(next)
                next += 1
            }
            for _ in 0..<(round * 2) {
                #expect(line.first == expected)
                #expect(line.popFirst() == expected)
                expected += 1
            }
            #expect(line.count == next - expected)
        }
        while let element = line.popFirst() {
            #expect(element == expected)
            expected += 1
        }
        #expect(expected == next)
        #expect(line.isEmpty)
        #expect(line.first == nil)
    }
}
