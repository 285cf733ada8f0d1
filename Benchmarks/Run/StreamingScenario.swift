import Foundation
import Reactor

/// Streams through the gateway, lone tokens and at full speed, beside the same streams straight from the provider.
struct StreamingScenario {
    let own: String
    let gateway: String
    let seconds: Int
    let isPinned: Bool

    /// One measurement: a shape of load.
    private struct Shape {
        let name: String
        let connections: Int
        let model: String
        let rampSeconds: Double
    }

    private struct Row {
        let name: String
        let report: LoadReport
        /// Of the gateway; nil for a row without one.
        let gatewaySeconds: Double?
        let anonymousBefore: Int
        let anonymousPeak: Int
        /// Share of its CPU that load generator and provider took together.
        let loadShare: Double
    }

    private var shapes: [Shape] {
        let paced = 50
        return [
            Shape(
                name: "400 streams x 20 tokens/s", connections: 400, model: "bench-\(seconds * 1_000 / paced)-\(paced)",
                rampSeconds: 1),
            Shape(name: "64 streams, full speed", connections: 64, model: "bench-20000-0", rampSeconds: 0),
        ]
    }

    /// Runs everything and prints the table. False when an answer was lost.
    func run() throws -> Bool {
        let processors = isPinned && EventLoopGroup.allowedCPUs > 1 ? (load: 0, gateway: EventLoopGroup.allowedCPUs - 1) : nil
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ekai-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }

        let providerPorts = folder.appendingPathComponent("provider.json")
        let provider = try ChildProcess(
            own, ["provider", "--ports-file", providerPorts.path], processor: processors?.load, directory: folder)
        defer { provider.end() }
        let providerPort = try provider.port(from: providerPorts)

        let configuration = folder.appendingPathComponent("bench.yaml")
        try BenchConfiguration.yaml(providerPort: providerPort).write(to: configuration, atomically: true, encoding: .utf8)
        let gatewayPorts = folder.appendingPathComponent("gateway.json")
        let server = try ChildProcess(
            gateway,
            [
                "serve", "--config", configuration.path, "--port", "0", "--loops", "1", "--log-level", "error", "--database",
                folder.appendingPathComponent("usage.db").path, "--ports-file", gatewayPorts.path,
            ], processor: processors?.gateway, directory: folder)
        defer { server.end() }
        let gatewayPort = try server.port(from: gatewayPorts)

        var rows: [Row] = []
        for shape in shapes {
            rows.append(try measure(shape, port: providerPort, provider, nil, processors?.load, folder))
            rows.append(try measure(shape, port: gatewayPort, provider, server, processors?.load, folder))
        }
        print(text(rows, pins: processors))
        return rows.allSatisfy { $0.report.errorCount == 0 && $0.report.events > 0 }
    }

    private func measure(
        _ shape: Shape, port: Int, _ provider: ChildProcess, _ server: ChildProcess?, _ processor: Int?, _ folder: URL
    ) throws -> Row {
        let isPaced = shape.rampSeconds > 0
        let amount = isPaced ? ["--streams", "1"] : ["--duration", String(seconds)]
        let providerBefore = ProcessUsage(of: provider.processID)
        let before = server.map { ProcessUsage(of: $0.processID) }
        let load = try ChildProcess(
            own,
            [
                "load", "--url", "http://127.0.0.1:\(port)", "--connections", String(shape.connections), "--model", shape.model,
                "--ramp", String(shape.rampSeconds), "--json",
            ] + amount, processor: processor, directory: folder)
        var peak = before?.anonymousKiB ?? 0
        let (output, _) = load.finish {
            if let server { peak = max(peak, ProcessUsage(of: server.processID).anonymousKiB) }
        }
        guard let report = try? JSONDecoder().decode(LoadReport.self, from: output) else {
            throw RunFailure(description: "the load generator printed no result")
        }
        let providerSeconds = ProcessUsage(of: provider.processID).processorSeconds - providerBefore.processorSeconds
        let after = server.map { ProcessUsage(of: $0.processID) }
        var gatewaySeconds: Double?
        if let before, let after { gatewaySeconds = after.processorSeconds - before.processorSeconds }
        return Row(
            name: "\(shape.name), \(server == nil ? "direct" : "gateway")", report: report, gatewaySeconds: gatewaySeconds,
            anonymousBefore: before?.anonymousKiB ?? 0, anonymousPeak: peak,
            loadShare: (report.loadProcessorSeconds + providerSeconds) / max(report.seconds, 0.001))
    }

    private func text(_ rows: [Row], pins: (load: Int, gateway: Int)?) -> String {
        var lines = [
            pins.map { "gateway on CPU \($0.gateway), provider and load generator on CPU \($0.load)" } ?? "not pinned",
            "streaming, OpenAI chat; times in microseconds; one-way delay from the provider's send to the client's parser",
            Table.row(["", "events", "events/s", "first p50", "first p99", "delay p50", "delay p90", "delay p99", "delay max", "gap p99"]),
        ]
        for row in rows {
            let report = row.report
            let times = [
                report.firstToken.p50, report.firstToken.p99, report.delay.p50, report.delay.p90, report.delay.p99,
                report.delay.max, report.gap.p99,
            ]
            lines.append(
                Table.row([row.name, String(report.events), LoadReport.number(report.eventsPerSecond)] + times.map(LoadReport.number)))
        }
        lines.append(Table.row(["", "CPU us/event", "RssAnon KiB", "peak KiB", "errors", "load busy", "throughput"]))
        for row in rows {
            let perEvent = row.gatewaySeconds.map { String(format: "%.2f", $0 * 1e6 / Double(max(1, row.report.events))) }
            lines.append(
                Table.row([
                    row.name, perEvent ?? "-", row.gatewaySeconds == nil ? "-" : String(row.anonymousBefore),
                    row.gatewaySeconds == nil ? "-" : String(row.anonymousPeak), String(row.report.errorCount),
                    String(format: "%.0f %%", row.loadShare * 100),
                    // With no CPU to spare it is the load generator's speed, not the gateway's.
                    row.loadShare > 0.9 ? "void" : "valid",
                ]))
            for (error, count) in row.report.errors { lines.append("  error: \(error): \(count)") }
        }
        return lines.joined(separator: "\n")
    }
}
