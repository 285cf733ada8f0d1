import CLinux
import Dispatch
import Gateway
import Glibc
import HTTP
import Reactor
import Synchronization

/// Runs a plan against a target and waits for its end.
enum LoadRunner {
    /// - Throws: `SystemError` when the kernel grants no descriptors.
    static func run(_ plan: LoadPlan, _ target: LoadTarget) throws(SystemError) -> LoadReport {
        let group = try EventLoopGroup(count: plan.loops)
        let resolver = Resolver()
        let open = Atomic(plan.connections)
        let done = DispatchSemaphore(value: 0)
        let start = ekai_monotonic_ns()
        let processorStart = processorSeconds()
        let deadline = start + Int64(plan.durationMilliseconds) * 1_000_000
        var clients: [LoopBound<LoadClient>] = []
        for (index, loop) in group.loops.enumerated() {
            let client = OnLoop.run(loop) {
                LoopBound(LoadClient(loop: loop, resolver: resolver, connectionsMax: plan.connections), to: loop)
            }
            clients.append(client)
            for connection in stride(from: index, to: plan.connections, by: plan.loops) {
                let offset = Int64(plan.rampMilliseconds) * 1_000_000 * Int64(connection) / Int64(plan.connections)
                loop.spawn { _ in
                    let client = client.value
                    await client.run(target, startNanoseconds: start + offset) { count in
                        if let limit = plan.streamsPerConnection { return count < limit }
                        return client.loop.now < deadline
                    }
                    if open.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { done.signal() }
                }
            }
        }
        done.wait()
        let elapsed = ekai_monotonic_ns() - start
        var tally = LoadTally()
        for (loop, client) in zip(group.loops, clients) {
            tally.add(
                OnLoop.run(loop) {
                    client.value.close()
                    return client.value.tally
                })
        }
        return LoadReport(
            tally, connections: plan.connections, elapsedNanoseconds: elapsed,
            processorSeconds: processorSeconds() - processorStart)
    }

    /// CPU time of this process, user and system.
    private static func processorSeconds() -> Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
