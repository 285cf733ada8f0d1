import Reactor
import TestSupport

@testable import HTTP

/// An upstream client on a loop of its own. The provider is the test itself, with raw sockets.
final class ClientRig {
    /// What became of an exchange.
    struct Outcome: Sendable {
        var status: UInt16?
        var body: [UInt8] = []
        var failure: UpstreamFailure?
        /// Whether the client held the request for possibly billed at the end.
        var isPossiblyBilled = false

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    struct Call: Sendable {
        var endpoint: UpstreamEndpoint
        var body: [UInt8] = Array("{}".utf8)
        var timeouts = UpstreamTimeouts()

        init(_ endpoint: UpstreamEndpoint) { self.endpoint = endpoint }

        /// Plain HTTP to a port of this machine.
        init(port: UInt16) { self.init(UpstreamEndpoint(origin: Origin(scheme: .http, host: "127.0.0.1", port: port))) }
    }

    /// A call under way.
    struct Running {
        let outcome: Pending<Outcome>
        /// Where the call's task sleeps.
        let wakeup: LoopBound<Wakeup>

        func value() throws -> Outcome { try outcome.value("the exchange to end") }
    }

    let loop: TestLoop
    private let client: LoopBound<UpstreamClient>

    init(resolver: Resolver = Resolver(), _ pool: (inout ConnectionPoolLimits) -> Void = { _ in }) throws {
        var limits = ConnectionPoolLimits()
        pool(&limits)
        let poolLimits = limits
        let loop = try TestLoop()
        self.loop = loop
        client = try loop.run { [loop = loop.loop] in
            LoopBound(UpstreamClient(loop: loop, resolver: resolver, poolLimits: poolLimits), to: loop)
        }
    }

    deinit {
        loop.loop.post { [client] in client.value.drain() }
        loop.stop()
    }

    var counts: (leased: Int, idle: Int) {
        get throws { try loop.run { [client] in client.value.counts } }
    }

    /// Starts a call; the test plays the provider meanwhile.
    func start(_ call: Call) throws -> Running {
        let loop = loop.loop
        let client = client
        let wakeup = try self.loop.run { LoopBound(Wakeup(), to: loop) }
        let outcome = self.loop.start { _ in await Self.perform(call, client.value, wakeup.value, loop) }
        return Running(outcome: outcome, wakeup: wakeup)
    }

    private static func perform(_ call: Call, _ client: UpstreamClient, _ wakeup: Wakeup, _ loop: EventLoop) async -> Outcome {
        let timer = LoopTimer(loop: loop) { wakeup.signal(.timer) }
        let exchange = UpstreamExchange(
            client: client, endpoint: call.endpoint, timeouts: call.timeouts, wakeup: wakeup, timer: timer)
        defer {
            exchange.close()
            timer.cancel()
        }
        var outcome = Outcome()
        let owner = BodyOwner(call.body)
        do throws(UpstreamFailure) {
            try await exchange.perform(target: "/v1/answers", body: [UpstreamBodyPart(owner.bytes, owner: owner)]) { sink in
                HeadWriter.field(FieldName.host, "provider", to: &sink)
            }
            outcome.status = exchange.response.status
            reading: while true {
                switch exchange.receiveBody() {
                case .bytes(let bytes): outcome.body.append(contentsOf: bytes)
                case .end: break reading
                case .failed(let failure): throw failure
                case .wouldBlock: try await exchange.waitForBody(until: loop.now + milliseconds(20_000), .idle)
                }
            }
        } catch {
            outcome.failure = error
        }
        outcome.isPossiblyBilled = exchange.isPossiblyBilled
        return outcome
    }
}

/// Bytes that stay where they are.
private final class BodyOwner {
    let bytes: UnsafeRawBufferPointer

    init(_ bytes: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        copy.copyBytes(from: bytes)
        self.bytes = UnsafeRawBufferPointer(copy)
    }

    deinit { bytes.deallocate() }
}
