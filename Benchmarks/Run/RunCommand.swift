import ArgumentParser
import Foundation

/// `Benchmarks run`: whole scenarios, each starting what it needs.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run scenarios: start provider and gateway, load them, print a table.")

    enum Scenario: String, CaseIterable, ExpressibleByArgument { case streaming }

    @Argument(help: "The scenarios to run: \(Scenario.allCases.map(\.rawValue).joined(separator: ", ")).")
    var scenarios: [Scenario] = Scenario.allCases
    @Option(help: "The gateway's executable. Default: ekai-gateway beside this one.")
    var gateway: String?
    @Option(help: "Seconds of each measurement, about.")
    var seconds = 5
    @Flag(inversion: .prefixedNo, help: "Gateway on the last CPU, load and provider on the first.")
    var pin = true

    func validate() throws {
        guard (1...3_600).contains(seconds) else { throw ValidationError("--seconds must be 1 to 3,600") }
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let binary = gateway ?? own.deletingLastPathComponent().appendingPathComponent("ekai-gateway").path
        guard FileManager.default.isExecutableFile(atPath: binary) else {
            throw ValidationError("no gateway at \(binary): build it (swift build -c release) or name it with --gateway")
        }
        var isWell = true
        for scenario in scenarios {
            switch scenario {
            case .streaming:
                isWell = try StreamingScenario(own: own.path, gateway: binary, seconds: seconds, isPinned: pin).run() && isWell
            }
        }
        throw ExitCode(isWell ? 0 : 1)
    }
}
