import CLinux
import HTTP
import Reactor
import Streaming

/// The clients of one loop. Loop-confined.
final class LoadClient {
    let loop: EventLoop
    private let client: UpstreamClient
    private(set) var tally = LoadTally()
    private var timeouts = UpstreamTimeouts()

    /// - Parameter connectionsMax: connections open at once.
    init(loop: EventLoop, resolver: Resolver, connectionsMax: Int) {
        self.loop = loop
        var limits = ConnectionPoolLimits()
        limits.connectionsPerOriginMax = connectionsMax
        client = UpstreamClient(loop: loop, resolver: resolver, poolLimits: limits)
    }

    /// Sends one request after the other on one connection, until `goesOn` says no.
    func run(_ target: LoadTarget, startNanoseconds: Int64, goesOn: (Int) -> Bool) async {
        let wakeup = Wakeup()
        let timer = LoopTimer(loop: loop) { wakeup.signal(.timer) }
        while loop.now < startNanoseconds {
            timer.schedule(atNanoseconds: startNanoseconds)
            _ = await wakeup.wait(for: .timer)
        }
        var count = 0
        while goesOn(count) {
            count += 1
            let isWell = await exchange(target, wakeup, timer)
            // A server that refuses must not be asked a million times a second.
            if !isWell { await rest(wakeup, timer) }
        }
        timer.cancel()
    }

    private func rest(_ wakeup: Wakeup, _ timer: LoopTimer) async {
        let until = loop.now + 50_000_000
        while loop.now < until {
            timer.schedule(atNanoseconds: until)
            _ = await wakeup.wait(for: .timer)
        }
    }

    /// One request and its answer, whole or streamed. False when it failed.
    private func exchange(_ target: LoadTarget, _ wakeup: Wakeup, _ timer: LoopTimer) async -> Bool {
        let upstream = UpstreamExchange(
            client: client, endpoint: target.endpoint, timeouts: timeouts, wakeup: wakeup, timer: timer)
        defer { upstream.close() }
        let started = ekai_monotonic_ns()
        do throws(UpstreamFailure) {
            let body = [UpstreamBodyPart(target.body.bytes, owner: target.body)]
            try await upstream.perform(target: target.path, body: body) { sink in target.writeFields(to: &sink) }
            let status = upstream.response.status
            var reading = StreamReading(target.dialect, startedNanoseconds: started)
            let isStream = upstream.bodyLength == nil
            try await read(upstream, &reading)
            if status != 200 { return note("status \(status)") }
            if isStream, reading.isFailed { return note("error event") }
            if isStream, !reading.isComplete { return note("no end mark") }
            if !isStream { LoadTally.record(ekai_monotonic_ns() - started, in: &tally.firstToken) }
            tally.streams += 1
            return true
        } catch {
            return note("\(error.kind)")
        }
    }

    private func read(_ upstream: UpstreamExchange, _ reading: inout StreamReading) async throws(UpstreamFailure) {
        var parser = SSEParser()
        while true {
            switch upstream.receiveBody() {
            case .bytes(let bytes):
                tally.bytes += bytes.count
                let now = ekai_monotonic_ns()
                do throws(SSEParserError) {
                    var cursor = SSECursor(bytes)
                    while let event = try parser.next(&cursor) { reading.take(event, now: now, into: &tally) }
                } catch {
                    throw UpstreamFailure(.malformed("an event is too long"), isPossiblyBilled: true)
                }
            case .end: return
            case .failed(let failure): throw failure
            case .wouldBlock: try await upstream.waitForBody(until: loop.now + 60_000_000_000, .idle)
            }
        }
    }

    private func note(_ error: String) -> Bool {
        tally.errors[error, default: 0] += 1
        return false
    }

    /// Closes idle connections.
    func close() { client.drain() }
}
