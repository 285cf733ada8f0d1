import Reactor
import Testing
import TestSupport

@testable import HTTP

/// One exchange with a provider over a real socket: its response, however it is cut, and every way to fail.
@Suite struct UpstreamExchangeTests {
    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

    @Test func sendsARequestAndReadsItsAnswer() throws {
        let rig = try ClientRig()
        let provider = try RawListener()
        var call = ClientRig.Call(port: provider.port)
        call.body = Array(#"{"a":1}"#.utf8)
        let running = try rig.start(call)
        let socket = try provider.accept()
        let request = try socket.readRequest()
        #expect(request.startLine == "POST /v1/answers HTTP/1.1")
        #expect(request["host"] == "provider")
        #expect(request["content-length"] == "7")
        #expect(request.text == #"{"a":1}"#)
        try socket.send(Self.answer)
        let outcome = try running.value()
        #expect(outcome.status == 200)
        #expect(outcome.text == "hello")
        #expect(outcome.isPossiblyBilled)
    }

    @Test func readsAResponseCutAnywhere() throws {
        let rig = try ClientRig()
        let provider = try RawListener()
        let response = Array("HTTP/1.1 200 OK\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;e\r\nde\r\n0\r\nT: 1\r\n\r\n".utf8)
        var socket: RawSocket?
        for cut in 1..<response.count {
            let running = try rig.start(.init(port: provider.port))
            let connection = try socket ?? provider.accept()
            socket = connection
            _ = try connection.readRequest()
            try connection.send(Array(response[..<cut]))
            try rig.loop.settle()
            try connection.send(Array(response[cut...]))
            let outcome = try running.value()
            #expect(outcome.text == "abcde", "cut at \(cut)")
            #expect(outcome.failure == nil)
        }
        #expect(provider.isQuiet)
    }

    @Test func skipsInterimResponses() throws {
        let rig = try ClientRig()
        let provider = try RawListener()
        let running = try rig.start(.init(port: provider.port))
        let socket = try provider.accept()
        _ = try socket.readRequest()
        try socket.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + Self.answer)
        let outcome = try running.value()
        #expect(outcome.status == 200)
        #expect(outcome.text == "hello")
    }

    @Test func readsABodyThatTheCloseEnds() throws {
        let rig = try ClientRig()
        let provider = try RawListener()
        let running = try rig.start(.init(port: provider.port))
        let socket = try provider.accept()
        _ = try socket.readRequest()
        try socket.send("HTTP/1.1 200 OK\r\n\r\nuntil the end")
        socket.close()
        #expect(try running.value().text == "until the end")
        #expect(try rig.counts.idle == 0)
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        var response: String
        var kind: String
        var testDescription: String { response.debugDescription }
    }

    @Test(arguments: [
        Damage(response: "", kind: "closedBeforeResponse"),
        Damage(response: "HTTP/1.1 200 OK\r\nContent-Le", kind: "malformed"),
        Damage(response: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", kind: "truncated"),
        Damage(response: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", kind: "truncated"),
        Damage(response: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n", kind: "malformed"),
        Damage(response: "SSH-2.0-OpenSSH\r\n\r\n", kind: "malformed"),
        Damage(response: "HTTP/1.1 101 Switching Protocols\r\n\r\n", kind: "malformed"),
    ])
    func failsOnADamagedResponse(_ damage: Damage) throws {
        let rig = try ClientRig()
        let provider = try RawListener()
        let running = try rig.start(.init(port: provider.port))
        let socket = try provider.accept()
        _ = try socket.readRequest()
        try socket.send(damage.response)
        socket.close()
        let failure = try #require(try running.value().failure)
        #expect("\(failure.kind)".hasPrefix(damage.kind), "\(failure.kind)")
        #expect(failure.isPossiblyBilled)
        #expect(try rig.counts == (0, 0))
    }

    @Test func tellsARefusedConnection() throws {
        let rig = try ClientRig()
        let outcome = try rig.start(.init(port: RawListener.closedPort())).value()
        guard case .connect(.refused) = outcome.failure?.kind else {
            Issue.record("\(String(describing: outcome.failure))")
            return
        }
        #expect(outcome.failure?.isPossiblyBilled == false)
        #expect(try rig.counts == (0, 0))
    }

    /// A listener whose queue is full drops further connections, as an unreachable host does.
    @Test func tellsAConnectionThatDoesNotComeAbout() throws {
        let rig = try ClientRig()
        let provider = try RawListener(backlog: 0)
        let filler = try RawSocket.connect(port: provider.port)
        var call = ClientRig.Call(port: provider.port)
        call.timeouts.connectNanoseconds = milliseconds(50)
        let failure = try rig.start(call).value().failure
        #expect(failure?.kind == .connect(.timedOut) || failure?.kind == .timedOut(.connect))
        #expect(failure?.isPossiblyBilled == false)
        filler.close()
        #expect(try rig.counts == (0, 0))
    }

    @Test func tellsAnAnswerThatDoesNotCome() throws {
        let rig = try ClientRig()
        let provider = try RawListener()
        var call = ClientRig.Call(port: provider.port)
        call.timeouts.firstByteNanoseconds = milliseconds(50)
        let running = try rig.start(call)
        let socket = try provider.accept()
        _ = try socket.readRequest()
        #expect(try running.value().failure == UpstreamFailure(.timedOut(.firstByte), isPossiblyBilled: true))
        // The provider learns of it: the connection is gone.
        #expect(try socket.readToEnd().isEmpty)
    }

    @Test func endsTheRequestOfAClientThatLeft() throws {
        let rig = try ClientRig()
        let provider = try RawListener()
        let running = try rig.start(.init(port: provider.port))
        let socket = try provider.accept()
        _ = try socket.readRequest()
        try rig.loop.run { running.wakeup.value.signal(.downstreamGone) }
        #expect(try running.value().failure == UpstreamFailure(.clientGone, isPossiblyBilled: true))
        #expect(try socket.readToEnd().isEmpty)
    }
}
