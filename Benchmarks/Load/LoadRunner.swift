import CLinux
import Dispatch
import Gateway
import Reactor
import Synchronization

/// Runs a plan against a target, looks at it once a second, and waits for its end.
struct LoadRunner {
    let plan: LoadPlan
    let target: LoadTarget
    /// Processes to watch.
    let processes: [Int32]
    /// Told of every second.
    let onSample: (LoadSample) -> Void

    private struct Loop {
        let loop: EventLoop
        let client: LoopBound<LoadClient>
    }

    /// A loop's contribution to a sample.
    private struct Reading: Sendable {
        var tally: LoadTally
        var open: Int
        var openPeak: Int
        var openAtEnd: Int
    }

    private static let sampleNanoseconds: Int64 = 1_000_000_000
    /// A rest of a second shorter than this makes no sample: its rates would say little.
    private static let restNanosecondsMin: Int64 = 200_000_000

    /// - Throws: `SystemError` when the kernel grants no descriptors.
    func run() throws(SystemError) -> LoadResult {
        ArrivalPacer.sharpenTimers()
        let group = try EventLoopGroup(count: plan.loops)
        let processorStart = ProcessFigures.ownProcessorSeconds()
        let done = DispatchSemaphore(value: 0)
        let start = ekai_monotonic_ns()
        let loops = begin(group, at: start) { done.signal() }

        var result = LoadResult(
            plan: plan, tally: LoadTally(), elapsedNanoseconds: 0, processorSeconds: 0, openPeak: 0, openAtEnd: 0, samples: [])
        var sampled = start
        while true {
            let wait = max(0, sampled + Self.sampleNanoseconds - ekai_monotonic_ns())
            let isDone = done.wait(timeout: .now() + .nanoseconds(Int(wait))) == .success
            let now = ekai_monotonic_ns()
            if isDone {
                result.elapsedNanoseconds = now - start
                result.processorSeconds = ProcessFigures.ownProcessorSeconds() - processorStart
            }
            sample(loops, atSecond: Double(now - start) / 1e9, isKept: !isDone || now - sampled >= Self.restNanosecondsMin, into: &result)
            if isDone { break }
            sampled += Self.sampleNanoseconds * max(1, (now - sampled) / Self.sampleNanoseconds)
        }
        for each in loops { OnLoop.run(each.loop) { each.client.value.close() } }
        return result
    }

    private func begin(_ group: EventLoopGroup, at start: Int64, onEnd: @escaping @Sendable () -> Void) -> [Loop] {
        let left = Left(plan.loops)
        return group.loops.map { loop in
            let plan = plan, target = target
            let client = OnLoop.run(loop) {
                let client = LoadClient(loop: loop, target: target)
                client.start(target, plan, part: (loop.index, plan.loops), startNanoseconds: start) {
                    if left.count.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { onEnd() }
                }
                return LoopBound(client, to: loop)
            }
            if let arrivals = OnLoop.run(loop, { client.value.arrivals }) {
                ArrivalPacer.start(arrivals, until: start + plan.durationNanoseconds, client, on: loop)
            }
            return Loop(loop: loop, client: client)
        }
    }

    /// Loops that are not done.
    private final class Left: Sendable {
        let count: Atomic<Int>
        init(_ count: Int) { self.count = Atomic(count) }
    }

    private func sample(_ loops: [Loop], atSecond second: Double, isKept: Bool, into result: inout LoadResult) {
        var tally = LoadTally()
        var open = 0, openPeak = 0, openAtEnd = 0
        for each in loops {
            let reading = OnLoop.run(each.loop) {
                let client = each.client.value
                return Reading(
                    tally: client.takeInterval(), open: client.open, openPeak: client.openPeak, openAtEnd: client.openAtEnd)
            }
            tally.add(reading.tally)
            open += reading.open
            openPeak += reading.openPeak
            openAtEnd += reading.openAtEnd
        }
        result.tally.add(tally)
        result.openPeak = openPeak
        result.openAtEnd = openAtEnd
        guard isKept else { return }
        let delay = LoadReport.Times(tally.delay)
        let sample = LoadSample(
            second: second, open: open, requests: tally.requests, events: tally.events, delayP50: delay.p50, delayP99: delay.p99,
            firstTokenP50: LoadReport.Times(tally.firstToken).p50, processes: processes.compactMap { ProcessFigures(of: $0) })
        result.samples.append(sample)
        onSample(sample)
    }
}
