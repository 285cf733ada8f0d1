/// What it takes to hold streams open that say something once a second.
struct ManyStreams: Scenario {
    private static let open = Metric("streams_open", "open at once")
    private static let processors = Metric("processors", "CPUs used", isCompared: true)
    private static let memory = Metric("kib_per_stream", "KiB/stream", isCompared: true)
    private static let high = Metric("delay_p99_us", "delay p99 us")

    let streams: Int

    var name: String { "many-streams-\(streams)" }
    var summary: String {
        "\(Figure.text(Double(streams))) streams, a token a second each; CPUs and memory (growth of RssAnon) while all are open"
    }
    let metrics = [open, processors, memory, high]
    let life = ServerLife.measurement
    let roundsMax = 2

    var targets: [Target] {
        let all = Target("all \(Figure.text(Double(streams))) streams up, none lost", Self.open, .valueAtLeast(Double(streams)))
        guard streams >= 9_500 else { return [all] }
        return [
            all, Target("at most 0.4 CPU", Self.processors, .valueAtMost(0.4)),
            Target("at most 12 KB a stream", Self.memory, .valueAtMost(12_000.0 / 1_024)),
        ]
    }

    func measure(_ server: RunningServer, round: Int, _ bench: Bench) throws -> Measurement {
        // Up to a thousand new streams a second: opening them is not what is measured.
        let ramp = max(1, (streams + 999) / 1_000)
        let hold = bench.settings.seconds
        let before = server.usage.memory.anonymousKiB
        let outcome = try bench.load(
            server,
            [
                "--connections", String(streams), "--streams", "1", "--ramp", String(ramp), "--model", "bench-\(ramp + hold + 2)-1000",
            ])
        var measurement = outcome.measurement()
        // The first stream ends when it has said its last token: up to then, all are open.
        let start = Double(ramp) + 0.5
        let end = Double(ramp + hold) + 0.5
        measurement.values[Self.open.id] = Double(outcome.report.openPeak)
        measurement.values[Self.processors.id] = outcome.processors(from: start, to: end)
        measurement.values[Self.memory.id] = outcome.anonymousKiB(at: end).map { Double($0 - before) / Double(streams) }
        measurement.values[Self.high.id] = outcome.report.delay.p99
        return measurement
    }
}
