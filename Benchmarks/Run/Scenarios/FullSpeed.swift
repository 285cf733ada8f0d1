/// How much of a stream goes through a CPU when tokens come as fast as they can, each in a send of its own.
struct FullSpeed: Scenario {
    private static let perProcessorSecond = Metric("events_per_cpu_second", "events/CPU-s", isCompared: true)
    private static let rate = Metric("events_per_second", "events/s", isRate: true)
    private static let high = Metric("delay_p99_us", "delay p99 us")

    let name = "full-speed"
    let summary = "256 streams of 1,000 tokens without a pause, the provider sends each event by itself"
    let metrics = [perProcessorSecond, rate, high]
    let targets = [Target("events per CPU second at least 1.1 of nginx's", perProcessorSecond, .ratioAtLeast(1.1))]
    let providerOptions = ["--flush-each"]

    func measure(_ server: RunningServer, round: Int, _ bench: Bench) throws -> Measurement {
        let outcome = try bench.load(
            server, ["--connections", "256", "--duration", String(bench.settings.seconds), "--model", "bench-1000-0"])
        var measurement = outcome.measurement()
        if outcome.serverSeconds > 0, outcome.report.events > 0 {
            measurement.values[Self.perProcessorSecond.id] = Double(outcome.report.events) / outcome.serverSeconds
        }
        measurement.values[Self.rate.id] = outcome.report.eventsPerSecond
        measurement.values[Self.high.id] = outcome.report.delay.p99
        return measurement
    }
}
