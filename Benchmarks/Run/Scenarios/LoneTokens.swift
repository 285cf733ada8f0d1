/// What a token costs that comes alone: many streams, each at the pace of a model that thinks.
struct LoneTokens: Scenario {
    private static let processorTime = Metric("cpu_us_per_token", "CPU us/token", isCompared: true)
    private static let median = Metric("delay_p50_us", "delay p50 us", isCompared: true)
    private static let high = Metric("delay_p99_us", "delay p99 us", isCompared: true)

    private static let tokensPerSecond = 5
    /// Whole seconds, over which the streams begin.
    private static let rampSeconds = 2

    let name = "lone-tokens"
    let summary = "2,000 streams, 5 tokens/s each; delay from the provider's send to the client's parser"
    let metrics = [processorTime, median, high]
    let targets = [
        Target("CPU per token at most 1.0 of nginx's, 5 % allowed", processorTime, .ratioAtMost(1.05)),
        Target("delay p50 at most 1.10 of nginx's", median, .ratioAtMost(1.1)),
        Target("delay p99 at most 1.10 of nginx's", high, .ratioAtMost(1.1)),
    ]

    func measure(_ server: RunningServer, round: Int, _ bench: Bench) throws -> Measurement {
        let tokens = (Self.rampSeconds + bench.settings.seconds) * Self.tokensPerSecond
        let outcome = try bench.load(
            server,
            [
                "--connections", "2000", "--streams", "1", "--ramp", String(Self.rampSeconds), "--model",
                "bench-\(tokens)-\(1_000 / Self.tokensPerSecond)",
            ])
        var measurement = outcome.measurement()
        // While all are open, where there is a whole second of that; opening them costs something too.
        measurement.values[Self.processorTime.id] =
            outcome.microsecondsPerEvent(from: Double(Self.rampSeconds), to: Double(Self.rampSeconds + bench.settings.seconds))
            ?? outcome.microseconds(per: outcome.report.events)
        measurement.values[Self.median.id] = outcome.report.delay.p50
        measurement.values[Self.high.id] = outcome.report.delay.p99
        return measurement
    }
}
