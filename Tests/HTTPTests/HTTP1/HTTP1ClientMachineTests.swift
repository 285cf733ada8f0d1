import HTTP
import Testing

/// An upstream connection as the driver sees it.
private struct Client {
    var machine = HTTP1ClientMachine()
    let head = MessageHead()
    var unread: [UInt8] = []
    var written: [UInt8] = []

    /// Begins and ends a request and has all of it written.
    mutating func send(_ method: HTTPMethod = .post, _ body: OutgoingBody = .length(2), _ pieces: [String] = ["hi"]) {
        begin(method, body, pieces)
        #expect(machine.endRequest(to: &written) == true)
        machine.noteWritten(written.count)
    }

    /// Begins a request and puts it into the outbound queue, not yet into the socket.
    mutating func begin(_ method: HTTPMethod = .post, _ body: OutgoingBody = .length(2), _ pieces: [String] = []) {
        written = []
        let plan = machine.beginRequest(method: method, body: body)
        withBytes("/x") { HeadWriter.requestLine(method, target: $0, to: &written) }
        plan.writeFields(to: &written)
        HeadWriter.end(to: &written)
        for piece in pieces { withBytes(piece) { machine.writeBody($0, to: &written) } }
    }

    mutating func receiveHead(_ more: String = "") -> HTTP1ClientMachine.HeadOutcome {
        unread += Array(more.utf8)
        let outcome = unread.withUnsafeBytes { machine.receiveHead($0, into: head) }
        switch outcome {
        case .interim(_, let consumed), .response(let consumed): unread.removeFirst(consumed)
        case .needMore, .refused: break
        }
        return outcome
    }

    mutating func receiveBody(_ more: String = "") -> (payload: String, outcome: HTTP1BodyDecoder.Outcome) {
        unread += Array(more.utf8)
        let progress = unread.withUnsafeMutableBytes { machine.receiveBody($0) }
        let payload = text(Array(unread[..<progress.payloadCount]))
        unread.removeFirst(progress.consumed)
        return (payload, progress.outcome)
    }
}

private func isResponse(_ outcome: HTTP1ClientMachine.HeadOutcome) -> Bool {
    if case .response = outcome { true } else { false }
}

private let empty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

@Suite struct HTTP1ClientMachineTests {
    // MARK: Requests

    @Test(arguments: [
        (.get, .none, [], "GET /x HTTP/1.1\r\n\r\n"),
        (.post, .none, [], "POST /x HTTP/1.1\r\ncontent-length: 0\r\n\r\n"),
        (.post, .length(2), ["h", "i"], "POST /x HTTP/1.1\r\ncontent-length: 2\r\n\r\nhi"),
        (.post, .length(0), [], "POST /x HTTP/1.1\r\ncontent-length: 0\r\n\r\n"),
        (.post, .stream, ["h", "", "i"], "POST /x HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n"),
    ] as [(HTTPMethod, OutgoingBody, [String], String)])
    func framesRequests(_ method: HTTPMethod, _ body: OutgoingBody, _ pieces: [String], _ wire: String) {
        var client = Client()
        client.send(method, body, pieces)
        #expect(text(client.written) == wire)
    }

    @Test func aRequestThatBreaksItsLengthIsNotReusable() {
        var client = Client()
        client.begin(.post, .length(5), ["hi"])
        #expect(client.machine.endRequest(to: &client.written) == false)
        client.machine.noteWritten(1)
        #expect(isResponse(client.receiveHead(empty)))
        #expect(!client.machine.isReusable)
    }

