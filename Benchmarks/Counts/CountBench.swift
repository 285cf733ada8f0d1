import CAllocationCounter
import Dialects
import Dispatch
import Foundation
import Gateway
import HTTP
import Reactor

/// Provider, gateway and client in one process, each on its own thread.
final class CountBench {
    private let provider: MockProvider
    private let gateway: GatewayService
    private let clientGroup: EventLoopGroup
    private let port: UInt16
    private let client: LoopBound<LoadClient>
    private let folder: URL
    private let traces: Int32

    private var gatewayLoop: EventLoop { gateway.loops[0] }
    private var clientLoop: EventLoop { clientGroup.loops[0] }

    init(traces: Int32) throws {
        self.traces = traces
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("ekai-counts-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let shape = AnswerShape(tokens: 100, paceMilliseconds: 0, firstTokenDelayMilliseconds: 0, bytesPerToken: 32)
        provider = try MockProvider(shape, port: 0, loops: 1)
        var overrides = ConfigurationOverrides()
        overrides.port = "0"
        overrides.host = "127.0.0.1"
        overrides.loops = "1"
        overrides.logLevel = "error"
        overrides.database = folder.appendingPathComponent("usage.db").path
        let input = ConfigurationInput(
            overrides: overrides,
            document: ConfigurationFile(path: "bench.yaml", text: BenchConfiguration.yaml(providerPort: Int(provider.port))))
        gateway = try GatewayService(GatewayConfiguration.load(input).get())
        guard let port = gateway.listeners.port else { throw RunFailure(description: "the gateway has no port") }
        self.port = port
        clientGroup = try EventLoopGroup(count: 1)
        let loop = clientGroup.loops[0]
        let target = try Self.target(.chat, model: "bench", port: port)
        client = OnLoop.run(loop) { LoopBound(LoadClient(loop: loop, target: target), to: loop) }
    }

    func close() {
        let client = client
        OnLoop.run(clientLoop) { client.value.close() }
        _ = gateway.drain { false }
        try? FileManager.default.removeItem(at: folder)
    }

    /// What the gateway's loop did while `requests` answers came, one after the other on one connection.
    /// - Throws: `RunFailure` when an answer was not whole: counts of failures say nothing.
    func count(_ dialect: Dialect, model: String, isStreaming: Bool = true, requests: Int = 1) throws -> LoopSample {
        let target = try Self.target(dialect, model: model, port: port)
        var plan = LoadPlan()
        plan.requestsPerConnection = requests
        plan.streamedShare = isStreaming ? 1 : 0
        let gatewayLoop = gatewayLoop
        let before = OnLoop.run(gatewayLoop) { LoopSample(of: gatewayLoop) }
        let client = client
        let done = DispatchSemaphore(value: 0)
        let run = plan
        OnLoop.run(clientLoop) { client.value.start(target, run, startNanoseconds: 0) { done.signal() } }
        done.wait()
        let after = OnLoop.run(gatewayLoop) { LoopSample(of: gatewayLoop) }
        let tally = OnLoop.run(clientLoop) { client.value.takeInterval() }
        guard tally.answers == requests, tally.errors.isEmpty else {
            throw RunFailure(description: "\(dialect.rawValue) \(model): \(tally.answers) of \(requests) answers, \(tally.errors)")
        }
        return after - before
    }

    /// What the gateway's loop held more while `streams` streams were open, each silent after its first token, than before they came.
    /// - Throws: `RunFailure` when a stream failed.
    func heldBytes(_ dialect: Dialect, streams: Int) throws -> Int {
        let target = try Self.target(dialect, model: "bench-2-\(Self.silenceMilliseconds)", port: port)
        var plan = LoadPlan()
        plan.connections = streams
        plan.requestsPerConnection = 1
        let gatewayLoop = gatewayLoop
        let before = OnLoop.run(gatewayLoop) { LoopSample(of: gatewayLoop) }
        let client = client
        let done = DispatchSemaphore(value: 0)
        let run = plan
        OnLoop.run(clientLoop) { client.value.start(target, run, startNanoseconds: 0) { done.signal() } }
        // Every one has its first token, and none its second yet.
        var looks = 0
        while OnLoop.run(clientLoop, { client.value.interval.events }) < streams, looks < 1_000 {
            looks += 1
            usleep(10_000)
        }
        let during = OnLoop.run(gatewayLoop) { LoopSample(of: gatewayLoop) }
        let open = OnLoop.run(clientLoop) { (client.value.open, client.value.interval.events) }
        done.wait()
        let tally = OnLoop.run(clientLoop) { client.value.takeInterval() }
        guard open == (streams, streams), tally.answers == streams, tally.errors.isEmpty else {
            throw RunFailure(description: "\(open.0) of \(streams) streams were open with \(open.1) tokens, \(tally.answers) ended well, \(tally.errors)")
        }
        return (during - before).heldBytes
    }

    private static let silenceMilliseconds = 4_000

    private static func target(_ dialect: Dialect, model: String, port: UInt16) throws -> LoadTarget {
        guard let format = WireFormat(rawValue: dialect.rawValue) else {
            throw RunFailure(description: "no wire format for \(dialect.rawValue)")
        }
        return try LoadTarget(base: "http://127.0.0.1:\(port)", format: format, model: model, apiKey: nil, bodyBytes: 512)
    }

    /// Prints backtraces of the gateway's next allocations, when asked for: after `milliseconds`, in the middle of what runs then.
    func trace(_ label: String, afterMilliseconds milliseconds: Int = 0) {
        guard traces > 0 else { return }
        let loop = gatewayLoop
        let traces = traces
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) {
            loop.post {
                FileHandle.standardError.write(Data("== \(label)\n".utf8))
                ekai_allocation_trace(traces)
            }
        }
    }
}
