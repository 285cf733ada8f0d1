import ArgumentParser
import Foundation

/// `Benchmarks run`: whole scenarios, each starting what it needs, gateway and peers in turn.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run scenarios: start provider, gateway and peers, load them in turn, print tables.",
        discussion: """
            Scenarios: \(ScenarioList.all.map(\.name).joined(separator: ", ")). A name picks those that begin with it too: many-streams. \
            Peers are installed by Benchmarks/peers/setup and by nothing else. The exit status is 1 when answers of the gateway were \
            lost or failed, with --strict also when a target was missed.
            """)

    @Argument(help: "The scenarios to run, by default all.")
    var names: [String] = []
    @Option(help: "nginx, haproxy, envoy, litellm, with commas between them, or none.")
    var peers: PeerSelection = .all
    @Option(help: "Turns of each server.")
    var rounds = 5
    @Option(help: "Seconds of each measurement, about.")
    var seconds = 6
    @Option(help: "The gateway's executable. Default: ekai-gateway beside this one.")
    var gateway: String?
    @Option(help: "Another build of the gateway, measured as one server more.")
    var baseline: String?
    @Flag(inversion: .prefixedNo, help: "Server on the last CPU, load and provider on the first.")
    var pin = true
    @Option(help: "Write the result to this file, as JSON.")
    var json: String?
    @Option(help: "Write the tables to this file, as Markdown.")
    var markdown: String?
    @Flag(help: "A missed target is a failure.")
    var strict = false

    func validate() throws {
        guard (1...1_000).contains(rounds) else { throw ValidationError("--rounds must be 1 to 1,000") }
        guard (1...3_600).contains(seconds) else { throw ValidationError("--seconds must be 1 to 3,600") }
        _ = try ScenarioList.named(names)
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        Descriptors.raiseLimit()
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let settings = RunSettings(own: own, rounds: rounds, seconds: seconds, isPinned: pin)
        let beside = own.deletingLastPathComponent().appendingPathComponent("ekai-gateway").path
        let list = try ContenderList(
            gateway: Self.absolute(gateway ?? beside), baseline: baseline.map(Self.absolute), peers: peers.peers,
            root: settings.root)
        for line in list.absent { print(line) }

        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ekai-bench-\(UUID().uuidString)")
        let interrupts = [SIGINT, SIGTERM].map { Self.onSignal($0, remove: folder) }
        defer {
            for source in interrupts { source.cancel() }
            try? FileManager.default.removeItem(at: folder)
        }
        var result = RunResult(settings, list)
        for scenario in try ScenarioList.named(names) {
            let runner = ScenarioRunner(scenario: scenario, settings: settings, progress: Self.say)
            let found = try runner.run(list.contenders, folder: folder.appendingPathComponent(scenario.name))
            result.scenarios.append(found)
            print(ResultTable(result: found).text)
            fflush(nil)
            // After each, so that what was found is kept when a later one does not end.
            try write(result)
        }
        conclude(result)
        throw ExitCode(result.gatewayProblems.isEmpty && !(strict && result.missed > 0) ? 0 : 1)
    }

    private func write(_ result: RunResult) throws {
        if let json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            try encoder.encode(result).write(to: URL(fileURLWithPath: json), options: .atomic)
        }
        if let markdown {
            try Data(MarkdownReport(result: result).text.utf8).write(to: URL(fileURLWithPath: markdown), options: .atomic)
        }
    }

    private func conclude(_ result: RunResult) {
        let targets = result.scenarios.flatMap(\.targets)
        let met = targets.count { $0.verdict == .met }
        print("\n\(met) targets met, \(result.missed) missed, \(targets.count - met - result.missed) not measured")
        for problem in result.gatewayProblems { print("PROBLEM \(problem)") }
        fflush(nil)
    }

    private static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

    private static func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

    /// Nothing stays behind: children end with this process, the folder has to be removed.
    private static func onSignal(_ number: Int32, remove folder: URL) -> any DispatchSourceSignal {
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
            try? FileManager.default.removeItem(at: folder)
            _exit(128 + number)
        }
        source.resume()
        return source
    }
}

/// The value of `--peers`.
struct PeerSelection: ExpressibleByArgument {
    static let all = PeerSelection(peers: Peer.allCases)

    let peers: [Peer]

    private init(peers: [Peer]) { self.peers = peers }

    /// Nil when a word is no peer's name.
    init?(argument: String) {
        guard argument != "none" else {
            peers = []
            return
        }
        let words = argument.split(separator: ",")
        peers = words.compactMap { Peer(rawValue: String($0)) }
        guard !words.isEmpty, peers.count == words.count, Set(peers).count == peers.count else { return nil }
    }

    var defaultValueDescription: String { peers.map(\.rawValue).joined(separator: ",") }
}
