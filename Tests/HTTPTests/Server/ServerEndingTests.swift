import Reactor
import Testing
import TestSupport

@testable import HTTP

/// How connections end: by time, by a client that leaves or does not read, by a handler that fails, by a server that stops.
@Suite struct ServerEndingTests {
    // MARK: Time

    @Test func answersAHeadThatTakesTooLong() throws {
        let rig = try ServerRig { $0.headerTimeoutNanoseconds = milliseconds(30) }
        let socket = try rig.connect()
        try socket.send("GET / HTTP/1.1\r\n")
        let answer = try socket.readResponse()
        #expect(answer.status == 408)
        #expect(answer["connection"] == "close")
    }

    @Test func answersABodyThatTakesTooLong() throws {
        let rig = try ServerRig { $0.bodyTimeoutNanoseconds = milliseconds(30) }
        let socket = try rig.connect()
        try socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhi")
        #expect(try socket.readResponse().status == 408)
        #expect(try socket.readToEnd().isEmpty)
    }

    @Test func closesAnIdleConnection() throws {
        let rig = try ServerRig { $0.idleTimeoutNanoseconds = milliseconds(30) }
        let socket = try rig.connect()
        try socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try socket.readResponse().status == 200)
        #expect(try socket.readToEnd().isEmpty)
        #expect(socket.end == .finished)
    }

    /// A connection that never says a word has the time of a head, not that of an idle one.
    @Test func closesAConnectionThatNeverAsks() throws {
        let rig = try ServerRig { $0.headerTimeoutNanoseconds = milliseconds(30) }
        let socket = try rig.connect()
        #expect(try socket.readToEnd().isEmpty)
        #expect(socket.end == .finished)
    }

    @Test func resetsAClientThatTakesNothing() throws {
        let outcome = Pending<Bool>()
        let rig = try ServerRig { limits in
            limits.writeTimeoutNanoseconds = milliseconds(50)
        } handle: { exchange in
            exchange.sendHead(200, body: .stream) { _ in }
            let piece = String(repeating: "x", count: 10_000)
            while true {
                exchange.send(text: piece)
                if exchange.isAboveHighWatermark, await !exchange.drained() { break }
            }
            outcome.fulfil(!exchange.isClientGone)
        }
        let socket = try rig.connect(receiveBytes: 4_096)
        try socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try outcome.value("the stall to be noticed"))
        _ = try socket.readToEnd()
        #expect(socket.end == .reset)
    }

    // MARK: Clients

    @Test func boundsWhatAPipeliningClientThatNeverReadsCanQueue() throws {
        let served = Counter()
        let rig = try ServerRig { limits in
            limits.writeTimeoutNanoseconds = milliseconds(100)
        } handle: { exchange in
            served.add()
            exchange.answer(200, contentType: "text/plain", [UInt8](repeating: 0x78, count: 20_000))
        }
        let socket = try rig.connect(receiveBytes: 4_096)
        let requests = Array(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 5_000).utf8)
        var rest = requests[...]
        while !rest.isEmpty {
            guard let sent = try? socket.sendOnce(rest), sent > 0 else { break }
            rest = rest.dropFirst(sent)
            try rig.loop.settle()
        }
        try socket.waitForReset()
        // 5,000 answers would be 100 MB. What the kernel takes on loopback is a few hundred kilobytes.
        #expect(served.count < 250)
    }

    @Test func wakesTheHandlerOfAClientThatLeft() throws {
        let signals = Pending<Bool>()
        let started = Pending<Bool>()
        let rig = try ServerRig { exchange in
            exchange.sendHead(200, body: .stream) { _ in }
            started.fulfil(true)
            _ = await exchange.wakeup.wait(for: .downstreamGone)
            signals.fulfil(exchange.isClientGone)
        }
        let socket = try rig.connect()
        try socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try started.value()
        socket.finishSending()
        #expect(try signals.value("the handler to learn of the FIN"))
        _ = try socket.readToEnd()
        #expect(socket.end == .reset)
    }

    @Test func tellsAHandlerThatTheBodyWillNotCome() throws {
        let failure = Pending<BodyFailure?>()
        let started = Pending<Bool>()
        let rig = try ServerRig { exchange in
            started.fulfil(true)
            do throws(BodyFailure) {
                _ = try await exchange.readBody()
                failure.fulfil(nil)
            } catch {
                failure.fulfil(error)
            }
        }
        let socket = try rig.connect()
        try socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhi")
        _ = try started.value()
        socket.reset()
        #expect(try failure.value() == .clientGone)
        try rig.loop.settle()
        #expect(rig.budget.usedBytes == 0)
    }

    // MARK: Handlers

    @Test func answersForAHandlerThatDoesNot() throws {
        let rig = try ServerRig(handle: { _ in })
        let socket = try rig.connect()
        try socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try socket.readResponse()
        #expect(answer.status == 500)
        #expect(answer["connection"] == "close")
        #expect(try socket.readToEnd().isEmpty)
    }

    @Test func resetsWhenAHandlerStopsInTheMiddle() throws {
        let rig = try ServerRig { exchange in
            exchange.sendHead(200, body: .stream) { _ in }
            exchange.send(text: "half an ans")
        }
        let socket = try rig.connect()
        try socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try socket.readToEnd()
        #expect(socket.end == .reset)
    }

    @Test func resetsAnAnswerShorterThanItsLength() throws {
        let rig = try ServerRig { exchange in
            exchange.sendHead(200, body: .length(10)) { _ in }
            exchange.send(text: "short")
            exchange.finish()
        }
        let socket = try rig.connect()
        try socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try socket.readToEnd()
        #expect(socket.end == .reset)
    }

    // MARK: Draining

    @Test func drainsIdleConnectionsAtOnceAndBusyOnesAfterTheirAnswer() throws {
        let started = Pending<Bool>()
        let mayEnd = Pending<LoopBound<Wakeup>>()
        let rig = try ServerRig { exchange in
            guard text(exchange.request.path) == "/slow" else {
                return exchange.answer(200, contentType: "text/plain", [])
            }
            let gate = Wakeup()
            mayEnd.fulfil(LoopBound(gate, to: exchange.loop))
            started.fulfil(true)
            _ = await gate.wait(for: .completed)
            exchange.answer(200, contentType: "text/plain", Array("slow".utf8))
        }
        let idle = try rig.connect()
        try idle.send("GET /fast HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try idle.readResponse().status == 200)
        let busy = try rig.connect()
        try busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try started.value()

        let isEmpty = try rig.drain()
        #expect(try idle.readToEnd().isEmpty)
        #expect(idle.end == .finished)
        #expect(!isEmpty.isFulfilled)

        let late = try rig.connect()
        #expect(try late.readToEnd().isEmpty)

        let gate = try mayEnd.value()
        try rig.loop.run { gate.value.signal(.completed) }
        let answer = try busy.readResponse()
        #expect(answer.text == "slow")
        #expect(answer["connection"] == "close")
        #expect(try busy.readToEnd().isEmpty)
        #expect(try isEmpty.value("the drain to end"))
        #expect(try rig.connectionCount == 0)
    }

    /// An answer that its client takes slowly is still owed when the server drains.
    @Test func drainsAnAnswerThatWaitsToBeTaken() throws {
        let rig = try ServerRig { limits in
            limits.highWatermarkBytes = 8 << 20
            limits.lowWatermarkBytes = 4 << 20
        } handle: { exchange in
            exchange.answer(200, contentType: "text/plain", [UInt8](repeating: 0x79, count: 2 << 20))
        }
        let socket = try rig.connect(receiveBytes: 4_096)
        try socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try socket.readHead()
        let isEmpty = try rig.drain()
        let body = try socket.readToEnd()
        #expect(body.count == 2 << 20)
        #expect(socket.end == .finished)
        #expect(try isEmpty.value())
    }
}
