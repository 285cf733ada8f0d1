import Histogram

/// What the streams of one loop measured. Times are nanoseconds, in histograms of three significant digits: a value read back is
/// off by at most 0.1 %.
struct LoadTally: Sendable {
    private static let longestNanoseconds: UInt64 = 3_600_000_000_000

    /// From the request to its first token.
    var firstToken = LoadTally.histogram()
    /// Between two events of a stream.
    var gap = LoadTally.histogram()
    /// From the provider's stamp to the moment the event was parsed here.
    var delay = LoadTally.histogram()
    /// Streams that ended with their end mark.
    var streams = 0
    /// Events that carried a token.
    var events = 0
    var bytes = 0
    /// What went wrong, and how often.
    var errors: [String: Int] = [:]

    private static func histogram() -> Histogram<UInt64> {
        Histogram(
            lowestDiscernibleValue: 1_000, highestTrackableValue: longestNanoseconds, numberOfSignificantValueDigits: .three)
    }

    static func record(_ nanoseconds: Int64, in histogram: inout Histogram<UInt64>) {
        histogram.record(min(UInt64(max(0, nanoseconds)), longestNanoseconds))
    }

    mutating func add(_ other: LoadTally) {
        firstToken.add(other.firstToken)
        gap.add(other.gap)
        delay.add(other.delay)
        streams += other.streams
        events += other.events
        bytes += other.bytes
        errors.merge(other.errors) { $0 + $1 }
    }
}
