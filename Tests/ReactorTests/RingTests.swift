import Testing

@testable import Reactor

@Suite struct RingTests {
    private final class Counted {
        let number: Int
        let deaths: Deaths
        init(_ number: Int, _ deaths: Deaths) {
            self.number = number
            self.deaths = deaths
        }
        deinit { deaths.count += 1 }
    }

    private final class Deaths { var count = 0 }

    /// Grown while its start stands anywhere, and while it wraps: the order stays.
    @Test func keepsTheOrderAcrossWrapsAndGrowth() {
        for lead in 0..<9 {
            var ring = Ring<Int>()
            var next = 0
            var expected = 0
            for _ in 0..<lead {
                ring.append(next)
                next += 1
                #expect(ring.popFirst() == expected)
                expected += 1
            }
            for _ in 0..<17 {
                for _ in 0..<3 {
                    ring.append(next)
                    next += 1
                }
                for index in 0..<ring.count { #expect(ring[index] == expected + index) }
                #expect(ring.popFirst() == expected)
                expected += 1
            }
            while let value = ring.popFirst() {
                #expect(value == expected)
                expected += 1
            }
            #expect(expected == next)
            #expect(ring.isEmpty)
        }
    }

    @Test func changesAnElementInPlace() {
        var ring = Ring<Int>()
        for value in 0..<5 { ring.append(value) }
        ring[3] += 10
        #expect(ring[3] == 13)
        #expect(ring[4] == 4)
    }

    @Test func letsGoOfEachElementOnce() {
        let deaths = Deaths()
        do {
            var ring = Ring<Counted>()
            for number in 0..<7 { ring.append(Counted(number, deaths)) }
            #expect(deaths.count == 0)
            #expect(ring.popFirst()?.number == 0)
            #expect(deaths.count == 1)
            ring.append(Counted(7, deaths))
        }
        #expect(deaths.count == 8)
    }
}
