import Foundation
import Streaming
import Testing

@testable import Dialects

@Suite struct ErrorBodyTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func openAIBodies() {
        let error = ErrorBody(dialect: .chat, kind: .invalidRequest, message: "Missing 'model'.", param: "model", requestID: "r")
        #expect(error.status == 400)
        #expect(text(error.json()) == #"{"error":{"message":"Missing 'model'.","type":"invalid_request_error","param":"model","code":null}}"#)
        let refused = ErrorBody(dialect: .responses, kind: .providerAuthFailed, message: "no")
        #expect(refused.status == 502)
        #expect(text(refused.json()) == #"{"error":{"message":"no","type":"api_error","param":null,"code":"provider_auth_failed"}}"#)
        #expect(refused.kind.forbidsRetry)
    }

    @Test func anthropicBodiesCarryTheRequestID() {
        let error = ErrorBody(dialect: .messages, kind: .overloaded, message: "busy", requestID: "req_1")
        #expect(error.status == 529)
        #expect(text(error.json()) == #"{"type":"error","error":{"type":"overloaded_error","message":"busy"},"request_id":"req_1"}"#)
        #expect(text(ErrorBody(dialect: .messages, kind: .providerAuthFailed, message: "no").json()).contains("provider_auth_failed"))
    }

    @Test func geminisBodiesHaveStatusAndCode() {
        let error = ErrorBody(dialect: .gemini, kind: .modelNotFound, message: "no \"m\"", param: "model", requestID: "r")
        #expect(error.status == 404)
        #expect(text(error.json()) == #"{"error":{"code":404,"message":"no \"m\"","status":"NOT_FOUND","details":[]}}"#)
        #expect(text(error.streamEnding()) == #"data: {"error":{"code":404,"message":"no \"m\"","status":"NOT_FOUND","details":[]}}"# + "\n\n")
        #expect(text(ErrorBody(dialect: .gemini, kind: .providerAuthFailed, message: "no").json()).contains("provider_auth_failed: no"))
    }

    @Test(arguments: ErrorKind.allCases) func geminisStatusIsOneOfGooglesForItsCode(_ kind: ErrorKind) {
        // google.rpc.Code names and the statuses that Google gives them.
        let statuses: [String: Set<Int>] = [
            "INVALID_ARGUMENT": [400, 405, 413, 415], "UNAUTHENTICATED": [401], "PERMISSION_DENIED": [403], "NOT_FOUND": [404],
            "RESOURCE_EXHAUSTED": [429], "INTERNAL": [500, 502], "UNAVAILABLE": [503], "DEADLINE_EXCEEDED": [504],
        ]
        #expect(statuses[kind.type(in: .gemini).description]?.contains(kind.status(in: .gemini)) == true)
    }

    @Test(arguments: [
        (ErrorKind.invalidRequest, 400, "invalid_request_error", 400, "invalid_request_error"),
        (.authenticationFailed, 401, "authentication_error", 401, "authentication_error"),
        (.permissionDenied, 403, "permission_error", 403, "permission_error"),
        (.notFound, 404, "not_found_error", 404, "not_found_error"),
        (.modelNotFound, 404, "not_found_error", 404, "not_found_error"),
        (.methodNotAllowed, 405, "invalid_request_error", 405, "invalid_request_error"),
        (.requestTooLarge, 413, "invalid_request_error", 413, "request_too_large"),
        (.unsupportedMediaType, 415, "invalid_request_error", 415, "invalid_request_error"),
        (.rateLimited, 429, "rate_limit_error", 429, "rate_limit_error"),
        (.overloaded, 503, "overloaded_error", 529, "overloaded_error"),
        (.upstreamFailed, 502, "api_error", 502, "api_error"),
        (.providerAuthFailed, 502, "api_error", 502, "api_error"),
        (.timeout, 504, "api_error", 504, "timeout_error"),
        (.budgetExceeded, 429, "insufficient_quota", 402, "billing_error"),
        (.internal, 500, "api_error", 500, "api_error"),
        (.notTranslatable, 400, "invalid_request_error", 400, "invalid_request_error"),
    ] as [(ErrorKind, Int, String, Int, String)])
    func everyKindHasItsWords(_ kind: ErrorKind, _ openAI: Int, _ openAIType: String, _ anthropic: Int, _ anthropicType: String) throws {
        for dialect in [Dialect.chat, .responses] {
            #expect(kind.status(in: dialect) == openAI)
            #expect(kind.type(in: dialect).description == openAIType)
        }
        #expect(kind.status(in: .messages) == anthropic)
        #expect(kind.type(in: .messages).description == anthropicType)
    }

    @Test func anyMessageIsEscaped() throws {
        let nasty = "quote \" back \\ newline \n\r\n tab \t nul \u{0} bell \u{7} del \u{7f} é 😀 \u{2028} </script> data: x"
        for dialect in Dialect.allCases {
            let error = ErrorBody(dialect: dialect, kind: .internal, message: nasty, requestID: "id\"\n")
            let body = try parsed(error.json())
            #expect((body["error"] as? [String: Any])?["message"] as? String == nasty)
            let ending = String(decoding: error.streamEnding(), as: UTF8.self)
            #expect(ending.hasSuffix("\n\n"))
            let relayed = try relay(error.streamEnding(), dialect)
            #expect(relayed.ending == .failed)
            #expect(relayed.answer.failure?.message == nasty)
        }
    }

    @Test func chatEndsWithOneErrorAndNoEndMark() {
        let error = ErrorBody(dialect: .chat, kind: .upstreamFailed, message: "gone")
        #expect(
            text(error.streamEnding())
                == "data: {\"error\":{\"message\":\"gone\",\"type\":\"api_error\",\"param\":null,\"code\":\"upstream_failed\"}}\n\n")
    }

    @Test func messagesEndWithAnErrorEvent() {
        let error = ErrorBody(dialect: .messages, kind: .timeout, message: "slow", requestID: "req_1")
        #expect(
            text(error.streamEnding())
                == "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"timeout_error\",\"message\":\"slow\"},\"request_id\":\"req_1\"}\n\n")
    }

    @Test func responsesEndGoesOnCounting() throws {
        let error = ErrorBody(dialect: .responses, kind: .upstreamFailed, message: "gone")
        let position = ResponsesPosition(lastSequenceNumber: 41, responseID: "resp_1", model: "gpt-5", createdAt: 1_763_474_589)
        let events = text(error.streamEnding(at: position)).components(separatedBy: "\n\n")
        #expect(events.count == 3)
        #expect(events[0].hasPrefix("event: error\ndata: "))
        #expect(events[1].hasPrefix("event: response.failed\ndata: "))
        let first = try parsed(Array(events[0].dropFirst("event: error\ndata: ".count).utf8))
        let second = try parsed(Array(events[1].dropFirst("event: response.failed\ndata: ".count).utf8))
        #expect(first["sequence_number"] as? Int == 42)
        #expect(first["message"] as? String == "gone")
        #expect((first["error"] as? [String: Any])?["message"] as? String == "gone")
        #expect(second["sequence_number"] as? Int == 43)
        let response = try #require(second["response"] as? [String: Any])
        #expect(response["id"] as? String == "resp_1")
        #expect(response["model"] as? String == "gpt-5")
        #expect(response["status"] as? String == "failed")
        #expect(response["created_at"] as? Int == 1_763_474_589)
        #expect((response["error"] as? [String: Any])?["code"] as? String == "upstream_failed")
    }

    @Test func responsesEndBeforeAnyEventCountsFromZero() {
        let ending = text(ErrorBody(dialect: .responses, kind: .overloaded, message: "x").streamEnding())
        #expect(ending.contains("\"sequence_number\":0"))
        #expect(ending.contains("\"sequence_number\":1"))
        let last = ResponsesPosition(lastSequenceNumber: .max)
        #expect(!ErrorBody(dialect: .responses, kind: .overloaded, message: "x").streamEnding(at: last).isEmpty)
    }
}

