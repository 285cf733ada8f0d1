import Dialects

/// One figure and the name under which its threshold stands.
struct Count {
    let name: String
    let value: Double
}

/// The counts that must not rise.
struct GatewayCounts {
    /// What a stream costs by itself cancels out of a difference; what happens once, such as a queue that grows, does not come in
    /// every round, and what an event costs does.
    private static let rounds = 3
    private static let burst = (short: 2_000, long: 12_000)
    private static let paced = (short: 100, long: 600)
    /// Long enough apart that no two tokens come in one read: the timers tick about once a millisecond.
    private static let paceMilliseconds = 3
    private static let requests = 1_000
    private static let idleStreams = 400
    /// A token of 32 bytes: about 1 KB of text.
    private static let requestModel = "bench-24"

    /// What a silent stream holds is the same for each dialect but for its observer, of which Gemini's is no larger than the others.
    private static let idleDialects: [Dialect] = [.chat, .responses, .messages]

    let bench: CountBench

    func run() throws -> [Count] {
        var counts: [Count] = []
        for dialect in Dialect.allCases { counts += try burst(dialect) }
        for dialect in Dialect.allCases { counts += try paced(dialect) }
        for provider in Dialect.allCases {
            for client in Dialect.allCases where client != provider { counts.append(try translated(from: provider, to: client)) }
        }
        // What a first round leaves behind in pools and tables is not a stream's.
        _ = try bench.heldBytes(.chat, streams: Self.idleStreams)
        for dialect in Self.idleDialects { counts += try idle(dialect) }
        return counts + (try request())
    }

    /// Memory that a stream which says nothing takes beyond the two idle connections that it runs over.
    private func idle(_ dialect: Dialect) throws -> [Count] {
        let held = try bench.heldBytes(dialect, streams: Self.idleStreams)
        return [Count(name: "\(dialect.rawValue) silent stream: bytes held beyond its idle connections", value: Double(held) / Double(Self.idleStreams))]
    }

    /// Many events in each read.
    private func burst(_ dialect: Dialect) throws -> [Count] {
        let name = dialect.rawValue
        for _ in 0..<2 { _ = try bench.count(dialect, model: "bench-\(Self.burst.long)") }
        bench.trace("\(name) in bursts", afterMilliseconds: 5)
        if let extra = try difference(dialect, short: "bench-\(Self.burst.short)", long: "bench-\(Self.burst.long)") {
            let events = Double(Self.burst.long - Self.burst.short)
            return [
                Count(name: "\(name) bursts: allocations per event", value: Double(extra.allocations) / events),
                Count(name: "\(name) bursts: off-loop enqueues", value: Double(extra.remoteEnqueues)),
            ]
        }
        return []
    }

    /// Many events in each read, put in another dialect on their way.
    private func translated(from provider: Dialect, to client: Dialect) throws -> Count {
        let name = "\(provider.rawValue) to \(client.rawValue): allocations per event"
        guard let format = WireFormat(rawValue: provider.rawValue) else { throw RunFailure(description: "no wire format for \(provider)") }
        let short = BenchConfiguration.model("bench-\(Self.burst.short)", only: format)
        let long = BenchConfiguration.model("bench-\(Self.burst.long)", only: format)
        _ = try bench.count(client, model: long)
        bench.trace(name, afterMilliseconds: 5)
        let extra = try difference(client, short: short, long: long)
        return Count(name: name, value: Double(extra?.allocations ?? 0) / Double(Self.burst.long - Self.burst.short))
    }

    /// Each event in a read of its own.
    private func paced(_ dialect: Dialect) throws -> [Count] {
        let name = dialect.rawValue
        _ = try bench.count(dialect, model: "bench-\(Self.paced.short)-\(Self.paceMilliseconds)")
        bench.trace("\(name), lone events", afterMilliseconds: 100)
        if let extra = try difference(dialect, short: "bench-\(Self.paced.short)-\(Self.paceMilliseconds)", long: "bench-\(Self.paced.long)-\(Self.paceMilliseconds)") {
            let events = Double(Self.paced.long - Self.paced.short)
            return [
                Count(name: "\(name) lone events: allocations per event", value: Double(extra.allocations) / events),
                Count(name: "\(name) lone events: system calls per event", value: Double(extra.systemCalls) / events),
                Count(name: "\(name) lone events: off-loop enqueues", value: Double(extra.remoteEnqueues)),
            ]
        }
        return []
    }

    /// What the longer stream did beyond the shorter one: the least of some rounds, figure by figure.
    private func difference(_ dialect: Dialect, short: String, long: String) throws -> LoopSample? {
        var least: LoopSample?
        for _ in 0..<Self.rounds {
            let extra = try bench.count(dialect, model: long) - bench.count(dialect, model: short)
            guard var best = least else {
                least = extra
                continue
            }
            best.allocations = min(best.allocations, extra.allocations)
            best.systemCalls = min(best.systemCalls, extra.systemCalls)
            best.remoteEnqueues = max(best.remoteEnqueues, extra.remoteEnqueues)
            least = best
        }
        return least
    }

    /// Short answers in one piece, one after the other on one connection.
    private func request() throws -> [Count] {
        _ = try bench.count(.chat, model: Self.requestModel, isStreaming: false, requests: 300)
        bench.trace("short requests")
        let total = try bench.count(.chat, model: Self.requestModel, isStreaming: false, requests: Self.requests)
        let requests = Double(Self.requests)
        return [
            Count(name: "1 KB request: allocations", value: Double(total.allocations) / requests),
            Count(name: "1 KB request: system calls", value: Double(total.systemCalls) / requests),
            Count(name: "1 KB request: off-loop enqueues", value: Double(total.remoteEnqueues) / requests),
        ]
    }
}
