import Histogram
import Testing

@testable import Benchmarks

@Suite struct ChartScaleTests {
    private func isClose(_ left: Double, _ right: Double) -> Bool { abs(left - right) < 1e-6 }

    @Test func aLinearAxisBeginsAtZeroAndEndsRound() {
        let scale = ChartScale.linear(upTo: 870)
        #expect(scale.domain == 0...1_000)
        #expect(scale.position(0) == 0)
        #expect(isClose(scale.position(250), 0.25))
        #expect(scale.position(5_000) == 1)
        #expect(scale.position(.nan) == 0)
        #expect(scale.marks(atMost: 6, ChartText.amount).map(\.label) == ["0", "200", "400", "600", "800", "1000"])
        #expect(ChartScale.linear(upTo: 0).domain == 0...1)
        #expect(ChartScale.linear(upTo: .infinity).domain == 0...1)
    }

    @Test func aLogarithmicAxisTakesWholeDecades() {
        let scale = ChartScale.logarithmic(around: [42, 0, -3, 7_000, .nan])
        #expect(isClose(scale.domain.lowerBound, 10))
        #expect(isClose(scale.domain.upperBound, 10_000))
        #expect(isClose(scale.position(100), 1.0 / 3))
        #expect(scale.marks(atMost: 6, ChartText.time).map(\.label) == ["10 µs", "100 µs", "1 ms", "10 ms"])
        #expect(ChartScale.logarithmic(around: []).domain == 1...10)
        // One value alone still makes an axis with two ends.
        let single = ChartScale.logarithmic(around: [100])
        #expect(single.domain.lowerBound < single.domain.upperBound)
    }

    @Test func eachNineTakesTheSameLengthOfAPercentileAxis() {
        let scale = ChartScale.percentiles(of: 10_000)
        #expect(isClose(scale.domain.upperBound, 99.99))
        #expect(scale.position(0) == 0)
        #expect(isClose(scale.position(90), 0.25))
        #expect(isClose(scale.position(99), 0.5))
        #expect(isClose(scale.position(99.9), 0.75))
        #expect(isClose(scale.position(99.99), 1))
        #expect(scale.position(100) == scale.position(99.99), "the axis ends before 100 %")
        #expect(scale.marks(atMost: 6, ChartText.short).map(\.label) == ["0 %", "50 %", "90 %", "99 %", "99.9 %", "99.99 %"])
        let between = ChartScale.percentiles(of: 50_000)
        #expect(isClose(between.domain.upperBound, 99.998))
        #expect(between.marks(atMost: 6, ChartText.short).last?.label == "99.99 %")
        #expect(isClose(ChartScale.percentiles(of: 0).domain.upperBound, 99))
        #expect(isClose(ChartScale.percentiles(of: .max).domain.upperBound, 99.9999))
    }

    @Test func stepsAreOneTwoOrFive() {
        for (least, step) in [(0.9, 1), (1, 1), (1.1, 2), (3, 5), (7, 10), (12, 20), (0.03, 0.05), (0, 1)] {
            #expect(isClose(ChartScale.niceStep(least), step), "\(least)")
        }
    }

    @Test func numbersAreShort() {
        #expect(ChartText.time(0.5) == "0.5 µs")
        #expect(ChartText.time(999) == "999 µs")
        #expect(ChartText.time(1_234) == "1.23 ms")
        #expect(ChartText.time(2_500_000) == "2.5 s")
        #expect(ChartText.amount(0) == "0")
        #expect(ChartText.amount(9_999) == "9999")
        #expect(ChartText.amount(125_000) == "125k")
        #expect(ChartText.amount(12_500_000) == "12.5M")
        #expect(ChartText.short(100) == "100")
    }

    @Test func aPercentileCurveRisesAndEndsWhereOneValueCounts() {
        var tally = LoadTally()
        for microseconds in 1...1_000 { LoadTally.record(Int64(microseconds) * 1_000, in: &tally.delay) }
        let scale = ChartScale.percentiles(of: 1_000)
        let points = PercentileCurve.points(tally.delay, on: scale)
        #expect(points.map(\.x) == points.map(\.x).sorted())
        #expect(points.map(\.y) == points.map(\.y).sorted())
        #expect(points.first?.x == 0)
        #expect(points.last.map { isClose($0.x, 99.9) } == true)
        let median = points.min { abs($0.x - 50) < abs($1.x - 50) }
        #expect(median.map { abs($0.y - $0.x * 10) < 15 } == true)
        #expect(PercentileCurve.points(LoadTally().delay, on: scale).isEmpty)
    }

    @Test func timesAreMicroseconds() {
        var tally = LoadTally()
        #expect(LoadReport.Times(tally.delay).count == 0)
        for value in [1_000_000, 2_000_000, 3_000_000] as [Int64] { LoadTally.record(value, in: &tally.delay) }
        let times = LoadReport.Times(tally.delay)
        #expect(times.count == 3)
        #expect(abs(times.p50 - 2_000) < 2)
        #expect(abs(times.max - 3_000) < 3)
        #expect(abs(times.mean - 2_000) < 4)
        #expect(abs(times.min - 1_000) < 1)
    }
}
