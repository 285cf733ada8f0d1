import Foundation
import Histogram

/// A run as one HTML page that needs nothing else: no script, no font, no network.
struct ReportPage {
    static let fileName = "load-report.html"

    let result: LoadResult
    let report: LoadReport
    let facts: RunFacts

    /// Writes the page into `folder`, which is made when it is missing, and returns its path.
    func write(into folder: String) throws -> String {
        let directory = URL(fileURLWithPath: folder, isDirectory: true)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let file = directory.appendingPathComponent(Self.fileName)
        try Data(html.utf8).write(to: file, options: .atomic)
        return file.path
    }

    var html: String {
        let url = facts.rows.first { $0.name == "URL" }?.value ?? ""
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>
            <title>Load report: \(HTMLText.escaped(url))</title><style>
            \(ReportStyle.css)
            </style></head><body><main>
            <h1>Load report</h1><p class="under">\(HTMLText.escaped(subtitle))</p>
            \(tiles)\(warnings)
            <h2>Times</h2>\(times)
            <h2>Latency by percentile</h2><div class="charts">\(percentiles)</div>
            <h2>Over time</h2><div class="charts">\(overTime)</div>
            \(processes)
            <h2>What was run</h2>\(factTable)
            </main></body></html>

            """
    }

    // MARK: Head

    private var subtitle: String {
        let name = { (name: String) in facts.rows.first { $0.name == name }?.value ?? "" }
        let pace =
            switch result.plan.pace {
            case .closed: "closed loop"
            case .open(let rate, let arrivals, _): "open loop, \(ChartText.short(rate)) requests/s, \(arrivals.rawValue) arrivals"
            }
        return "\(name("URL")), \(name("format")), model \(name("model")); \(report.connections) connections, \(pace); \(name("began"))"
    }

    private var tiles: String {
        var tiles = [(ChartText.amount(report.requestsPerSecond), "requests/s")]
        if report.events > 0 { tiles.append((ChartText.amount(report.eventsPerSecond), "events/s")) }
        let main = report.firstToken.count > 0 ? (report.firstToken, "first token") : (report.duration, "whole answer")
        tiles.append((ChartText.time(main.0.p50), "\(main.1) p50"))
        tiles.append((ChartText.time(main.0.p99), "\(main.1) p99"))
        if report.delay.count > 0 {
            tiles.append((ChartText.time(report.delay.p50), "one-way delay p50"))
            tiles.append((ChartText.time(report.delay.p99), "one-way delay p99"))
        }
        tiles.append((ChartText.amount(Double(report.lost)), "of \(report.requests) requests lost"))
        let items = tiles.map { "<div class=\"tile\"><b>\(HTMLText.escaped($0.0))</b><span>\(HTMLText.escaped($0.1))</span></div>" }
        return "<div class=\"tiles\">\(items.joined())</div>"
    }

    private var warnings: String {
        var lines: [String] = []
        if report.isThroughputVoid {
            lines.append("Void for throughput: the load generator was \(LoadReport.number(report.loadBusyShare * 100)) % busy.")
        }
        lines += report.errors.sorted { $0.key < $1.key }.map { "Error: \($0.key): \($0.value)" }
        return lines.map { "<p class=\"warn\">\(HTMLText.escaped($0))</p>" }.joined()
    }

    private var times: String {
        let head = ["", "p50", "p90", "p99", "p99.9", "max", "mean", "count"].map { "<th>\($0)</th>" }.joined()
        let rows = report.named.filter { $0.1.count > 0 }.map { name, times in
            let values = [times.p50, times.p90, times.p99, times.p999, times.max, times.mean].map(ChartText.time) + [String(times.count)]
            return "<tr><th>\(HTMLText.escaped(name))</th>" + values.map { "<td>\($0)</td>" }.joined() + "</tr>"
        }
        return "<div class=\"table\"><table><thead><tr>\(head)</tr></thead><tbody>\(rows.joined())</tbody></table></div>"
    }

    private var factTable: String {
        let counts = [
            ("ended", "\(report.streams) streams, \(report.whole) whole answers; \(report.hungUp) left by us, \(report.stalled) held unread"),
            ("open at once", "at most \(report.openPeak), \(report.openAtEnd) when the time was up"),
            ("load generator", "\(LoadReport.number(report.loadBusyShare * 100)) % busy, \(LoadReport.number(report.loadProcessorSeconds)) s of CPU"),
        ]
        let rows = (facts.rows.map { ($0.name, $0.value) } + counts).map {
            "<tr><th>\(HTMLText.escaped($0.0))</th><td>\(HTMLText.escaped($0.1))</td></tr>"
        }
        return "<div class=\"table facts\"><table><tbody>\(rows.joined())</tbody></table></div>"
    }

    // MARK: Charts

    private var percentiles: String {
        let tally = result.tally
        let all = [
            ("first byte", tally.firstByte), ("first token", tally.firstToken), ("between tokens", tally.gap),
            ("one-way delay", tally.delay), ("whole answer", tally.duration),
        ]
        let count = all.map { Int($0.1.totalCount) }.max() ?? 0
        let x = ChartScale.percentiles(of: count)
        let series = all.enumerated().map { index, each in
            // Dashed, for its first token is often the first byte of an answer.
            LineChart.Series(name: each.0, points: PercentileCurve.points(each.1, on: x), colour: index, isDashed: index == 1)
        }.filter { !$0.points.isEmpty }
        let chart = LineChart(
            title: "Time within which so many were", xLabel: "percentile (each further nine takes the same width)", yLabel: "time, logarithmic",
            x: x, y: .logarithmic(around: series.flatMap { $0.points.map(\.y) }), series: series, xText: ChartText.short,
            yText: ChartText.time, isWide: true)
        return chart.html
    }

    private var overTime: String {
        let samples = report.samples
        var charts: [LineChart] = []
        let times = [
            timed("one-way delay p50", 0) { $0.delayP50 }, timed("one-way delay p99", 1) { $0.delayP99 },
            timed("first token p50", 2) { $0.firstTokenP50 },
        ].filter { $0.points.contains { $0.y > 0 } }
        if !times.isEmpty {
            let y = ChartScale.logarithmic(around: times.flatMap { $0.points.map(\.y) })
            charts.append(chart("Delay, second by second", "time, logarithmic", y, times, ChartText.time))
        }
        let requests = rates("requests begun", 0) { $0.requests }
        charts.append(linear("Requests per second", "requests/s", [requests], ChartText.amount))
        if report.events > 0 { charts.append(linear("Events per second", "events/s", [rates("tokens received", 2) { $0.events }], ChartText.amount)) }
        charts.append(linear("Requests open", "requests", [timed("open", 3) { Double($0.open) }], ChartText.amount))
        return samples.isEmpty ? "" : charts.map(\.html).joined()
    }

    private var processes: String {
        let pids = report.samples.last?.processes.map(\.pid) ?? []
        guard !pids.isEmpty else { return "" }
        var memory: [LineChart.Series] = []
        var load: [LineChart.Series] = []
        for (index, pid) in pids.enumerated() {
            let colour = index % ReportStyle.colours
            let figures = report.samples.compactMap { sample in
                sample.processes.first { $0.pid == pid }.map { (second: sample.second, figures: $0) }
            }
            memory.append(.init(name: "\(pid) resident", points: figures.map { ($0.second, Double($0.figures.rssKiB) / 1_024) }, colour: colour))
            memory.append(
                .init(
                    name: "\(pid) anonymous", points: figures.map { ($0.second, Double($0.figures.anonymousKiB) / 1_024) }, colour: colour,
                    isDashed: true))
            let shares = zip(figures, figures.dropFirst()).map { before, after in
                let spent = after.figures.processorSeconds - before.figures.processorSeconds
                return (x: after.second, y: 100 * spent / max(1e-9, after.second - before.second))
            }
            load.append(.init(name: "process \(pid)", points: shares, colour: colour))
        }
        let charts = [
            linear("Memory", "MiB", memory, ChartText.amount), linear("CPU time", "% of one CPU", load, ChartText.amount),
        ]
        return "<h2>Watched processes</h2><div class=\"charts\">\(charts.map(\.html).joined())</div>"
    }

    private func timed(_ name: String, _ colour: Int, _ value: (LoadSample) -> Double) -> LineChart.Series {
        LineChart.Series(name: name, points: report.samples.map { ($0.second, value($0)) }, colour: colour)
    }

    private func rates(_ name: String, _ colour: Int, _ count: (LoadSample) -> Int) -> LineChart.Series {
        var before = 0.0
        let points = report.samples.map { sample in
            defer { before = sample.second }
            return (x: sample.second, y: Double(count(sample)) / max(1e-9, sample.second - before))
        }
        return LineChart.Series(name: name, points: points, colour: colour)
    }

    private func linear(_ title: String, _ unit: String, _ series: [LineChart.Series], _ text: @escaping (Double) -> String) -> LineChart {
        chart(title, unit, .linear(upTo: series.flatMap { $0.points.map(\.y) }.max() ?? 0), series, text)
    }

    private func chart(
        _ title: String, _ unit: String, _ y: ChartScale, _ series: [LineChart.Series], _ text: @escaping (Double) -> String
    ) -> LineChart {
        LineChart(
            title: title, xLabel: "time since the start, seconds", yLabel: unit, x: .time(upTo: report.samples.last?.second ?? 0), y: y,
            series: series, xText: ChartText.short, yText: text)
    }
}
