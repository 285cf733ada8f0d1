import Foundation

/// How long a gateway takes from the start of its process until it is ready, with no database yet and with one that has rows.
struct ColdStart: Scenario {
    private static let fresh = Metric("fresh_ms", "new database ms")
    private static let existing = Metric("existing_ms", "existing database ms")
    private static let slowest = Metric("slowest_ms", "slowest ms")

    private static let startsPerRound = 5
    private static let readyMilliseconds = 500.0

    let name = "cold-start"
    let summary = "from exec to the first 200 of /readyz; five starts each, with a new database and with one that has rows"
    let metrics = [fresh, existing, slowest]
    let floor = Contender.baselineName
    let targets = [
        Target("ready within 0.5 s, new database", fresh, .valueAtMost(readyMilliseconds)),
        Target("ready within 0.5 s, existing database", existing, .valueAtMost(readyMilliseconds)),
    ]
    let life = ServerLife.measurement

    func contenders(_ all: [Contender]) -> [Contender] { all.filter(\.isGateway) }

    func measure(_ server: RunningServer, round: Int, _ bench: Bench) throws -> Measurement {
        // Warmed up, it has rows; ended, it has written them.
        server.end()
        let fresh = try times(server.contender, in: nil, bench)
        let existing = try times(server.contender, in: server.folder, bench)
        var measurement = Measurement()
        measurement.values[Self.fresh.id] = Spread(fresh)?.median
        measurement.values[Self.existing.id] = Spread(existing)?.median
        measurement.values[Self.slowest.id] = Spread(fresh + existing)?.max
        return measurement
    }

    private func times(_ contender: Contender, in folder: URL?, _ bench: Bench) throws -> [Double] {
        try (0..<Self.startsPerRound).map { _ in
            let began = ContinuousClock.now
            let server = try bench.start(contender, in: folder)
            defer { server.end() }
            while LoopbackSocket.status(of: "/readyz", port: server.port) != 200 {
                guard server.isRunning, ContinuousClock.now - began < .seconds(10) else { throw server.failure("is not ready") }
                usleep(1_000)
            }
            return (ContinuousClock.now - began) / .milliseconds(1)
        }
    }
}
