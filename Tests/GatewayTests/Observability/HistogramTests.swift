import Testing

@testable import Gateway

@Suite struct HistogramTests {
    private static let bounds = HistogramBounds(microseconds: [1, 10, 100])

    @Test(arguments: [(0, 0), (1, 0), (1_000, 0), (1_001, 1), (10_000, 1), (10_001, 2), (100_000, 2), (100_001, 3), (.max, 3)] as [(Int64, Int)])
    func boundsAreInclusive(_ nanoseconds: Int64, _ bucket: Int) {
        var histogram = Histogram(Self.bounds)
        histogram.observe(nanoseconds: nanoseconds)
        #expect(histogram.counts.firstIndex(of: 1) == bucket)
        #expect(histogram.count == 1)
        #expect(histogram.sumNanoseconds == UInt64(nanoseconds))
    }

    @Test func severalShareTheirTimeEvenly() {
        var histogram = Histogram(Self.bounds)
        histogram.observe(4, nanoseconds: 4_003)
        #expect(histogram.counts == [4, 0, 0, 0])
        #expect(histogram.sumNanoseconds == 4_003)
        histogram.observe(0, nanoseconds: 5)
        histogram.observe(nanoseconds: -1)
        #expect(histogram.count == 4)
    }

    @Test func mergingIsCountingTogether() {
        var (one, other, both) = (Histogram(Self.bounds), Histogram(Self.bounds), Histogram(Self.bounds))
        for value in [1, 999, 5_000, 1_000_000] as [Int64] {
            one.observe(nanoseconds: value)
            other.observe(nanoseconds: value * 7)
            both.observe(nanoseconds: value)
            both.observe(nanoseconds: value * 7)
        }
        one.merge(other)
        #expect(one == both)
    }
}
