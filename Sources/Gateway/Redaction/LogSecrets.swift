import Locking
import Reactor

/// What log lines are searched for: the secrets of the configuration in force, and of the one before, whose requests may still run. Shared.
final class LogSecrets: Sendable {
    private struct State {
        var current: [RedactedSecret]
        var matcher: SecretMatcher
    }

    private let state: Locked<State>

    init(_ secrets: [RedactedSecret]) {
        state = Locked(State(current: secrets, matcher: SecretMatcher(secrets)))
    }

    /// A reload brought others.
    func replace(with secrets: [RedactedSecret]) {
        state.withLock { state in
            state.matcher = SecretMatcher(state.current + secrets)
            state.current = secrets
        }
    }

    /// `line` with every secret masked.
    func masked(_ line: String) -> String {
        let matcher = state.withLock { $0.matcher }
        return matcher.masked(line)
    }
}
