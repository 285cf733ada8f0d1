/// Upper bounds of a histogram's buckets, in nanoseconds, ascending; the last bucket has none.
struct HistogramBounds: Sendable, Equatable {
    let nanoseconds: [UInt64]

    /// - Parameter microseconds: ascending.
    init(microseconds: [UInt64]) {
        precondition(zip(microseconds, microseconds.dropFirst()).allSatisfy { $0 < $1 }, "bounds ascend")
        nanoseconds = microseconds.map { $0 * 1_000 }
    }

    /// Whole requests: a millisecond to ten minutes.
    static let duration = HistogramBounds(microseconds: [
        1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
        30_000_000, 60_000_000, 120_000_000, 300_000_000, 600_000_000,
    ])
    /// First content: ten milliseconds to two minutes.
    static let firstToken = HistogramBounds(microseconds: [
        10_000, 25_000, 50_000, 100_000, 200_000, 300_000, 500_000, 750_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000,
        30_000_000, 60_000_000, 120_000_000,
    ])
    /// From one token to the next: a tenth of a millisecond to ten seconds.
    static let interToken = HistogramBounds(microseconds: [
        100, 500, 1_000, 2_500, 5_000, 10_000, 15_000, 20_000, 30_000, 50_000, 75_000, 100_000, 250_000, 500_000,
        1_000_000, 2_500_000, 10_000_000,
    ])
    /// The gateway's own work: ten microseconds to a second.
    static let overhead = HistogramBounds(microseconds: [
        10, 25, 50, 75, 100, 150, 200, 300, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 100_000, 1_000_000,
    ])
}

/// Counts of durations by bucket, with their exact sum. A value: loops keep their own, a scrape adds them up.
struct Histogram: Sendable, Equatable {
    let bounds: HistogramBounds
    /// One for each bound and one for what lies beyond; not cumulative.
    private(set) var counts: [UInt64]
    private(set) var sumNanoseconds: UInt64 = 0

    init(_ bounds: HistogramBounds) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.nanoseconds.count + 1)
    }

    /// How many durations were observed.
    var count: UInt64 { counts.reduce(0, &+) }

    /// Counts one duration; a negative one, of a clock read in the wrong order, is none at all.
    mutating func observe(nanoseconds: Int64) { observe(1, nanoseconds: nanoseconds) }

    /// Counts `times` durations of equal length that take `nanoseconds` together.
    mutating func observe(_ times: UInt64, nanoseconds: Int64) {
        guard times > 0, nanoseconds >= 0 else { return }
        let total = UInt64(nanoseconds)
        counts[bucket(of: total / times)] &+= times
        sumNanoseconds &+= total
    }

    /// Adds another loop's counts, with the same bounds.
    mutating func merge(_ other: Histogram) {
        precondition(bounds == other.bounds, "histograms of one family share their bounds")
        for index in counts.indices { counts[index] &+= other.counts[index] }
        sumNanoseconds &+= other.sumNanoseconds
    }

    /// The first bucket whose bound is not below `value`: bounds are inclusive.
    private func bucket(of value: UInt64) -> Int {
        var low = 0
        var high = bounds.nanoseconds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds.nanoseconds[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
