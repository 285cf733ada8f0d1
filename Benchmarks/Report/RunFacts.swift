import Foundation
import Reactor

/// What was run, when and on what: a figure without it says nothing.
struct RunFacts: Sendable {
    /// Name and value, for people.
    var rows: [(name: String, value: String)] = []

    /// - Parameter arguments: the command line; the value of --api-key is left out.
    init(command arguments: [String], url: String, format: WireFormat, model: String, began: Date, seed: UInt64?) {
        rows = [
            ("command", Self.shown(arguments)), ("URL", url), ("format", format.rawValue), ("model", model),
            ("began", began.formatted(.iso8601)), ("kernel", Self.kernel), ("processor", Self.processor),
            ("CPUs that the load generator may use", String(EventLoopGroup.allowedCPUs)),
        ]
        if let seed { rows.append(("seed of the arrivals", String(seed))) }
    }

    /// The command line as one could type it, without the secret in it.
    static func shown(_ arguments: [String]) -> String {
        var shown: [String] = []
        var isSecret = false
        for (index, argument) in arguments.enumerated() {
            if index == 0 {
                shown.append(argument.split(separator: "/").last.map(String.init) ?? argument)
            } else if isSecret {
                shown.append("…")
            } else if argument.hasPrefix("--api-key=") {
                shown.append("--api-key=…")
            } else {
                shown.append(argument.contains(where: { $0 == " " || $0 == "'" }) ? "'\(argument.replacing("'", with: "'\\''"))'" : argument)
            }
            isSecret = !isSecret && argument == "--api-key"
        }
        return shown.joined(separator: " ")
    }

    private static var kernel: String {
        let text = try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)
        return "Linux " + (text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "")
    }

    private static var processor: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    }
}
