import Foundation
import Histogram

/// What a load run found, for people and as JSON. Times are microseconds.
struct LoadReport: Codable, Sendable {
    struct Percentiles: Codable, Sendable {
        var p50: Double
        var p90: Double
        var p99: Double
        var max: Double

        init(_ histogram: Histogram<UInt64>) {
            func value(_ percentile: Double) -> Double {
                histogram.totalCount == 0 ? 0 : Double(histogram.valueAtPercentile(percentile)) / 1_000
            }
            p50 = value(50)
            p90 = value(90)
            p99 = value(99)
            max = value(100)
        }
    }

    var connections: Int
    var seconds: Double
    var streams: Int
    var events: Int
    var bytes: Int
    var eventsPerSecond: Double
    var firstToken: Percentiles
    var gap: Percentiles
    var delay: Percentiles
    var errors: [String: Int]
    /// CPU time that the load generator itself took.
    var loadProcessorSeconds: Double

    init(_ tally: LoadTally, connections: Int, elapsedNanoseconds: Int64, processorSeconds: Double) {
        self.connections = connections
        seconds = Double(elapsedNanoseconds) / 1e9
        streams = tally.streams
        events = tally.events
        bytes = tally.bytes
        eventsPerSecond = seconds > 0 ? Double(tally.events) / seconds : 0
        firstToken = Percentiles(tally.firstToken)
        gap = Percentiles(tally.gap)
        delay = Percentiles(tally.delay)
        errors = tally.errors
        loadProcessorSeconds = processorSeconds
    }

    var errorCount: Int { errors.values.reduce(0, +) }

    /// A few lines for a terminal.
    var text: String {
        var lines = [
            "\(streams) streams over \(connections) connections in \(Self.number(seconds)) s, "
                + "\(events) events, \(Self.number(eventsPerSecond)) events/s, \(errorCount) errors",
            Table.row(["microseconds", "p50", "p90", "p99", "max"]),
        ]
        for (name, times) in [("time to first token", firstToken), ("between events", gap), ("one-way delay", delay)] {
            lines.append(
                Table.row([name] + [times.p50, times.p90, times.p99, times.max].map(Self.number)))
        }
        for (error, count) in errors.sorted(by: { $0.key < $1.key }) { lines.append("error: \(error): \(count)") }
        return lines.joined(separator: "\n")
    }

    static func number(_ value: Double) -> String { String(format: value < 100 ? "%.2f" : "%.0f", value) }
}