    // MARK: Responses

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello", true),
        ("HTTP/1.1 204 No Content\r\n\r\n", "", true),
        (empty, "", true),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", "hello", false),
        ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", false),
        ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", "hello", true),
        // Garbage, or an answer to nothing, behind the response.
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello!", "hello", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n\r\n", "hello", false),
        ("HTTP/1.1 204 No Content\r\n\r\nx", "", false),
        (empty + empty, "", false),
    ])
    func readsResponses(_ wire: String, _ payload: String, _ isReusable: Bool) {
        for cut in 0...wire.utf8.count {
            var client = Client()
            client.send()
            let bytes = Array(wire.utf8)
            var received = ""
            var hasHead = false
            for piece in [bytes[..<cut], bytes[cut...]] {
                client.unread += piece
                if !hasHead { hasHead = isResponse(client.receiveHead()) }
                if hasHead { received += client.receiveBody().payload }
            }
            #expect(received == payload)
            #expect(client.machine.isResponseWhole)
            #expect(client.machine.isReusable == isReusable, "cut at \(cut) of \(wire.debugDescription)")
        }
    }

    @Test func oneExchangeAfterTheOther() {
        var client = Client()
        for _ in 0..<3 {
            #expect(client.machine.isReusable)
            client.send()
            #expect(!client.machine.isReusable)
            #expect(isResponse(client.receiveHead("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")))
            #expect(!client.machine.isReusable)
            #expect(client.receiveBody("ok").outcome == .ended)
        }
        #expect(client.machine.isReusable)
        client.machine.receiveWhileIdle(count: 1)
        #expect(!client.machine.isReusable)
    }

    @Test func theAnswerToHEADHasNoBody() {
        var client = Client()
        client.send(.head, .none, [])
        #expect(isResponse(client.receiveHead("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")))
        #expect(client.machine.responseFraming == .none)
        #expect(client.machine.isReusable)
    }

    @Test func garbageBehindAHeadWithoutBodyIsSeenAtOnce() {
        var client = Client()
        client.send()
        #expect(isResponse(client.receiveHead(empty + "x")))
        #expect(client.machine.isResponseWhole)
        #expect(!client.machine.isReusable)
    }

    @Test func interimResponsesAreSkipped() {
        var client = Client()
        client.send()
        let interim = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
        #expect(client.receiveHead(interim + "HTTP/1.1 100 Continue\r\n\r\n" + empty) == .interim(status: 103, consumed: interim.utf8.count))
        #expect(client.receiveHead() == .interim(status: 100, consumed: 25))
        #expect(isResponse(client.receiveHead()))
        #expect(client.head.status == 200)
        #expect(client.machine.isReusable)
    }

    @Test func interimResponsesAreBounded() {
        var client = Client()
        client.send()
        client.unread = Array(String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 17).utf8)
        for _ in 0..<16 { #expect(client.receiveHead() == .interim(status: 100, consumed: 25)) }
        #expect(client.receiveHead() == .refused(.tooManyInterimResponses))
    }

    @Test(arguments: [
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", HTTPRefusal.upgradeNotRequested),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", .lengthWithTransferCoding),
        ("HTTP/2.0 200 OK\r\n\r\n", .unsupportedVersion),
        ("SSH-2.0-x\r\n", .malformedStatusLine),
        ("<html>\r\n", .malformedStatusLine),
    ])
    func refusedResponses(_ wire: String, _ reason: HTTPRefusal) {
        var client = Client()
        client.send()
        #expect(client.receiveHead(wire) == .refused(reason))
        #expect(!client.machine.isReusable)
        #expect(client.receiveBody("x").outcome == .refused(reason))
        #expect(client.machine.peerClosed() == .truncated)
    }

    @Test func brokenBodiesKeepWhatCameBefore() {
        var client = Client()
        client.send()
        #expect(isResponse(client.receiveHead("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")))
        let body = client.receiveBody("5\r\nhello\r\nzz")
        #expect(body.payload == "hello")
        #expect(body.outcome == .refused(.invalidChunkSize))
        #expect(!client.machine.isReusable)
    }

    @Test func aTunnelIsNoLongerHTTP() {
        var client = Client()
        _ = client.machine.beginRequest(method: .connect, body: .none)
        _ = client.machine.endRequest(to: &client.written)
        client.machine.noteWritten(1)
        #expect(isResponse(client.receiveHead("HTTP/1.1 200 Connection established\r\n\r\n\u{16}\u{3}")))
        #expect(client.machine.isTunnel)
        #expect(!client.machine.isReusable)
        #expect(client.unread.count == 2)
    }

    // MARK: What a failure means

    @Test func aCloseBeforeAnyByteIsUnsent() {
        var client = Client()
        client.begin(.post, .length(2), ["hi"])
        #expect(!client.machine.isPossiblyBilled)
        client.machine.noteWritten(0)
        #expect(!client.machine.isPossiblyBilled)
        #expect(client.machine.peerClosed() == .unsent)
        #expect(!client.machine.isReusable)
    }

    @Test func oneWrittenByteMayBeBilled() {
        var client = Client()
        client.begin()
        client.machine.noteWritten(1)
        #expect(client.machine.isPossiblyBilled)
        #expect(client.machine.peerClosed() == .noResponse)
    }

    @Test func theMarkIsSetAnewForEachRequest() {
        var client = Client()
        client.send()
        _ = client.receiveHead(empty)
        client.machine.noteWritten(10)
        client.begin()
        #expect(!client.machine.isPossiblyBilled)
        #expect(client.machine.peerClosed() == .unsent)
    }

    @Test func aResponseToNothingIsNotOurs() {
        var client = Client()
        client.begin()
        #expect(client.receiveHead("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n") == .refused(.unsolicitedResponse))
        #expect(client.machine.peerClosed() == .unsent)
    }

    @Test func closesInsideAResponse() {
        var inHead = Client()
        inHead.send()
        #expect(inHead.receiveHead("HTTP/1.1 2") == .needMore)
        #expect(inHead.machine.peerClosed() == .truncated)
        for (fields, body) in [("Content-Length: 5\r\n", "hell"), ("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n")] {
            var inBody = Client()
            inBody.send()
            #expect(isResponse(inBody.receiveHead("HTTP/1.1 200 OK\r\n\(fields)\r\n")))
            #expect(inBody.receiveBody(body).outcome == .more)
            #expect(inBody.machine.peerClosed() == .truncated)
            #expect(inBody.receiveBody().outcome == .refused(.truncatedBody))
        }
    }

    @Test func aCloseMayEndABodyWithoutLength() {
        var client = Client()
        client.send()
        #expect(isResponse(client.receiveHead("HTTP/1.1 200 OK\r\n\r\n")))
        #expect(client.machine.responseFraming == .untilClose)
        #expect(client.receiveBody("some").payload == "some")
        #expect(!client.machine.isResponseWhole)
        #expect(client.machine.peerClosed() == .complete)
        #expect(client.machine.isResponseWhole)
        #expect(!client.machine.isReusable)
    }

    @Test func aCloseWhileIdle() {
        var fresh = HTTP1ClientMachine()
        #expect(fresh.peerClosed() == .idle)
        #expect(!fresh.isReusable)
        var used = Client()
        used.send()
        _ = used.receiveHead(empty)
        #expect(used.machine.peerClosed() == .complete)
        #expect(!used.machine.isReusable)
    }

    // MARK: A response before the request is whole

    @Test func anEarlyResponseIsReadAndTheConnectionGivenUp() {
        var client = Client()
        client.begin(.post, .length(100), ["some"])
        client.machine.noteWritten(40)
        #expect(!client.machine.shouldStopSending)
        #expect(isResponse(client.receiveHead("HTTP/1.1 413 x\r\nContent-Length: 2\r\n\r\n")))
        #expect(client.machine.shouldStopSending)
        client.machine.abandonRequest()
        #expect(!client.machine.shouldStopSending)
        #expect(client.receiveBody("no").outcome == .ended)
        #expect(!client.machine.isReusable)
    }

    @Test func anEarlyHeadWithAWholeRequestStaysReusable() {
        var client = Client()
        client.begin(.post, .length(2), [])
        client.machine.noteWritten(40)
        #expect(isResponse(client.receiveHead("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")))
        withBytes("hi") { client.machine.writeBody($0, to: &client.written) }
        #expect(client.machine.endRequest(to: &client.written) == true)
        #expect(client.receiveBody("ok").outcome == .ended)
        #expect(client.machine.isReusable)
    }
}
