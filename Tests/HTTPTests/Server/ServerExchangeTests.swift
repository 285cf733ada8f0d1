import Testing
import TestSupport

@testable import HTTP

/// One server connection at a time over a real socket: answers, their order, and where requests may be cut.
@Suite struct ServerExchangeTests {
    @Test func keepsTheConnectionFromRequestToRequest() throws {
        let rig = try ServerRig()
        let socket = try rig.connect()
        for index in 0..<3 {
            try socket.send("POST /\(index) HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
            let answer = try socket.readResponse()
            #expect(answer.status == 200)
            #expect(answer.text == "POST /\(index) hi")
            #expect(answer["connection"] == nil)
            #expect(answer["date"] != nil)
        }
        #expect(try rig.connectionCount == 1)
    }

    @Test func putsCommonFieldsIntoOneHead() throws {
        let rig = try ServerRig { exchange in
            if text(exchange.request.path) != "/plain" { exchange.commonFields = [CommonField(.vary, Array("Origin".utf8))] }
            if text(exchange.request.path) != "/silent" { exchange.answer(204, contentType: "text/plain", []) }
        }
        let socket = try rig.connect()
        for (path, vary) in [("/", "Origin"), ("/plain", nil), ("/silent", "Origin")] {
            try socket.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try socket.readResponse()
            #expect(answer.status == (path == "/silent" ? 500 : 204))
            #expect(answer["vary"] == vary, "\(path)")
        }
    }

    @Test func knowsTheOtherEnd() throws {
        let rig = try ServerRig { exchange in
            exchange.answer(200, contentType: "text/plain", Array((exchange.peerAddress?.description ?? "nobody").utf8))
        }
        let answer = try rig.answer(to: "GET / HTTP/1.1\r\nHost: a\r\n\r\n").text
        #expect(answer.hasPrefix("127.0.0.1:"))
        #expect(answer != "127.0.0.1:\(rig.port)")
    }

    @Test func answersPipelinedRequestsInOrder() throws {
        let rig = try ServerRig()
        let socket = try rig.connect()
        let requests = (0..<20).map { "POST /\($0) HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx" }
        try socket.send(requests.joined())
        for index in 0..<20 { #expect(try socket.readResponse().text == "POST /\(index) x") }
    }

    @Test func answersPipelinedRequestsOfAClientThatFinished() throws {
        let rig = try ServerRig()
        let socket = try rig.connect()
        try rig.loop.settle()
        try rig.loop.whileHeld {
            try socket.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
            socket.finishSending()
        }
        #expect(try socket.readResponse().text == "GET /1 ")
        #expect(try socket.readResponse().text == "GET /2 ")
        #expect(try socket.readToEnd().isEmpty)
        #expect(socket.end == .finished)
    }

    @Test func promptsAClientThatWaitsToBeTold() throws {
        let rig = try ServerRig()
        let socket = try rig.connect()
        try socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(try socket.read(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        try socket.send("ok")
        #expect(try socket.readResponse().text == "POST / ok")
    }

    @Test func doesNotPromptAClientWhoseBodyIsThere() throws {
        let rig = try ServerRig()
        let answer = try rig.answer(
            to: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nok")
        // Whether the body came with the head is the network's choice; both ways are right (RFC 9110 section 10.1.1).
        #expect(answer.status == 200 || answer.status == 100)
    }

    @Test func closesWhenAnExpectingClientIsRefusedUnasked() throws {
        let rig = try ServerRig { exchange in exchange.answer(403, contentType: "text/plain", Array("no".utf8)) }
        let socket = try rig.connect()
        try socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        let answer = try socket.readResponse()
        #expect(answer.status == 403)
        #expect(answer["connection"] == "close")
        socket.finishSending()
        #expect(try socket.readToEnd().isEmpty)
    }

    @Test func sendsNoBodyToHEAD() throws {
        let rig = try ServerRig()
        let socket = try rig.connect()
        try socket.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try socket.readResponse(hasBody: false)["content-length"] == "8")
        try socket.send("GET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try socket.readResponse().text == "GET /b ")
    }

    @Test func servesHTTP10() throws {
        let rig = try ServerRig()
        let closing = try rig.connect()
        try closing.send("GET /a HTTP/1.0\r\n\r\n")
        #expect(try closing.readResponse().text == "GET /a ")
        #expect(try closing.readToEnd().isEmpty)
        let keeping = try rig.connect()
        for _ in 0..<2 {
            try keeping.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let answer = try keeping.readResponse()
            #expect(answer.text == "GET /a ")
            #expect(answer["connection"] == "keep-alive")
        }
    }

    @Test func streamsToHTTP10UpToTheClose() throws {
        let rig = try ServerRig { exchange in
            exchange.sendHead(200, body: .stream) { _ in }
            exchange.send(text: "one ")
            exchange.send(text: "two")
            exchange.finish()
        }
        let answer = try rig.answer(to: "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(answer["transfer-encoding"] == nil)
        #expect(answer.text == "one two")
        #expect(answer.isWhole)
        #expect(try rig.answer(to: "GET / HTTP/1.1\r\nHost: a\r\n\r\n")["transfer-encoding"] == "chunked")
    }

    @Test func readsAHeadCutAnywhere() throws {
        let rig = try ServerRig()
        let socket = try rig.connect()
        let request = Array("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc".utf8)
        for cut in 1..<request.count {
            try socket.send(Array(request[..<cut]))
            try rig.loop.settle()
            try socket.send(Array(request[cut...]))
            #expect(try socket.readResponse().text == "POST /x abc", "cut at \(cut)")
        }
    }

    @Test func readsAChunkedBodyCutAnywhere() throws {
        let rig = try ServerRig()
        let socket = try rig.connect()
        let head = Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
        let body = Array("3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n".utf8)
        for cut in 0..<body.count {
            try socket.send(head + body[..<cut])
            try rig.loop.settle()
            try socket.send(Array(body[cut...]))
            #expect(try socket.readResponse().text == "POST / abcde", "cut at \(cut)")
        }
    }

    @Test func drainsABodyThatNobodyReads() throws {
        let rig = try ServerRig { exchange in exchange.answer(404, contentType: "text/plain", Array("no".utf8)) }
        let socket = try rig.connect()
        for _ in 0..<2 {
            try socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n")
            try socket.send([UInt8](repeating: 0x61, count: 20_000))
            #expect(try socket.readResponse().status == 404)
        }
    }

}
