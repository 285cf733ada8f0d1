import Locking

/// What log lines are searched for: the secrets of the configuration in force, and of those before it, whose requests may still run. Shared.
final class LogSecrets: Sendable {
    /// Configurations before the one in force whose secrets are still looked for.
    static let previousMax = 8

    private struct State {
        /// The newest first.
        var sets: [[RedactedSecret]]
        var matcher: SecretMatcher
    }

    private let state: Locked<State>

    init(_ secrets: [RedactedSecret]) {
        state = Locked(State(sets: [secrets], matcher: SecretMatcher(secrets)))
    }

    /// A reload brought others.
    func replace(with secrets: [RedactedSecret]) {
        state.withLock { state in
            state.sets.removeAll { $0 == secrets }
            state.sets = [secrets] + state.sets.prefix(Self.previousMax)
            let distinct = Set(state.sets.joined())
            state.matcher = SecretMatcher(Array(distinct))
        }
    }

    /// `line` with every secret masked.
    func masked(_ line: String) -> String {
        let matcher = state.withLock { $0.matcher }
        return matcher.masked(line)
    }
}
