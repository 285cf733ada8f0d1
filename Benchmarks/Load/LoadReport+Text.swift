import Foundation

extension LoadReport {
    /// A few lines for a terminal.
    var text: String {
        var lines = [
            "\(requests) requests over \(connections) connections in \(Self.number(seconds)) s: "
                + "\(Self.number(requestsPerSecond)) requests/s, \(Self.number(eventsPerSecond)) events/s, "
                + "\(Self.number(Double(bytes) / 1e6 / max(seconds, 1e-9))) MB/s",
            "\(streams) streams and \(whole) whole answers ended well; \(hungUp) left by us, \(stalled) held unread, \(lost) lost; "
                + "at most \(openPeak) open at once, \(openAtEnd) when the time was up",
            Table.row(["microseconds", "p50", "p90", "p99", "p99.9", "max", "mean", "count"]),
        ]
        for (name, times) in named where times.count > 0 {
            let values = [times.p50, times.p90, times.p99, times.p999, times.max, times.mean]
            lines.append(Table.row([name] + values.map(Self.number) + [String(times.count)]))
        }
        for (error, count) in errors.sorted(by: { $0.key < $1.key }) { lines.append("error: \(error): \(count)") }
        if let seed { lines.append("arrivals with --seed \(seed)") }
        for line in processLines { lines.append(line) }
        lines.append("load generator: \(Self.number(loadProcessorSeconds)) s of CPU, \(Self.number(loadBusyShare * 100)) % busy")
        if isThroughputVoid { lines.append("void for throughput: the load generator had no CPU to spare, its own speed was measured") }
        return lines.joined(separator: "\n")
    }

    /// The distributions, with their names for people.
    var named: [(String, Times)] {
        [
            ("first byte", firstByte), ("first token", firstToken), ("between tokens", gap), ("one-way delay of a token", delay),
            ("whole answer", duration),
        ]
    }

    private var processLines: [String] {
        guard let first = samples.first, let last = samples.last else { return [] }
        return last.processes.map { end in
            let all = samples.flatMap(\.processes).filter { $0.pid == end.pid }
            let begin = first.processes.first { $0.pid == end.pid }
            let spent = end.processorSeconds - (begin?.processorSeconds ?? end.processorSeconds)
            let share = spent / max(1e-9, last.second - first.second)
            return "process \(end.pid): \(Self.number(share * 100)) % CPU, at most \(all.map(\.rssKiB).max() ?? 0) KiB resident, "
                + "\(all.map(\.anonymousKiB).max() ?? 0) KiB anonymous"
        }
    }

    static func number(_ value: Double) -> String { String(format: value < 100 ? "%.2f" : "%.0f", value) }
}
