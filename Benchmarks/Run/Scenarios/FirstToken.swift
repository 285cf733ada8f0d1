/// What a server adds to the wait for the first token, at a rate that does not ask whether it keeps up.
struct FirstToken: Scenario {
    private static let median = Metric("first_token_p50_us", "p50 us", isCompared: true)
    private static let high = Metric("first_token_p99_us", "p99 us")
    private static let highest = Metric("first_token_p999_us", "p99.9 us")
    private static let processorTime = Metric("cpu_us_per_stream", "CPU us/stream", isCompared: true)

    private static let streamsPerSecond = 300

    let name = "first-token"
    let summary = "300 new streams/s at random moments, 10 tokens each, 20 ms apart; time from the intended start to the first token"
    let metrics = [median, high, highest, processorTime]
    let targets = [
        Target("first token p50 at most 200 us above nginx's", median, .differenceAtMost(200)),
        Target("first token p99.9 at most 40 ms: no delayed ACK", highest, .valueAtMost(40_000)),
    ]

    func measure(_ server: RunningServer, round: Int, _ bench: Bench) throws -> Measurement {
        let outcome = try bench.load(
            server,
            [
                "--connections", "2000", "--rate", String(Self.streamsPerSecond), "--arrivals", "poisson", "--seed", String(round),
                "--duration", String(bench.settings.seconds), "--model", "bench-10-20",
            ])
        var measurement = outcome.measurement()
        measurement.values[Self.median.id] = outcome.report.firstToken.p50
        measurement.values[Self.high.id] = outcome.report.firstToken.p99
        measurement.values[Self.highest.id] = outcome.report.firstToken.p999
        measurement.values[Self.processorTime.id] = outcome.microseconds(per: outcome.report.streams)
        return measurement
    }
}
