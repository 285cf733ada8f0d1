/// Where a setting, or a fault in it, stands.
package enum ConfigurationSource: Sendable, Hashable {
    case flag
    case environment
    /// `.env`, with its path.
    case environmentFile(String)
    /// The YAML document, with its path.
    case document(String)
}

/// One thing that is wrong with the configuration. Never holds a value, only names: a value may be a key.
package struct ConfigurationProblem: Error, Sendable, Equatable, CustomStringConvertible {
    package var source: ConfigurationSource
    /// From 1. Nil outside files.
    package var line: Int?
    /// `providers[0].base_url`, `PORT`, `--port`. Empty for a fault of the file as a whole.
    package var field: String
    package var message: String

    /// `ekai.yaml:12: providers[0].base_url: has no host`
    package var description: String {
        let place =
            switch source {
            case .flag: ""
            case .environment: "environment: "
            case .environmentFile(let path), .document(let path): line.map { "\(path):\($0): " } ?? "\(path): "
            }
        return place + (field.isEmpty ? message : "\(field): \(message)")
    }
}

/// Everything that is wrong with the configuration, in the order of reading. The program ends with `exitCode`.
package struct ConfigurationFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// EX_CONFIG of sysexits.h.
    package static let exitCode: Int32 = 78

    package var problems: [ConfigurationProblem]

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// A text from any source that remembers where it stood.
struct Located<Value> {
    var value: Value
    var source: ConfigurationSource
    var line: Int?
    var field: String

    func problem(_ message: String) -> ConfigurationProblem {
        ConfigurationProblem(source: source, line: line, field: field, message: message)
    }

    func with<Other>(_ value: Other) -> Located<Other> {
        Located<Other>(value: value, source: source, line: line, field: field)
    }
}

extension Located: Sendable where Value: Sendable {}

/// Gathers problems while reading goes on, so that the user sees all of them at once.
final class ProblemCollector {
    private(set) var problems: [ConfigurationProblem] = []

    /// One fault is told once, however often its setting is read.
    func add(_ problem: ConfigurationProblem) {
        if !problems.contains(problem) { problems.append(problem) }
    }

    /// The parsed value; nil and a problem when the text is not one.
    func parse<Value>(_ text: Located<String>?, _ parse: (String) throws(ValueFault) -> Value) -> Value? {
        guard let text else { return nil }
        do throws(ValueFault) {
            return try parse(text.value)
        } catch {
            add(text.problem(error.message))
            return nil
        }
    }
}
