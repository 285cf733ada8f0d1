import Foundation

/// Memory for clients that stop reading while their provider goes on, and what is left when they are gone.
struct StalledReaders: Scenario {
    private static let memory = Metric("kib_per_client", "KiB/client")
    private static let growth = Metric("growth_kib_per_client", "growth KiB/client")
    private static let left = Metric("upstream_left", "upstream left")

    private static let clients = 500
    /// 50 MB for each client.
    private static let tokens = 50_000
    private static let bytesPerToken = 1_000

    let name = "stalled-readers"
    let summary = "500 clients stop reading answers of 50 MB; growth of RssAnon at first and over the time after that; "
        + "upstream streams open 1 s after the clients left"
    let metrics = [memory, growth, left]
    let targets = [
        Target("at most 64 KiB of user memory a client", memory, .valueAtMost(64)),
        Target("flat: it grows by at most 1 KiB a client", growth, .valueAtMost(1)),
        Target("no upstream stream 1 s after the clients left", left, .valueAtMost(0)),
    ]
    let life = ServerLife.measurement
    let roundsMax = 1

    func measure(_ server: RunningServer, round: Int, _ bench: Bench) throws -> Measurement {
        // Twenty seconds and the time until all are there; shorter only in a run that is asked to be very short.
        let settling = 5.0
        let hold = Double(min(20, bench.settings.seconds * 4))
        let connections = bench.openUpstreamConnections
        let before = server.usage.memory.anonymousKiB
        let outcome = try bench.load(
            server,
            [
                "--connections", String(Self.clients), "--stalled-readers", String(Self.clients), "--ramp", "1", "--duration",
                String(settling + hold), "--model", "bench-\(Self.tokens)-0-0-\(Self.bytesPerToken)",
            ], settles: false)
        sleep(1)
        let left = max(0, bench.openUpstreamConnections - connections)
        var measurement = outcome.measurement(mustAnswer: false)
        if outcome.report.stalled < Self.clients { measurement.problems.append("only \(outcome.report.stalled) clients stalled") }
        let first = outcome.anonymousKiB(at: settling)
        let last = outcome.anonymousKiB(at: settling + hold - 0.2)
        let clients = Double(Self.clients)
        measurement.values[Self.memory.id] = last.map { Double($0 - before) / clients }
        if let first, let last { measurement.values[Self.growth.id] = Double(last - first) / clients }
        measurement.values[Self.left.id] = Double(left)
        return measurement
    }
}
