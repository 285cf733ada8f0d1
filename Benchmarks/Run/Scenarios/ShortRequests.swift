/// What a request costs that is nothing but a request: a small body, a small answer in one piece.
struct ShortRequests: Scenario {
    static let processorTime = Metric("cpu_us_per_request", "CPU us/request", isCompared: true)
    static let rate = Metric("requests_per_second", "requests/s", isRate: true)
    private static let median = Metric("latency_p50_us", "p50 us")
    private static let high = Metric("latency_p99_us", "p99 us")

    let name = "short-requests"
    let summary = "1 KB bodies, 64 connections, each asks again when its answer is whole; answers in one piece of 20 tokens"
    let metrics = [processorTime, rate, median, high]
    let targets = [Target("CPU per request at most 1.25 of nginx's", processorTime, .ratioAtMost(1.25))]

    /// LiteLLM too.
    func contenders(_ all: [Contender]) -> [Contender] { all }

    func measure(_ server: RunningServer, round: Int, _ bench: Bench) throws -> Measurement {
        try Self.measure(server, bench)
    }

    /// Without the latencies' metrics, for those who ask for fewer, these values do no harm.
    static func measure(_ server: RunningServer, _ bench: Bench) throws -> Measurement {
        let outcome = try bench.load(
            server,
            [
                "--connections", "64", "--duration", String(bench.settings.seconds), "--streamed-share", "0", "--body-bytes", "1024",
                "--model", "bench-20",
            ])
        var measurement = outcome.measurement()
        measurement.values[processorTime.id] = outcome.microseconds(per: outcome.report.whole)
        measurement.values[rate.id] = outcome.report.requestsPerSecond
        measurement.values[median.id] = outcome.report.duration.p50
        measurement.values[high.id] = outcome.report.duration.p99
        return measurement
    }
}
