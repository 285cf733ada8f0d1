import Foundation

/// A whole run, as `--json` writes it.
struct RunResult: Codable, Sendable {
    /// UTC, ISO 8601.
    let date: String
    /// Of the repository, with `-dirty` for changes; nil outside one.
    let commit: String?
    let machine: Machine
    /// CPUs of the server under test, and of provider and load generator; nil when nothing was pinned.
    let serverProcessor: Int?
    let loadProcessor: Int?
    let rounds: Int
    let seconds: Int
    /// Servers and their versions.
    let versions: [String: String]
    /// Peers that were asked for and are not installed.
    let absent: [String]
    var scenarios: [ScenarioResult] = []

    var gatewayProblems: [String] { scenarios.flatMap { scenario in scenario.gatewayProblems.map { "\(scenario.name): \($0)" } } }
    var missed: Int { scenarios.reduce(0) { $0 + $1.missed.count } }

    init(_ settings: RunSettings, _ list: ContenderList) {
        date = Date().ISO8601Format()
        commit = settings.root.flatMap(Self.commit)
        machine = .current()
        serverProcessor = settings.serverProcessor
        loadProcessor = settings.loadProcessor
        rounds = settings.rounds
        seconds = settings.seconds
        versions = Dictionary(list.contenders.compactMap { each in each.version.map { (each.name, $0) } }) { first, _ in first }
        absent = list.absent
    }

    private static func commit(root: URL) -> String? {
        let text = Command.output("/usr/bin/git", ["describe", "--always", "--dirty", "--exclude=*"], directory: root)
        return text.isEmpty ? nil : text
    }
}
