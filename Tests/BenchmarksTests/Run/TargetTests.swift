import Testing

@testable import Benchmarks

@Suite struct TargetTests {
    private let metric = Metric("cpu", "CPU", isCompared: true)
    private let rate = Metric("rate", "rate", isRate: true)

    private func server(_ name: String, _ metric: Metric, _ values: [Double?], voidRounds: Int = 0) -> ServerResult {
        ServerResult(name: name, isGateway: name == "gateway", values: [metric.id: values], voidRounds: voidRounds)
    }

    private func verdict(_ bound: Target.Bound, _ values: [Double?], floor: [Double?] = []) -> Target.Verdict {
        Target("", metric, bound).judge(server("gateway", metric, values), floor: server("nginx", metric, floor)).verdict
    }

    @Test func judgesTheMedian() {
        #expect(verdict(.valueAtMost(2), [1, 2, 9]) == .met)
        #expect(verdict(.valueAtMost(2), [1, 2.1, 9]) == .missed)
        #expect(verdict(.valueAtLeast(2), [1, 2, 9]) == .met)
        #expect(verdict(.valueAtLeast(2), [1, 1.9, 9]) == .missed)
    }

    @Test func judgesAgainstTheFloor() {
        #expect(verdict(.ratioAtMost(1.25), [125, 250], floor: [100, 200]) == .met)
        #expect(verdict(.ratioAtMost(1.25), [126, 252], floor: [100, 200]) == .missed)
        #expect(verdict(.ratioAtLeast(1.1), [111], floor: [100]) == .met)
        #expect(verdict(.ratioAtLeast(1.1), [109], floor: [100]) == .missed)
        #expect(verdict(.differenceAtMost(200), [1_200], floor: [1_000]) == .met)
        #expect(verdict(.differenceAtMost(200), [1_201], floor: [1_000]) == .missed)
    }

    @Test func judgesNothingThatWasNotMeasured() {
        #expect(verdict(.valueAtMost(2), [nil, nil]) == .notMeasured)
        #expect(verdict(.ratioAtMost(2), [1, 1]) == .notMeasured)
        #expect(verdict(.ratioAtMost(2), [1, nil], floor: [nil, 1]) == .notMeasured)
        #expect(Target("", metric, .valueAtMost(2)).judge(nil, floor: nil).verdict == .notMeasured)
        #expect(Target("", metric, .ratioAtMost(2)).judge(server("gateway", metric, [1]), floor: nil).verdict == .notMeasured)
    }

    @Test func judgesNoRateOfABusyLoadGenerator() {
        let target = Target("", rate, .valueAtLeast(1))
        #expect(target.judge(server("gateway", rate, [5]), floor: nil).verdict == .met)
        #expect(target.judge(server("gateway", rate, [5], voidRounds: 1), floor: nil).verdict == .notMeasured)
        // What it cost holds all the same.
        let cost = Target("", metric, .valueAtMost(9))
        #expect(cost.judge(server("gateway", metric, [5], voidRounds: 1), floor: nil).verdict == .met)
    }
}
