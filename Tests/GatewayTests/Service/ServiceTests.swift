import Foundation
import Testing
import TestSupport

@testable import Gateway

/// What a whole gateway answers itself, and how it tells a provider's refusals.
@Suite struct ServiceTests {
    private func exchange(_ status: String, _ body: String, path: String = "/v1/chat/completions") throws -> RawMessage {
        let rig = try GatewayRig()
        let client = try rig.connect()
        try client.post(path, #"{"model":"m-1","max_tokens":1,"messages":[]}"#)
        let provider = try rig.provider.accept()
        _ = try provider.readRequest()
        try provider.answerJSON(status, body)
        return try client.readResponse()
    }

    @Test(arguments: ["401 Unauthorized", "402 Payment Required", "403 Forbidden"])
    func keepsTroubleWithItsOwnKeyToItself(_ status: String) throws {
        let answer = try exchange(status, #"{"error":{"message":"bad key \#(GatewayRig.key)"}}"#)
        #expect(answer.status == 502)
        #expect(answer["x-should-retry"] == "false")
        #expect(answer.text.contains("provider_auth_failed"))
        #expect(!answer.text.contains("bad key"))
    }

    @Test(arguments: ["400 Bad Request", "404 Not Found", "422 Unprocessable Entity", "429 Too Many Requests", "500 Oops", "529 Overloaded"])
    func passesRefusalsOnAsTheyAre(_ status: String) throws {
        let answer = try exchange(status, #"{"error":{"message":"its own words"}}"#)
        #expect("\(answer.status)" == status.prefix(3))
        #expect(answer.text == #"{"error":{"message":"its own words"}}"#)
    }

    @Test func masksItsKeyInARefusal() throws {
        let answer = try exchange("400 Bad Request", #"{"error":{"message":"key \#(GatewayRig.key) is odd"}}"#)
        #expect(answer.status == 400)
        #expect(!answer.text.contains(GatewayRig.key))
        #expect(answer.text.contains("is odd"))
    }

    /// In an answer's head, in an error's body that comes in two reads, in a whole answer and in an event, cut at every byte of the key.
    @Test func masksItsKeyWhereverItIsCut() throws {
        let rig = try GatewayRig()
        let client = try rig.connect()
        let probe = try rig.connect()
        let key = GatewayRig.key
        let inBase64 = Data("user:\(key)".utf8).base64EncodedString()
        let event = #"data: {"choices":[{"index":0,"delta":{"content":"a \#(key) \#(inBase64) b"}}]}"# + "\n\ndata: [DONE]\n\n"
        let error = #"{"error":{"message":"a \#(key) \#(inBase64) b"}}"#
        var upstream: RawSocket?
        for cut in 0...key.utf8.count {
            for (status, text, isStream) in [("400 Bad", error, false), ("200 OK", error, false), ("200 OK", event, true)] {
                try client.post("/v1/chat/completions", #"{"model":"m-1","stream":\#(isStream),"messages":[]}"#)
                let provider = try upstream ?? rig.provider.accept()
                upstream = provider
                _ = try provider.readRequest()
                let type = isStream ? "text/event-stream" : "application/json"
                try provider.send(
                    "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(text.utf8.count)\r\nX-Request-Id: \(key)\r\n"
                        + "X-RateLimit-Key: \(inBase64)\r\n\r\n")
                let bytes = Array(text.utf8)
                let place = text.utf8.count - text[try #require(text.range(of: key)).lowerBound...].utf8.count + cut
                try provider.send(Array(bytes[..<place]))
                try rig.settle(probe)
                try provider.send(Array(bytes[place...]))
                let answer = try client.readResponse()
                #expect(answer.text.contains("a \(String(repeating: "*", count: key.utf8.count)) "), "cut at \(cut): \(answer.text)")
                #expect(!answer.text.contains(inBase64.dropFirst(8).prefix(12)), "cut at \(cut): \(answer.text)")
                #expect(answer.body.count == bytes.count)
                #expect(answer["x-ekai-upstream-request-id"] == String(repeating: "*", count: key.utf8.count))
                #expect(answer["x-ratelimit-key"]?.contains("****") == true)
            }
        }
        #expect(!(try rig.books()).contains(key))
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var request: String
        var status: Int
        var isAnthropic = false
        var testDescription: String { request }
    }

    private static let refusals = [
        Refused(request: "GET /nothing HTTP/1.1\r\nHost: localhost\r\n", status: 404),
        Refused(request: "GET /v1/messages/nothing HTTP/1.1\r\nHost: localhost\r\n", status: 404, isAnthropic: true),
        Refused(request: "GET /v1/messages HTTP/1.1\r\nHost: localhost\r\n", status: 405, isAnthropic: true),
        Refused(request: "GET /v1/models HTTP/1.1\r\nHost: evil.example\r\n", status: 403),
        Refused(request: "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n", status: 415, isAnthropic: true),
        Refused(
            request: "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n",
            status: 413, isAnthropic: true),
        Refused(request: "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n", status: 400, isAnthropic: true),
        Refused(request: "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nExpect: tea\r\n", status: 417, isAnthropic: true),
        Refused(request: "POST /v1beta/models/g:embedContent HTTP/1.1\r\nHost: localhost\r\n", status: 404),
        Refused(request: "GET /v1beta/models/g:generateContent HTTP/1.1\r\nHost: localhost\r\n", status: 405),
        Refused(request: "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n", status: 501),
    ]

    @Test(arguments: refusals) func everyRefusalHasAnID(_ refused: Refused) throws {
        let rig = try GatewayRig()
        for own in [nil, "mine-1", "not sane"] as [String?] {
            let client = try rig.connect()
            try client.send(refused.request + (own.map { "X-Request-ID: \($0)\r\n" } ?? "") + "\r\n")
            let answer = try client.readResponse()
            #expect(answer.status == refused.status)
            let id = try #require(answer["x-request-id"])
            #expect(own == "mine-1" ? id == "mine-1" : id.hasPrefix("req_"))
            #expect(answer["request-id"] == (refused.isAnthropic ? id : nil))
            if refused.isAnthropic { #expect(answer.text.contains("\"request_id\":\"\(id)\"")) }
        }
    }

    @Test func refusalsOfBrokenHeadsHaveIDsToo() throws {
        let rig = try GatewayRig(server: ", limits: { header_timeout: 1s }")
        for (request, status) in [
            ("GET / HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "x", count: 70_000))\r\n\r\n", 431), ("GET / HTTP/1.1\r\nHost", 408),
            ("GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", 505), ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ] {
            let client = try rig.connect()
            try client.send(request)
            let answer = try client.readResponse()
            #expect(answer.status == status)
            #expect(answer["x-request-id"]?.hasPrefix("req_") == true)
        }
    }

    @Test func showsTheProviderItsOwnKeyAndNothingOfTheClients() throws {
        let rig = try GatewayRig()
        let client = try rig.connect()
        try client.post(
            "/v1/messages?beta=true", #"{"model":"m-1","max_tokens":1,"messages":[]}"#,
            fields: "Authorization: Bearer mine\r\nX-Api-Key: mine\r\nCookie: a=mine\r\nAnthropic-Version: 2023-06-01\r\n"
                + "Accept-Encoding: gzip\r\nX-Request-ID: abc-1\r\n")
        let provider = try rig.provider.accept()
        let request = try provider.readRequest()
        #expect(request.startLine == "POST /v1/messages?beta=true HTTP/1.1")
        #expect(request.fields.allSatisfy { !$0.value.contains("mine") })
        #expect(request["authorization"] == "Bearer \(GatewayRig.key)")
        #expect(request["anthropic-version"] == "2023-06-01")
        #expect(request["accept-encoding"] == "identity")
        #expect(request["via"]?.hasPrefix("1.1 ekai-gateway-") == true)
        try provider.answerJSON("200 OK", #"{"id":"msg_1","type":"message","content":[],"usage":{"input_tokens":1,"output_tokens":1}}"#)
        let answer = try client.readResponse()
        #expect(answer.status == 200)
        #expect(answer["x-request-id"] == "abc-1")
        #expect(answer["request-id"] == "abc-1")
    }

    struct Asked: Sendable, CustomTestStringConvertible {
        var request: String
        var status: Int
        var says: String
        var testDescription: String { request }
    }

    @Test(arguments: [
        Asked(request: "GET /livez", status: 200, says: #""status":"ok""#),
        Asked(request: "GET /readyz", status: 200, says: #""status":"ok""#),
        Asked(request: "GET /health", status: 200, says: #""version":"#),
        Asked(request: "GET /", status: 200, says: "Ekai"),
        Asked(request: "GET /api/hello", status: 200, says: "Ekai"),
        Asked(request: "GET /config/status", status: 200, says: #""mock":true"#),
        Asked(request: "GET /v1/models", status: 200, says: #""object":"list""#),
        Asked(request: "GET /v1/models/priced", status: 200, says: #""id":"priced""#),
        Asked(request: "GET /v1/models/none", status: 404, says: "not_found_error"),
        Asked(request: "GET /usage", status: 200, says: #""totalRequests":0"#),
        Asked(request: "GET /usage?startTime=x", status: 400, says: "Invalid startTime format"),
        Asked(request: "GET /nothing", status: 404, says: "not_found_error"),
        Asked(request: "DELETE /v1/models", status: 405, says: "GET, HEAD"),
        Asked(request: "GET /v1/messages", status: 405, says: #""type":"error""#),
        Asked(request: "POST /v1/messages", status: 415, says: #""type":"error""#),
    ]) func answersItself(_ asked: Asked) throws {
        let rig = try GatewayRig()
        let client = try rig.connect()
        try client.send("\(asked.request) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let answer = try client.readResponse()
        #expect(answer.status == asked.status)
        #expect(answer.text.contains(asked.says), "\(answer.text)")
    }

    @Test(arguments: ["Host: evil.example\r\n", "Host: localhost\r\nOrigin: https://evil.example\r\n", "Host: localhost\r\nOrigin: null\r\n"])
    func refusesForeignPages(_ fields: String) throws {
        let rig = try GatewayRig()
        let client = try rig.connect()
        try client.send("GET /v1/models HTTP/1.1\r\n\(fields)\r\n")
        #expect(try client.readResponse().status == 403)
    }

    @Test func refusesItsOwnRequests() throws {
        let rig = try GatewayRig()
        let client = try rig.connect()
        try client.post("/v1/messages", "{}", fields: "Via: 1.0 fred, \(rig.via)\r\n")
        #expect(try client.readResponse().status == 508)
    }

    @Test func tellsAProviderThatHangsUp() throws {
        let rig = try GatewayRig()
        let client = try rig.connect()
        try client.post("/v1/chat/completions", #"{"model":"m-1","messages":[]}"#)
        let provider = try rig.provider.accept()
        _ = try provider.readRequest()
        provider.reset()
        let answer = try client.readResponse()
        #expect(answer.status == 502)
        #expect(answer.text.contains("upstream_failed"))
        #expect(try rig.books().contains(#""totalRequests":1"#))
    }
}
