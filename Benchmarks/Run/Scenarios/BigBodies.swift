/// Memory for requests that wait for their provider, as coding agents send them.
struct BigBodies: Scenario {
    private static let peak = Metric("peak_mb", "peak MB", isCompared: true)
    private static let processorTime = Metric("cpu_us_per_request", "CPU us/request", isCompared: true)

    private static let requests = 1_500
    private static let bodyBytes = 150_000
    private static let rampSeconds = 2
    /// The provider's head comes with its answer, so that every request is held for so long.
    private static let delayMilliseconds = 5_000

    let name = "big-bodies"
    let summary = "1,500 requests of 150 KB, all held at once until the provider answers; VmHWM"
    let metrics = [peak, processorTime]
    let targets = [Target("peak at most 320 MB", peak, .valueAtMost(320))]
    let life = ServerLife.measurement
    let roundsMax = 3

    func measure(_ server: RunningServer, round: Int, _ bench: Bench) throws -> Measurement {
        let outcome = try bench.load(
            server,
            [
                "--connections", String(Self.requests), "--streams", "1", "--ramp", String(Self.rampSeconds), "--streamed-share", "0",
                "--body-bytes", String(Self.bodyBytes), "--model", "bench-20-0-\(Self.delayMilliseconds)",
            ])
        var measurement = outcome.measurement()
        if outcome.report.openPeak < Self.requests {
            measurement.problems.append("only \(outcome.report.openPeak) requests were open at once")
        }
        measurement.values[Self.peak.id] = Double(server.usage.memory.peakKiB) * 1_024 / 1e6
        measurement.values[Self.processorTime.id] = outcome.microseconds(per: outcome.report.whole)
        return measurement
    }
}
