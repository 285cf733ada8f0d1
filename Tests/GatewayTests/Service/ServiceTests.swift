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
