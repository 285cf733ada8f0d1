import HTTP
import Testing

/// A connection as the driver sees it: unread bytes in, written bytes out, one call a step.
private struct Server {
    var machine: HTTP1ServerMachine
    let head = MessageHead()
    var unread: [UInt8] = []
    var written: [UInt8] = []

    init(_ bytes: String = "", limits: HTTP1Limits = HTTP1Limits()) {
        machine = HTTP1ServerMachine(limits: limits)
        unread = Array(bytes.utf8)
    }

    mutating func receiveHead() -> HTTP1ServerMachine.HeadOutcome {
        let outcome = unread.withUnsafeBytes { machine.receiveHead($0, into: head) }
        if case .request(let consumed) = outcome { unread.removeFirst(consumed) }
        return outcome
    }

    /// Reads what there is of the body; the payload.
    mutating func receiveBody() -> (payload: String, outcome: HTTP1BodyDecoder.Outcome) {
        let progress = unread.withUnsafeMutableBytes { machine.receiveBody($0) }
        let payload = text(Array(unread[..<progress.payloadCount]))
        unread.removeFirst(progress.consumed)
        return (payload, progress.outcome)
    }

    mutating func drain() -> HTTP1ServerMachine.DrainOutcome {
        let outcome = unread.withUnsafeMutableBytes { machine.drain($0) }
        switch outcome {
        case .needMore: unread.removeAll()
        case .nextRequest(let consumed): unread.removeFirst(consumed)
        case .close: break
        }
        return outcome
    }

    /// A whole answer; what it wrote, and how the connection goes on.
    mutating func answer(
        _ status: UInt16, _ body: OutgoingBody, _ pieces: [String] = []
    ) -> (wire: String, next: HTTP1ServerMachine.AfterResponse) {
        written = []
        let plan = machine.beginResponse(status: status, body: body)
        HeadWriter.statusLine(status, to: &written)
        plan.writeFields(to: &written)
        HeadWriter.end(to: &written)
        for piece in pieces { withBytes(piece) { machine.writeBody($0, to: &written) } }
        let next = machine.endResponse(to: &written)
        return (text(written), next)
    }

    mutating func answer(
        _ body: OutgoingBody, _ pieces: [String] = []
    ) -> (wire: String, next: HTTP1ServerMachine.AfterResponse) {
        answer(200, body, pieces)
    }
}

private let get = "GET /a HTTP/1.1\r\nHost: g\r\n\r\n"

private func post(_ fields: String, _ body: String = "") -> String {
    "POST /v1/messages HTTP/1.1\r\nHost: g\r\n\(fields)\r\n\(body)"
}

@Suite struct HTTP1ServerMachineTests {
    // MARK: Response framing