@Suite struct UpstreamErrorPolicyTests {
    @Test(arguments: [400, 404, 409, 413, 422, 429, 500, 502, 503, 504, 520, 529])
    func theSameDialectPassesTheUpstreamsWords(_ status: Int) {
        #expect(UpstreamErrorPolicy(status: status, isSameDialect: true) == .pass)
    }

    @Test(arguments: [401, 402, 403])
    func theOperatorsKeyIsNotTheClients(_ status: Int) {
        for isSameDialect in [true, false] {
            #expect(UpstreamErrorPolicy(status: status, isSameDialect: isSameDialect) == .replace(.providerAuthFailed))
        }
    }

    @Test(arguments: [100, 301, 302, 307, 405, 407, 411, 414, 421, 426, 431, 600])
    func whatConcernsTheGatewayIsItsFailure(_ status: Int) {
        #expect(UpstreamErrorPolicy(status: status, isSameDialect: true) == .replace(.upstreamFailed))
    }

    @Test func anotherDialectGetsTheMappedKind() {
        #expect(UpstreamErrorPolicy(status: 429, isSameDialect: false) == .translate(.rateLimited))
        #expect(UpstreamErrorPolicy(status: 529, isSameDialect: false) == .translate(.overloaded))
        #expect(UpstreamErrorPolicy(status: 503, isSameDialect: false) == .translate(.overloaded))
        #expect(UpstreamErrorPolicy(status: 400, isSameDialect: false) == .translate(.invalidRequest))
        #expect(UpstreamErrorPolicy(status: 404, isSameDialect: false) == .translate(.modelNotFound))
        #expect(UpstreamErrorPolicy(status: 500, isSameDialect: false) == .translate(.upstreamFailed))
        #expect(UpstreamErrorPolicy(status: 408, isSameDialect: true) == .replace(.timeout))
    }

    @Test func aGeminiArrayEndsWithTheError() throws {
        let ending = String(decoding: ErrorBody(dialect: .gemini, kind: .overloaded, message: "x").arrayEnding(), as: UTF8.self)
        let array = try JSONSerialization.jsonObject(with: Data(("[{}" + ending).utf8)) as? [[String: Any]]
        #expect((array?.last?["error"] as? [String: Any])?["status"] as? String == "UNAVAILABLE")
    }
}
