import Dispatch
import Gateway
import Glibc
import HTTP
import Reactor
import Testing

@testable import Benchmarks

@Suite struct MockHandlerTests {
    private struct Outcome {
        /// What each client received.
        var answers: [[UInt8]]
        /// Flushes of the loop, one system call each.
        var writes: Int
    }

    /// Has each of `models` streamed on a connection of its own, all at once.
    private func stream(_ models: [String], sendsEachEvent: Bool) throws -> Outcome {
        let group = try EventLoopGroup(count: 1)
        defer { group.stopAndJoin() }
        let loop = group.loops[0]
        let pairs = try models.map { _ in try Self.pair() }
        let requests = models.map { model in
            let body = #"{"model":"\#(model)","stream":true}"#
            return Array("POST /v1/messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
        }
        // Before the server has them, so that it finds them all in one turn.
        for (pair, request) in zip(pairs, requests) { #expect(write(pair.client, request, request.count) == request.count) }
        let server = OnLoop.run(loop) {
            let defaults = AnswerShape(tokens: 1, paceMilliseconds: 0, firstTokenDelayMilliseconds: 0, bytesPerToken: 32)
            let handler = MockHandler(loop: loop, defaults: defaults, sendsEachEvent: sendsEachEvent, sockets: AcceptedSockets())
            let server = HTTPServer(
                loop: loop, handler: handler, limits: MockProvider.limits(sendsEachEvent: sendsEachEvent), bodyBudget: BodyBudget(bytesMax: 1 << 20))
            for pair in pairs { server.accept(pair.server) }
            return LoopBound(server, to: loop)
        }
        let answers = pairs.map { Self.readToEnd($0.client) }
        let writes = OnLoop.run(loop) { loop.counters.writes }
        for pair in pairs { close(pair.client) }
        let ended = DispatchSemaphore(value: 0)
        loop.post { server.value.drain { ended.signal() } }
        ended.wait()
        return Outcome(answers: answers, writes: writes)
    }

    private static func pair() throws -> (server: Int32, client: Int32) {
        var descriptors: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &descriptors) == 0)
        try #require(fcntl(descriptors[0], F_SETFL, O_NONBLOCK) == 0)
        return (descriptors[0], descriptors[1])
    }

    private static func readToEnd(_ descriptor: Int32) -> [UInt8] {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return received }
            received += buffer[..<count]
        }
    }

    private func tokens(_ answer: [UInt8]) -> Int { answer.count { $0 == UInt8(ascii: "@") } }

    @Test func withoutPaceEventsGoTogether() throws {
        let outcome = try stream(["bench-100"], sendsEachEvent: false)
        #expect(tokens(outcome.answers[0]) == 100)
        #expect(outcome.writes == 1)
    }

    @Test(arguments: [1, 3, 10]) func eachEventIsASendOfItsOwn(streams: Int) throws {
        let outcome = try stream(Array(repeating: "bench-100", count: streams), sendsEachEvent: true)
        #expect(outcome.answers.map(tokens) == Array(repeating: 100, count: streams))
        // What comes before the first token may go ahead of it, when the turn has no place for that one any more.
        #expect((100 * streams...101 * streams).contains(outcome.writes), "\(outcome.writes)")
    }

    @Test func pacedTokensAreSendsOfTheirOwn() throws {
        // On a busy machine two may be due in one turn, and go together: not every time.
        var writes: [Int] = []
        while writes.count < 20, writes.last != 4 {
            let outcome = try stream(["bench-4-5"], sendsEachEvent: false)
            #expect(tokens(outcome.answers[0]) == 4)
            writes.append(outcome.writes)
        }
        #expect(writes.last == 4, "\(writes)")
    }

    @Test func faultsAndStreamsShareALoop() throws {
        let outcome = try stream(["fault-reset-stream-3", "bench-50", "fault-reset-head", "bench-50"], sendsEachEvent: true)
        #expect(outcome.answers.map(tokens) == [3, 50, 0, 50])
    }

    @Test func aStreamIsWholeOnTheWire() throws {
        let outcome = try stream(["bench-2"], sendsEachEvent: false)
        let text = String(decoding: outcome.answers[0], as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(text.contains("content-type: text/event-stream"))
        #expect(text.hasSuffix("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n\r\n0\r\n\r\n"))
    }
}
