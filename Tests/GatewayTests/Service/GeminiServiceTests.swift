import Testing
import TestSupport

@testable import Gateway

/// Gemini's paths through a whole gateway, to a provider that speaks Gemini.
@Suite struct GeminiServiceTests {
    private static let request = #"{"contents":[{"parts":[{"text":"hi"}]}]}"#
    private static let answer =
        #"{"candidates":[{"content":{"parts":[{"text":"Grüß"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":5},"responseId":"g1"}"#

    /// The request as the provider got it, and the client's answer.
    private func exchange(
        _ rig: GatewayRig, _ target: String, status: String = "200 OK", _ body: String = answer, request: String = request, fields: String = ""
    ) throws -> (asked: RawMessage, answer: RawMessage) {
        let client = try rig.connect()
        try client.post(target, request, fields: fields)
        let provider = try rig.provider.accept()
        let asked = try provider.readRequest()
        try provider.answerJSON(status, body, fields: "Connection: close\r\n")
        provider.close()
        return (asked, try client.readResponse())
    }

    @Test(arguments: ["/v1beta", "/v1"]) func passesAnAnswerOn(_ version: String) throws {
        let rig = try GatewayRig()
        let (asked, answer) = try exchange(
            rig, version + "/models/priced:generateContent?key=mine&x=1", fields: "X-Goog-Api-Key: mine\r\nX-Goog-User-Project: mine\r\n")
        #expect(asked.startLine.hasPrefix("POST /v1/models/priced-upstream:generateContent?x=1 "))
        #expect(asked["x-goog-api-key"] == GatewayRig.key)
        #expect(asked["x-goog-user-project"] == nil && asked["authorization"] == nil)
        #expect(asked.text == Self.request)
        #expect(answer.status == 200 && answer.text == Self.answer)
        #expect(answer["x-ekai-model"] == "priced-upstream")
        let books = try rig.books()
        #expect(books.contains(#""input_tokens":7"#) && books.contains(#""output_tokens":5"#) && books.contains(#""model":"priced""#))
    }

    /// The first element must come before the second is sent.
    @Test func passesAnArrayOnElementByElement() throws {
        let rig = try GatewayRig()
        let client = try rig.connect()
        try client.post("/v1beta/models/m:streamGenerateContent", Self.request)
        let provider = try rig.provider.accept()
        #expect(try provider.readRequest().startLine.hasPrefix("POST /v1/models/m:streamGenerateContent HTTP"))
        let first = "[" + #"{"candidates":[{"content":{"parts":[{"text":"a"}]}}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":1}}"#
        let rest = ",\r\n" + Self.answer + "]"
        try provider.send(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(first.utf8.count + rest.utf8.count)\r\n\r\n" + first)
        #expect(try client.readHead().status == 200)
        #expect(try client.read(through: #""candidatesTokenCount":1}}"#).hasSuffix(first))
        try provider.send(rest)
        #expect(try client.read(through: #""g1"}]"#).hasSuffix(rest))
        let books = try rig.books()
        #expect(books.contains(#""input_tokens":7"#) && books.contains(#""output_tokens":5"#))
    }

    @Test func resetsAnArrayThatIsCut() throws {
        let rig = try GatewayRig()
        let client = try rig.connect()
        try client.post("/v1beta/models/m:streamGenerateContent", Self.request)
        let provider = try rig.provider.accept()
        _ = try provider.readRequest()
        let cut = "[" + Self.answer + ","
        try provider.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\(String(cut.utf8.count, radix: 16))\r\n\(cut)\r\n0\r\n\r\n")
        // What was on its way may be lost with the reset.
        _ = try client.readToEnd()
        #expect(client.end == .reset)
        #expect(try rig.books().contains("truncated"))
    }

    @Test func countsTokensAndBooksNothing() throws {
        let rig = try GatewayRig { $0.providers[0].profile = .google }
        let wrapped = #"{"generateContentRequest":{"model":"models/priced","contents":[]}}"#
        let (asked, answer) = try exchange(rig, "/v1beta/models/priced:countTokens", #"{"totalTokens":31}"#, request: wrapped)
        #expect(asked.startLine.hasPrefix("POST /v1/models/priced-upstream:countTokens "))
        #expect(asked.text == #"{"generateContentRequest":{"model":"models/priced-upstream","contents":[]}}"#)
        #expect(answer.text == #"{"totalTokens":31}"#)
        let books = try rig.books()
        #expect(books.contains("\"totalRequests\":0"))
    }

    @Test func errorsPassByteForByteAndOursAreInGeminisShape() throws {
        let rig = try GatewayRig()
        let error = #"{ "error": {"code": 429, "message": "its own words", "status": "RESOURCE_EXHAUSTED"} }"#
        let passed = try exchange(rig, "/v1beta/models/m:generateContent", status: "429 Too Many Requests", error).answer
        #expect(passed.status == 429 && passed.text == error)
        let refused = try exchange(rig, "/v1beta/models/m:generateContent", status: "403 Forbidden", error).answer
        #expect(refused.status == 502 && refused["x-should-retry"] == "false")
        #expect(refused.text.hasPrefix(#"{"error":{"code":502,"message":"provider_auth_failed: "#) && refused.text.hasSuffix(#""status":"INTERNAL","details":[]}}"#))
        let client = try rig.connect()
        try client.post("/v1beta/models/m:generateContent", #"{"contents":7}"#)
        let bad = try client.readResponse()
        #expect(bad.status == 400)
        #expect(bad.text == #"{"error":{"code":400,"message":"Invalid type for 'contents': expected an array.","status":"INVALID_ARGUMENT","details":[]}}"#)
    }

    /// Google calls a wrong key a bad request; it is the operator's trouble all the same.
    @Test func aKeyThatGoogleRefusesIsNotTheClientsFault() throws {
        let rig = try GatewayRig { $0.providers[0].profile = .google }
        let error = #"{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#
        let refused = try exchange(rig, "/v1beta/models/m:generateContent", status: "400 Bad Request", error).answer
        #expect(refused.status == 502 && refused.text.contains("provider_auth_failed") && !refused.text.contains("not valid"))
        let other = error.replacing("API_KEY_INVALID", with: "SOMETHING_ELSE")
        #expect(try exchange(rig, "/v1beta/models/m:generateContent", status: "400 Bad Request", other).answer.text == other)
    }

    /// There is no end mark: what comes behind the finish reason, however late, is the client's.
    @Test func aStreamEndsWithItsBody() throws {
        let rig = try GatewayRig()
        let client = try rig.connect()
        let probe = try rig.connect()
        try client.post("/v1beta/models/m:streamGenerateContent?alt=sse", Self.request)
        let provider = try rig.provider.accept()
        _ = try provider.readRequest()
        let first = "data: \(Self.answer)\r\n\r\n"
        let second = "data: {\"usageMetadata\":{\"promptTokenCount\":7,\"candidatesTokenCount\":9}}\r\n\r\n"
        try provider.sendStreamHead(first.utf8.count + second.utf8.count)
        try provider.send(first)
        try rig.settle(probe)
        try provider.send(second)
        #expect(try client.readResponse().text == first + second)
        #expect(try rig.books().contains(#""output_tokens":9"#))
    }
}
