/// A question about servers that is answered by measuring them side by side. Another one is another file in `Scenarios`, and a line
/// in `ScenarioList`.
protocol Scenario: Sendable {
    /// As `Benchmarks run` takes it: words with dashes. A name picks all those that begin with it and a dash too.
    var name: String { get }
    /// The load in a line.
    var summary: String { get }
    /// What is measured of each server, the judge first.
    var metrics: [Metric] { get }
    /// What the gateway must reach.
    var targets: [Target] { get }
    /// The name of the server that the others are held against.
    var floor: String { get }
    var life: ServerLife { get }
    /// Fewer rounds than asked for, where a round takes long and its figures hardly differ.
    var roundsMax: Int { get }
    /// Options of the mock provider.
    var providerOptions: [String] { get }

    /// Those of `all` that take part, in the order of their turns.
    func contenders(_ all: [Contender]) -> [Contender]

    /// Brings a fresh server to where it is measured.
    func warmUp(_ server: RunningServer, _ bench: Bench) throws

    /// One turn of a server.
    /// - Parameter round: from 1; the same for all servers that are compared.
    /// - Throws: `RunFailure` when there is nothing to measure.
    func measure(_ server: RunningServer, round: Int, _ bench: Bench) throws -> Measurement
}

/// How long a server lives.
enum ServerLife: Sendable {
    /// All are started, warmed up, and measured in turn; those that wait for their turn are idle.
    case scenario
    /// Each is started for a measurement and ended after it: memory is measured from a fresh start.
    case measurement
}

extension Scenario {
    var floor: String { Peer.nginx.rawValue }
    var life: ServerLife { .scenario }
    var roundsMax: Int { .max }
    var providerOptions: [String] { [] }

    /// All but LiteLLM, which takes part only where its rate allows it.
    func contenders(_ all: [Contender]) -> [Contender] { all.filter { $0.name != Peer.litellm.rawValue } }

    func warmUp(_ server: RunningServer, _ bench: Bench) throws { try bench.warmUp(server) }
}
