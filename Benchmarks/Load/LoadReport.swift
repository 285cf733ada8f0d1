import Foundation
import Histogram

/// What a load run found, as JSON. Times are microseconds.
struct LoadReport: Codable, Sendable {
    /// A distribution of times; all zero when there was none.
    struct Times: Codable, Sendable, Equatable {
        var count = 0
        var min = 0.0
        var mean = 0.0
        var p50 = 0.0
        var p90 = 0.0
        var p99 = 0.0
        var p999 = 0.0
        var max = 0.0

        /// From nanoseconds.
        init(_ histogram: Histogram<UInt64>) {
            guard histogram.totalCount > 0 else { return }
            func value(_ percentile: Double) -> Double { Double(histogram.valueAtPercentile(percentile)) / 1_000 }
            count = Int(histogram.totalCount)
            min = Double(histogram.min) / 1_000
            mean = histogram.mean / 1_000
            p50 = value(50)
            p90 = value(90)
            p99 = value(99)
            p999 = value(99.9)
            max = value(100)
        }
    }

    var connections: Int
    /// From the start to the end of the last request.
    var seconds: Double
    /// Requests begun.
    var requests: Int
    var requestsPerSecond: Double
    /// Streams that ended well, with their end mark.
    var streams: Int
    /// Answers in one piece that ended well.
    var whole: Int
    /// Events that carried a token.
    var events: Int
    /// Of the answers' bodies.
    var bytes: Int
    var eventsPerSecond: Double
    /// From the request to the first byte of its answer. Requests of an open loop count from the time they were due.
    var firstByte: Times
    /// From the request to its first token; streams only.
    var firstToken: Times
    /// Between two tokens of a stream.
    var gap: Times
    /// Of a token, from the provider's send to the parser here.
    var delay: Times
    /// From the request to the end of its answer, where that was well.
    var duration: Times
    /// Requests open at once, at most, and when the time was up.
    var openPeak: Int
    var openAtEnd: Int
    /// Stalled readers that held their stream to the end.
    var stalled: Int
    /// Streams that the load generator left.
    var hungUp: Int
    /// Requests begun that neither ended well nor were left by us.
    var lost: Int
    var errors: [String: Int]
    /// CPU time that the load generator itself took, and its share of the CPUs that its loops can use.
    var loadProcessorSeconds: Double
    var loadBusyShare: Double
    /// True when the load generator had no CPU to spare: its speed was measured then, not the server's.
    var isThroughputVoid: Bool
    /// Of the arrivals of an open loop.
    var seed: UInt64?
    /// One for each second.
    var samples: [LoadSample]

    /// Above this share of its CPU the load generator is the limit.
    static let busyShareMax = 0.9

    init(_ result: LoadResult) {
        let tally = result.tally
        connections = result.plan.connections
        seconds = Double(result.elapsedNanoseconds) / 1e9
        func rate(_ count: Int) -> Double { result.elapsedNanoseconds > 0 ? Double(count) * 1e9 / Double(result.elapsedNanoseconds) : 0 }
        requests = tally.requests
        requestsPerSecond = rate(tally.requests)
        streams = tally.streams
        whole = tally.whole
        events = tally.events
        bytes = tally.bytes
        eventsPerSecond = rate(tally.events)
        firstByte = Times(tally.firstByte)
        firstToken = Times(tally.firstToken)
        gap = Times(tally.gap)
        delay = Times(tally.delay)
        duration = Times(tally.duration)
        openPeak = result.openPeak
        openAtEnd = result.openAtEnd
        stalled = tally.stalled
        hungUp = tally.hungUp
        lost = tally.requests - tally.answers - tally.stalled - tally.hungUp
        errors = tally.errors
        loadProcessorSeconds = result.processorSeconds
        loadBusyShare = seconds > 0 ? result.processorSeconds / seconds / Double(result.plan.loops) : 0
        isThroughputVoid = loadBusyShare > Self.busyShareMax
        if case .open(_, _, let seed) = result.plan.pace { self.seed = seed }
        samples = result.samples
    }

    var errorCount: Int { errors.values.reduce(0, +) }
    /// Requests whose end was ours to decide, and what it was.
    var endedWell: Int { streams + whole + stalled + hungUp }
}

/// One second of a run. Times are microseconds.
struct LoadSample: Codable, Sendable, Equatable {
    /// From the start of the run to the end of this second.
    var second: Double
    /// Requests open at its end.
    var open: Int
    /// Requests begun, and tokens received, in it.
    var requests: Int
    var events: Int
    /// Of the tokens received in it.
    var delayP50: Double
    var delayP99: Double
    var firstTokenP50: Double
    /// The processes that were watched.
    var processes: [ProcessFigures]
}

/// What a run left behind. Times are nanoseconds.
struct LoadResult: Sendable {
    var plan: LoadPlan
    var tally: LoadTally
    var elapsedNanoseconds: Int64
    var processorSeconds: Double
    var openPeak: Int
    var openAtEnd: Int
    var samples: [LoadSample]
}
