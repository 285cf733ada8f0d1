/// What a scenario found.
struct ScenarioResult: Codable, Sendable {
    let name: String
    let summary: String
    let metrics: [Metric]
    /// The server that the others are held against.
    let floor: String
    var servers: [ServerResult]
    var targets: [TargetResult] = []

    /// Answers of the gateway, or of another build of it, that were lost or failed.
    var gatewayProblems: [String] { servers.filter(\.isGateway).flatMap { server in server.problems.map { "\(server.name): \($0)" } } }
    var missed: [TargetResult] { targets.filter { $0.verdict == .missed } }

    func server(_ name: String) -> ServerResult? { servers.first { $0.name == name } }

    func ratio(_ metric: Metric, of server: ServerResult) -> Spread? {
        guard metric.isCompared, server.name != floor, let other = self.server(floor) else { return nil }
        return .ratios(server.values[metric.id] ?? [], to: other.values[metric.id] ?? [])
    }
}

/// What a scenario found of one server.
struct ServerResult: Codable, Sendable {
    let name: String
    let isGateway: Bool
    /// By metric, one for each round; nil where a round failed.
    var values: [String: [Double?]] = [:]
    var problems: [String] = []
    /// Rounds in which load generator and provider were too busy for rates to mean anything.
    var voidRounds = 0

    mutating func add(_ measurement: Measurement, round: Int, metrics: [Metric]) {
        for metric in metrics { values[metric.id, default: []].append(measurement.values[metric.id]) }
        problems += measurement.problems.map { "round \(round): \($0)" }
        if measurement.isThroughputVoid { voidRounds += 1 }
    }

    func median(_ metric: Metric) -> Double? { Spread((values[metric.id] ?? []).compactMap { $0 })?.median }
}