    @Test(arguments: [
        ("GET", "1.1", 200, .length(2), "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", .nextRequest),
        ("GET", "1.1", 200, .none, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", .nextRequest),
        ("GET", "1.1", 200, .stream, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", .nextRequest),
        ("HEAD", "1.1", 200, .length(2), "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n", .nextRequest),
        ("HEAD", "1.1", 200, .stream, "HTTP/1.1 200 OK\r\n\r\n", .nextRequest),
        ("HEAD", "1.0", 200, .stream, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", .close(lingering: false)),
        ("GET", "1.1", 204, .none, "HTTP/1.1 204 No Content\r\n\r\n", .nextRequest),
        ("GET", "1.1", 204, .stream, "HTTP/1.1 204 No Content\r\n\r\n", .nextRequest),
        ("GET", "1.1", 304, .length(2), "HTTP/1.1 304 Not Modified\r\ncontent-length: 2\r\n\r\n", .nextRequest),
        ("GET", "1.1", 304, .none, "HTTP/1.1 304 Not Modified\r\n\r\n", .nextRequest),
        ("GET", "1.0", 200, .length(2), "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi", .close(lingering: false)),
        ("GET", "1.0", 200, .stream, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhi", .close(lingering: false)),
    ] as [(String, String, UInt16, OutgoingBody, String, HTTP1ServerMachine.AfterResponse)])
    func framesAnswers(
        _ method: String, _ version: String, _ status: UInt16, _ body: OutgoingBody, _ wire: String,
        _ next: HTTP1ServerMachine.AfterResponse
    ) {
        var server = Server("\(method) / HTTP/\(version)\r\nHost: g\r\n\r\n")
        #expect(server.receiveHead() != .needMore)
        let answer = server.answer(status, body, body == .none ? [] : ["hi"])
        #expect(answer.wire == wire)
        #expect(answer.next == next)
        #expect(server.machine.awaitsHead == (next == .nextRequest))
    }

    @Test func keepsAnHTTP10ConnectionThatAsksForIt() {
        let request = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        var server = Server(request + request)
        _ = server.receiveHead()
        let known = server.answer(.length(2), ["hi"])
        #expect(known.wire == "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nhi")
        #expect(known.next == .nextRequest)
        _ = server.receiveHead()
        let stream = server.answer(.stream, ["hi"])
        #expect(stream.wire == "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhi")
        #expect(stream.next == .close(lingering: false))
    }

    @Test func closesWhenTheClientOrTheServerSaysSo() {
        var client = Server("GET / HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n")
        _ = client.receiveHead()
        #expect(client.answer(.none).wire.contains("connection: close\r\n"))
        var draining = Server(get)
        _ = draining.receiveHead()
        draining.machine.closeAfterResponse()
        let answer = draining.answer(.none)
        #expect(answer.wire.contains("connection: close\r\n"))
        #expect(answer.next == .close(lingering: false))
    }

    @Test(arguments: [([], HTTP1ServerMachine.AfterResponse.abort), (["h"], .abort), (["h", "i"], .nextRequest), (["hi", "!"], .abort)])
    func anAnswerThatBreaksItsLengthIsCutOff(_ pieces: [String], _ next: HTTP1ServerMachine.AfterResponse) {
        var server = Server(get)
        _ = server.receiveHead()
        let answer = server.answer(.length(2), pieces)
        #expect(answer.next == next)
        #expect(answer.wire.hasSuffix("\r\n\r\n" + pieces.joined().prefix(2)))
    }

    @Test func emptyPiecesDoNotEndAStream() {
        var server = Server(get)
        _ = server.receiveHead()
        #expect(server.answer(.stream, ["", "a", ""]).wire.hasSuffix("\r\n\r\n1\r\na\r\n0\r\n\r\n"))
    }

    // MARK: Requests

    @Test func pipelinedRequestsAreReadInTheirTurn() {
        var server = Server(post("Content-Length: 3\r\n", "one") + post("Transfer-Encoding: chunked\r\n", "3\r\ntwo\r\n0\r\n\r\n") + get)
        for expected in ["one", "two"] {
            #expect(server.machine.awaitsHead)
            _ = server.receiveHead()
            #expect(!server.machine.awaitsHead)
            let body = server.receiveBody()
            #expect(body.payload == expected)
            #expect(body.outcome == .ended)
            #expect(server.machine.isRequestWhole)
            #expect(server.receiveBody().outcome == .ended)
            #expect(server.answer(.none).next == .nextRequest)
        }
        guard case .request = server.receiveHead() else {
            Issue.record("the third request")
            return
        }
        #expect(server.unread.isEmpty)
        #expect(server.machine.isRequestWhole)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", HTTPRefusal.missingHost, 400),
        ("GET / HTTP/3.0\r\nHost: g\r\n\r\n", .unsupportedVersion, 505),
        (post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), .lengthWithTransferCoding, 400),
        (post("Content-Length: 33554433\r\n"), .bodyTooLarge, 413),
        (post("Expect: the-unexpected\r\nContent-Length: 1\r\n"), .expectationFailed, 417),
        (post("Expect: 100-continue\r\nExpect: 100-continue\r\n"), .expectationFailed, 417),
        (post("Expect: 100-continue, x\r\n"), .expectationFailed, 417),
        ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", .connectNotSupported, 501),
    ] as [(String, HTTPRefusal, UInt16)])
    func refusesOnceAndCloses(_ request: String, _ reason: HTTPRefusal, _ status: UInt16) {
        var server = Server(request + get)
        #expect(server.receiveHead() == .refused(reason))
        #expect(reason.status == status)
        #expect(!server.machine.awaitsHead)
        #expect(server.machine.awaitsResponse)
        #expect(server.receiveBody().outcome == .refused(reason))
        let answer = server.answer(reason.status, .length(3), ["no!"])
        #expect(answer.wire.hasSuffix("content-length: 3\r\nconnection: close\r\n\r\nno!"))
        #expect(answer.next == .close(lingering: true))
        #expect(!server.machine.awaitsHead)
    }

    @Test func aRefusedHEADHasNoBodyEither() {
        var server = Server("HEAD / HTTP/1.1\r\nHost: g\r\nContent-Length: x\r\n\r\n")
        #expect(server.receiveHead() == .refused(.invalidLength))
        #expect(server.answer(400, .length(3), ["no!"]).wire.hasSuffix("\r\n\r\n"))
    }

    @Test func theLargestBodyPassesAndOneByteMoreDoesNot() {
        var limits = HTTP1Limits()
        limits.bodyBytesMax = 4
        var fits = Server(post("Content-Length: 4\r\n", "four"), limits: limits)
        _ = fits.receiveHead()
        #expect(fits.receiveBody().outcome == .ended)
        var chunked = Server(post("Transfer-Encoding: chunked\r\n", "4\r\nfour\r\n1\r\n!\r\n0\r\n\r\n"), limits: limits)
        _ = chunked.receiveHead()
        let body = chunked.receiveBody()
        #expect(body.outcome == .refused(.bodyTooLarge))
        #expect(body.payload.isEmpty)
        #expect(chunked.answer(413, .none).next == .close(lingering: true))
    }

    @Test func http2OnlyAtTheStart() {
        let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        var first = Server(preface)
        #expect(first.receiveHead() == .http2Preface)
        var second = Server(get + preface)
        _ = second.receiveHead()
        _ = second.answer(.none)
        #expect(second.receiveHead() == .refused(.unsupportedVersion))
    }

    // MARK: Expect: 100-continue (RFC 9110 section 10.1.1)

    @Test func continuesOnceWhenTheHandlerReads() {
        var server = Server(post("Expect: 100-Continue\r\nContent-Length: 2\r\n"))
        _ = server.receiveHead()
        #expect(server.machine.startReadingBody() == true)
        #expect(server.machine.startReadingBody() == false)
        server.unread = Array("hi".utf8)
        #expect(server.receiveBody().outcome == .ended)
        #expect(server.answer(.none).next == .nextRequest)
    }

    @Test func doesNotContinueWhatHasBegun() {
        var server = Server(post("Expect: 100-continue\r\nContent-Length: 2\r\n", "h"))
        _ = server.receiveHead()
        _ = server.receiveBody()
        #expect(server.machine.startReadingBody() == false)
    }

    @Test(arguments: [
        post("Expect: 100-continue\r\n"), post("Expect: 100-continue\r\nContent-Length: 0\r\n"), post("Content-Length: 2\r\n"),
        "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.0\r\nExpect: nonsense\r\nContent-Length: 2\r\n\r\n",
    ])
    func doesNotContinueWithoutNeed(_ request: String) {
        var server = Server(request)
        guard case .request = server.receiveHead() else {
            Issue.record("accepted")
            return
        }
        #expect(server.machine.startReadingBody() == false)
    }

    @Test func anAnswerInsteadOfContinueCloses() {
        var server = Server(post("Expect: 100-continue\r\nContent-Length: 2\r\n"))
        _ = server.receiveHead()
        let answer = server.answer(401, .none)
        #expect(answer.wire.contains("connection: close"))
        #expect(answer.next == .close(lingering: true))
    }

    // MARK: Unread bodies

    @Test func drainsASmallUnreadBody() {
        var server = Server(post("Content-Length: 6\r\n", "abc"))
        _ = server.receiveHead()
        #expect(server.answer(404, .none).next == .drain)
        #expect(!server.machine.awaitsHead)
        #expect(server.drain() == .needMore)
        server.unread = Array(("def" + get).utf8)
        #expect(server.drain() == .nextRequest(consumed: 3))
        #expect(server.machine.awaitsHead)
        guard case .request = server.receiveHead() else {
            Issue.record("the next request")
            return
        }
    }

    @Test func announcesTheCloseInsteadOfDrainingALot() {
        for (length, isKept) in [(262_144, true), (262_145, false)] {
            var server = Server(post("Content-Length: \(length)\r\n"))
            _ = server.receiveHead()
            let answer = server.answer(404, .none)
            #expect(answer.next == (isKept ? .drain : .close(lingering: true)))
            #expect(answer.wire.contains("connection: close") != isKept)
        }
    }

    @Test func drainsABodyOfUnknownLengthOnlySoFar() {
        var limits = HTTP1Limits()
        limits.drainBytesMax = 20
        var server = Server(post("Transfer-Encoding: chunked\r\n"), limits: limits)
        _ = server.receiveHead()
        #expect(server.answer(404, .none).next == .drain)
        server.unread = Array("a\r\n0123456789\r\n".utf8)
        #expect(server.drain() == .needMore)
        server.unread = Array("a\r\n0123456789\r\n".utf8)
        #expect(server.drain() == .close)
        #expect(server.drain() == .close)
    }

    @Test func brokenFramingEndsTheDraining() {
        var server = Server(post("Transfer-Encoding: chunked\r\n", "zz\r\n"))
        _ = server.receiveHead()
        #expect(server.answer(404, .none).next == .drain)
        #expect(server.drain() == .close)
    }

    // MARK: The client's end of stream

    @Test func tellsWhereTheClientLeft() {
        var fresh = Server()
        #expect(fresh.machine.peerClosed() == .betweenRequests)
        var inHead = Server("GET / HT")
        #expect(inHead.receiveHead() == .needMore)
        #expect(inHead.machine.hasPartialHead)
        #expect(inHead.machine.peerClosed() == .insideRequest)
        var inBody = Server(post("Content-Length: 6\r\n", "abc"))
        _ = inBody.receiveHead()
        _ = inBody.receiveBody()
        #expect(inBody.machine.peerClosed() == .insideRequest)
        #expect(inBody.receiveBody().outcome == .refused(.truncatedBody))
        var waiting = Server(get)
        _ = waiting.receiveHead()
        #expect(waiting.machine.peerClosed() == .duringResponse)
        #expect(waiting.answer(.none).next == .close(lingering: false))
        var after = Server(get)
        _ = after.receiveHead()
        _ = after.answer(.none)
        #expect(after.machine.peerClosed() == .betweenRequests)
        var draining = Server(post("Content-Length: 6\r\n", "abc"))
        _ = draining.receiveHead()
        _ = draining.answer(.none)
        #expect(draining.machine.peerClosed() == .betweenRequests)
    }
}
