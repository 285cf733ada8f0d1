/// What a load said of itself, with what it cost the server.
struct LoadOutcome {
    static let busyShareMax = 0.9

    let report: LoadReport
    /// CPU time of the server under test.
    let serverSeconds: Double
    let providerSeconds: Double
    /// The server, about ten times a second.
    let samples: [UsageSample]

    /// Share of their CPU that load generator and provider took together.
    var busyShare: Double { (report.loadProcessorSeconds + providerSeconds) / max(report.seconds, 0.001) }

    /// A measurement with its problems, values still to come.
    func measurement(mustAnswer: Bool = true) -> Measurement {
        var problems = report.errors.sorted { $0.key < $1.key }.map { "\($0.value) x \($0.key)" }
        if report.lost > 0 { problems.append("\(report.lost) answers lost") }
        if mustAnswer, report.streams + report.whole == 0 { problems.append("no answer") }
        return Measurement(problems: problems, isThroughputVoid: busyShare > Self.busyShareMax)
    }

    /// CPU time of the server for each of `count`, in microseconds; nil for none.
    func microseconds(per count: Int) -> Double? { count > 0 ? serverSeconds * 1e6 / Double(count) : nil }

    /// CPUs that the server took between two moments of the load; nil when it was not looked at then.
    func processors(from start: Double, to end: Double) -> Double? {
        Self.processors(samples, from: start, to: end)
    }

    static func processors(_ samples: [UsageSample], from start: Double, to end: Double) -> Double? {
        let window = samples.filter { ($0.seconds >= start) && ($0.seconds <= end) }
        guard let first = window.first, let last = window.last, last.seconds > first.seconds else { return nil }
        return (last.processorSeconds - first.processorSeconds) / (last.seconds - first.seconds)
    }

    /// Tokens that came in whole seconds between two moments of the load, for a second; nil when there was none.
    static func eventsPerSecond(_ samples: [(second: Double, events: Int)], from start: Double, to end: Double) -> Double? {
        let ends = samples.filter { $0.second >= start && $0.second <= end }
        guard let first = ends.first, let last = ends.last, last.second > first.second else { return nil }
        // A sample tells of the second before it.
        let events = ends.dropFirst().reduce(0) { $0 + $1.events }
        return events > 0 ? Double(events) / (last.second - first.second) : nil
    }

    /// CPU time of the server for each token between two moments, in microseconds: without the work of opening streams.
    func microsecondsPerEvent(from start: Double, to end: Double) -> Double? {
        let events = Self.eventsPerSecond(report.samples.map { ($0.second, $0.events) }, from: start, to: end)
        guard let events, let processors = processors(from: start, to: end) else { return nil }
        return processors * 1e6 / events
    }

    /// `RssAnon` at the last look up to `seconds`; nil when there was none.
    func anonymousKiB(at seconds: Double) -> Int? { samples.last { $0.seconds <= seconds }?.anonymousKiB }
}
