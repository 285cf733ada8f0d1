import Foundation

/// The bench of one scenario: a provider of its own, a folder, and the load generator.
final class Bench {
    /// The gateway writes usage rows up to a second after their answers: that work belongs to the load too.
    private static let settleMicroseconds: UInt32 = 1_200_000

    let settings: RunSettings
    private let folder: URL
    private let provider: ChildProcess
    private let providerPort: Int
    private var started = 0

    /// - Throws: `RunFailure` when the provider does not start.
    init(_ settings: RunSettings, folder: URL, providerOptions: [String]) throws {
        self.settings = settings
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let ports = folder.appendingPathComponent("provider.json")
        provider = try ChildProcess(
            "provider", settings.own, ["provider", "--ports-file", ports.path] + providerOptions,
            processor: settings.loadProcessor, directory: folder)
        providerPort = try provider.port(from: ports)
    }

    deinit { provider.end() }

    func end() { provider.end() }

    /// Connections to the provider whose other end has not closed them.
    var openUpstreamConnections: Int { ProcText.established(port: providerPort, in: ProcessTree.text("/proc/net/tcp")) }

    /// Starts a server.
    /// - Parameter place: where it runs; nil for a new folder, so that a gateway has a new database.
    /// - Throws: `RunFailure` when it does not start.
    func start(_ contender: Contender, in place: URL? = nil) throws -> RunningServer {
        started += 1
        return try contender.start(
            in: place ?? folder.appendingPathComponent("\(contender.name)-\(started)"), providerPort: providerPort,
            processor: settings.serverProcessor)
    }

    /// Short requests for a moment, so that connections, pools and caches are there.
    /// - Throws: `RunFailure` when the server does not answer.
    func warmUp(_ server: RunningServer) throws {
        let outcome = try load(
            server, ["--connections", "16", "--duration", "1", "--streamed-share", "0.5", "--model", "bench-20"], settles: false)
        if outcome.report.streams + outcome.report.whole == 0 {
            throw server.failure("answers nothing (\(outcome.measurement().problems.joined(separator: ", ")))")
        }
    }

    /// Puts a server under load and waits for the end of it.
    /// - Parameters:
    ///   - arguments: of `Benchmarks load`, besides where to and how to print.
    ///   - settles: waits until the server has done what it does later.
    /// - Throws: `RunFailure` when the load generator said nothing or the server died.
    func load(_ server: RunningServer, _ arguments: [String], settles: Bool = true) throws -> LoadOutcome {
        let usage = server.usage
        let providerUsage = ProcessTree(root: provider.processID)
        let serverBefore = usage.processorSeconds
        let providerBefore = providerUsage.processorSeconds
        let began = ContinuousClock.now
        let process = try ChildProcess(
            "load", settings.own, ["load", "--url", server.url, "--json", "--quiet"] + arguments, processor: settings.loadProcessor,
            directory: folder)
        defer { process.end() }
        var samples: [UsageSample] = []
        process.finish {
            samples.append(
                UsageSample(
                    seconds: (ContinuousClock.now - began) / .seconds(1), processorSeconds: usage.processorSeconds,
                    anonymousKiB: usage.memory.anonymousKiB))
        }
        if settles { usleep(Self.settleMicroseconds) }
        guard server.isRunning else { throw server.failure("died under load") }
        guard let report = try? JSONDecoder().decode(LoadReport.self, from: process.output) else {
            throw process.failure("printed no result")
        }
        return LoadOutcome(
            report: report, serverSeconds: usage.processorSeconds - serverBefore,
            providerSeconds: providerUsage.processorSeconds - providerBefore, samples: samples)
    }
}
