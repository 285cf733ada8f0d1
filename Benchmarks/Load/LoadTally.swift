import Histogram

/// What the connections of one loop counted and measured in some time. Times are nanoseconds, in histograms of three significant
/// digits: a value read back is off by at most 0.1 %. Stalled and slow readers count, and measure nothing: their times are their own.
struct LoadTally: Sendable {
    private static let longestNanoseconds: UInt64 = 3_600_000_000_000

    /// From the request to the first byte of its answer.
    var firstByte = LoadTally.histogram()
    /// From the request to its first token; streams only.
    var firstToken = LoadTally.histogram()
    /// Between two tokens of a stream.
    var gap = LoadTally.histogram()
    /// From the provider's stamp to the moment the event was parsed here.
    var delay = LoadTally.histogram()
    /// From the request to the end of its answer, of those that ended well.
    var duration = LoadTally.histogram()
    /// Requests begun.
    var requests = 0
    /// Streams that ended with their end mark.
    var streams = 0
    /// Answers in one piece that ended well.
    var whole = 0
    /// Events that carried a token.
    var events = 0
    /// Of answers' bodies.
    var bytes = 0
    /// Stalled readers that held their stream until we closed it.
    var stalled = 0
    /// Streams that we left.
    var hungUp = 0
    /// What went wrong, and how often.
    var errors: [String: Int] = [:]

    private static func histogram() -> Histogram<UInt64> {
        Histogram(
            lowestDiscernibleValue: 1_000, highestTrackableValue: longestNanoseconds, numberOfSignificantValueDigits: .three)
    }

    @inline(__always)
    static func record(_ nanoseconds: Int64, in histogram: inout Histogram<UInt64>) {
        histogram.record(min(UInt64(max(0, nanoseconds)), longestNanoseconds))
    }

    mutating func add(_ other: LoadTally) {
        firstByte.add(other.firstByte)
        firstToken.add(other.firstToken)
        gap.add(other.gap)
        delay.add(other.delay)
        duration.add(other.duration)
        requests += other.requests
        streams += other.streams
        whole += other.whole
        events += other.events
        bytes += other.bytes
        stalled += other.stalled
        hungUp += other.hungUp
        errors.merge(other.errors) { $0 + $1 }
    }

    /// Answers that ended well.
    var answers: Int { streams + whole }
}
