import Testing

@testable import Benchmarks

@Suite struct TokenClockTests {
    private let shape = AnswerShape(tokens: 10, paceMilliseconds: 20, firstTokenDelayMilliseconds: 5, bytesPerToken: 32)

    @Test(arguments: [0.0, 0.25, 1.0]) func onlyTheFirstGapHasAPhase(phase: Double) {
        var clock = TokenClock(shape, startedNanoseconds: 1_000, phase: phase)
        #expect(clock.dueNanoseconds == 5_001_000)
        clock.advance()
        let second = 5_001_000 + Int64((0.5 + phase) * 20_000_000)
        #expect(clock.dueNanoseconds == second)
        for index in 1...8 {
            clock.advance()
            #expect(clock.dueNanoseconds == second + Int64(index) * 20_000_000)
        }
    }

    @Test func withoutPaceAllTokensAreDueAtOnce() {
        var fast = shape
        fast.paceMilliseconds = 0
        var clock = TokenClock(fast, startedNanoseconds: 0, phase: 0.7)
        for _ in 0..<3 { clock.advance() }
        #expect(clock.dueNanoseconds == 5_000_000)
    }

    /// In each tenth of the pace there are about as many streams as in any other, also of a few.
    @Test(arguments: [100, 9_500]) func phasesAreSpread(streams: Int) {
        var phases = TokenClock.Phases()
        var tenths = [Int](repeating: 0, count: 10)
        for _ in 0..<streams { tenths[min(9, Int(phases.next() * 10))] += 1 }
        #expect(tenths.allSatisfy { abs($0 - streams / 10) <= 2 }, "\(tenths)")
    }
}
