import Foundation

/// What a server is at rest, after work.
struct Idle: Scenario {
    private static let resident = Metric("resident_mb", "resident MB", isCompared: true)
    private static let anonymous = Metric("anonymous_mb", "of it anonymous MB")
    private static let wakeUps = Metric("wakeups_per_second", "wake-ups/s")
    private static let processorTime = Metric("cpu_us_per_second", "CPU us/s")

    /// Until what was queued during the warm-up is written.
    private static let restSeconds: UInt32 = 3

    let name = "idle"
    let summary = "at rest after a second of short requests: VmRSS, voluntary context switches, CPU time"
    let metrics = [resident, anonymous, wakeUps, processorTime]
    let targets = [Target("at most 30 MB resident", resident, .valueAtMost(30))]

    /// LiteLLM too.
    func contenders(_ all: [Contender]) -> [Contender] { all }

    func measure(_ server: RunningServer, round: Int, _ bench: Bench) throws -> Measurement {
        if round == 1 { sleep(Self.restSeconds) }
        let usage = server.usage
        let switches = usage.voluntarySwitches
        let processor = usage.processorSeconds
        let began = ContinuousClock.now
        sleep(UInt32(bench.settings.seconds))
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        guard server.isRunning else { throw server.failure("died at rest") }
        let memory = usage.memory
        var measurement = Measurement()
        measurement.values[Self.resident.id] = Double(memory.residentKiB) * 1_024 / 1e6
        measurement.values[Self.anonymous.id] = Double(memory.anonymousKiB) * 1_024 / 1e6
        measurement.values[Self.wakeUps.id] = Double(usage.voluntarySwitches - switches) / seconds
        measurement.values[Self.processorTime.id] = (usage.processorSeconds - processor) * 1e6 / seconds
        return measurement
    }
}
