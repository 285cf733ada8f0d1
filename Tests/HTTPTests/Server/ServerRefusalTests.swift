import Testing
import TestSupport

@testable import HTTP

/// What a server refuses, with one readable answer and the end of the connection.
@Suite struct ServerRefusalTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        var name: String
        var request: String
        var status: Int

        var testDescription: String { name }
    }

    static let refusals: [Refusal] = [
        Refusal(
            name: "length and chunked",
            request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            status: 400),
        Refusal(
            name: "two lengths", request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
            status: 400),
        Refusal(name: "chunked in HTTP/1.0", request: "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", status: 400),
        Refusal(name: "no Host", request: "GET / HTTP/1.1\r\n\r\n", status: 400),
        Refusal(name: "bare line end", request: "GET / HTTP/1.1\nHost: a\r\n\r\n", status: 400),
        Refusal(name: "bad chunk", request: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", status: 400),
        Refusal(name: "announced too large", request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n", status: 413),
        Refusal(
            name: "too large", status101: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n", status: 413),
        Refusal(name: "long target", request: "GET /\(String(repeating: "t", count: 300)) HTTP/1.1\r\nHost: a\r\n\r\n", status: 414),
        Refusal(
            name: "large head", request: "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 2_000))\r\n\r\n",
            status: 431),
        Refusal(
            name: "many fields", request: "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 20) + "\r\n",
            status: 431),
        Refusal(name: "HTTP/3.0", request: "GET / HTTP/3.0\r\nHost: a\r\n\r\n", status: 505),
        Refusal(name: "HTTP/2 preface", request: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", status: 505),
        Refusal(name: "CONNECT", request: "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", status: 501),
        Refusal(name: "expectation", request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: tea\r\n\r\n", status: 417),
    ]

    private static func limits(_ limits: inout ServerLimits) {
        limits.http.bodyBytesMax = 100
        limits.http.targetBytesMax = 256
        limits.http.headBytesMax = 1_024
        limits.http.fieldCountMax = 16
    }

    @Test(arguments: refusals) func refuses(_ refusal: Refusal) throws {
        let rig = try ServerRig(Self.limits)
        let socket = try rig.connect()
        // What follows a refused request is never taken for another one.
        try socket.send(refusal.request + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try socket.readResponse()
        #expect(answer.status == refusal.status)
        #expect(answer["connection"] == "close")
        #expect(try socket.readToEnd().isEmpty)
        #expect(socket.end == .finished)
    }

    @Test func carriesItsHandlersFields() throws {
        let answer = try ServerRig(Self.limits).answer(to: "GET / HTTP/3.0\r\nHost: a\r\n\r\n")
        #expect(answer["x-request-id"] == "refused-505")
        #expect(answer["content-type"] == "text/plain")
    }

    /// The reset for the unread rest must not overtake the answer (RFC 9112 section 9.6).
    @Test func letsAClientThatStillSendsReadTheRefusal() throws {
        let rig = try ServerRig(Self.limits)
        let socket = try rig.connect()
        try socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n")
        let piece = [UInt8](repeating: 0x61, count: 100_000)
        for _ in 0..<10 { try socket.send(piece) }
        let answer = try socket.readResponse()
        #expect(answer.status == 413)
        #expect(answer.isWhole)
        for _ in 0..<10 { try socket.send(piece) }
        #expect(try socket.readToEnd().isEmpty)
        #expect(socket.end == .finished)
    }

    @Test func refusesAHeadThatWasCutOff() throws {
        let rig = try ServerRig()
        let socket = try rig.connect()
        try socket.send("GET / HTT")
        socket.finishSending()
        #expect(try socket.readResponse().status == 400)
    }

    @Test func refusesABodyBeyondTheBudgetOfAllBodies() throws {
        let rig = try ServerRig(budget: 10)
        let socket = try rig.connect()
        try socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world")
        #expect(try socket.readResponse().status == 503)
        #expect(rig.budget.usedBytes == 0)
        try socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhelloworld")
        #expect(try socket.readResponse().text == "POST / helloworld")
        try rig.loop.settle()
        #expect(rig.budget.usedBytes == 0)
    }

    @Test func closesConnectionsBeyondTheirBound() throws {
        let rig = try ServerRig { $0.connectionsMax = 1 }
        let first = try rig.connect()
        try first.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try first.readResponse().text == "GET /1 ")
        let second = try rig.connect()
        #expect(try second.readToEnd().isEmpty)
        try first.send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try first.readResponse().text == "GET /2 ")
    }
}

extension ServerRefusalTests.Refusal {
    /// A chunked body of 101 bytes behind this head.
    init(name: String, status101 head: String, status: Int) {
        self.init(name: name, request: head + String(repeating: "b", count: 101) + "\r\n0\r\n\r\n", status: status)
    }
}
