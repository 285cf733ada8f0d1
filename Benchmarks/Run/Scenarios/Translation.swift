/// What translation costs: chat streams from a provider that speaks Messages only, against the same streams passed through.
struct Translation: Scenario {
    private static let passedName = "gateway, passed through"
    private static let perProcessorSecond = Metric("events_per_cpu_second", "events/CPU-s", isCompared: true)
    private static let rate = Metric("events_per_second", "events/s", isRate: true)

    let name = "translation"
    let summary = "256 chat streams of 1,000 tokens without a pause, out of Messages streams against out of chat streams"
    let metrics = [perProcessorSecond, rate]
    let floor = passedName
    let targets = [Target("an event costs at most three times one that is passed through", perProcessorSecond, .ratioAtLeast(1.0 / 3))]
    let providerOptions = ["--flush-each"]

    func contenders(_ all: [Contender]) -> [Contender] {
        let own = all.filter { $0.name == Contender.gatewayName }
        return own + own.map { $0.named(Self.passedName) }
    }

    func measure(_ server: RunningServer, round: Int, _ bench: Bench) throws -> Measurement {
        let model = BenchConfiguration.model("bench-1000-0", only: server.name == Self.passedName ? .chat : .messages)
        let outcome = try bench.load(server, ["--connections", "256", "--duration", String(bench.settings.seconds), "--model", model])
        var measurement = outcome.measurement()
        if outcome.serverSeconds > 0, outcome.report.events > 0 {
            measurement.values[Self.perProcessorSecond.id] = Double(outcome.report.events) / outcome.serverSeconds
        }
        measurement.values[Self.rate.id] = outcome.report.eventsPerSecond
        return measurement
    }
}
