import Streaming
import Testing

@testable import Dialects

@Suite struct RequestFactsTests {
    private func facts(_ body: String, _ dialect: Dialect = .chat) throws(RequestProblem) -> RequestFacts {
        let bytes = Array(body.utf8)
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(RequestProblem) in try RequestFacts(bytes, dialect: dialect, tape: JSONTape()) }
        }
        return try result.get()
    }

    @Test func modelIsDecodedAndItsPlaceKnown() throws {
        let body = #"{ "messages":[{"role":"user","content":"\"model\": \"no\""}], "mod\u0065l" : "gpt\u002d4o\/x" , "stream":true}"#
        let facts = try facts(body)
        #expect(facts.model == "gpt-4o/x")
        #expect(facts.isStreaming)
        let bytes = Array(body.utf8)
        #expect(String(decoding: bytes[facts.modelRange], as: UTF8.self) == #""gpt\u002d4o\/x""#)
    }

    @Test func nestedMembersDoNotCount() throws {
        let facts = try facts(#"{"metadata":{"model":"no","stream":true},"model":"yes","messages":[{"stream":true}]}"#)
        #expect(facts.model == "yes")
        #expect(!facts.isStreaming)
    }

    @Test(arguments: [
        ("", "The request body is empty; a JSON object is expected.", nil),
        ("{\"model\":\"a\"", "The request body is not valid JSON: unexpected end at byte 12.", nil),
        ("[]", "The request body must be a JSON object.", nil),
        ("\"x\"", "The request body must be a JSON object.", nil),
        ("{}", "Missing required parameter: 'model'.", "model"),
        ("{\"model\":null}", "Missing required parameter: 'model'.", "model"),
        ("{\"model\":7}", "Invalid type for 'model': expected a string.", "model"),
        ("{\"model\":\"\"}", "Parameter 'model' must not be empty.", "model"),
        ("{\"model\":\"a\",\"mode\\u006c\":\"b\"}", "Parameter 'model' is given more than once.", "model"),
        ("{\"model\":\"a\",\"stream\":true,\"stream\":false}", "Parameter 'stream' is given more than once.", "stream"),
        ("{\"model\":\"a\",\"stream\":1}", "Invalid type for 'stream': expected a boolean.", "stream"),
        (
            "{\"model\":\"a\",\"stream_options\":{}}",
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options"
        ),
        (
            "{\"model\":\"a\",\"stream\":true,\"stream_options\":7}", "Invalid type for 'stream_options': expected an object.",
            "stream_options"
        ),
        (
            "{\"model\":\"a\",\"stream\":true,\"stream_options\":{\"include_usage\":1}}",
            "Invalid type for 'stream_options.include_usage': expected a boolean.", "stream_options.include_usage"
        ),
        (
            "{\"model\":\"a\",\"stream\":true,\"stream_options\":{\"include_usage\":true,\"include_usage\":false}}",
            "Parameter 'stream_options.include_usage' is given more than once.", "stream_options.include_usage"
        ),
    ] as [(String, String, String?)])
    func problemsSayWhatIsWrong(_ body: String, _ message: String, _ param: String?) {
        let problem = #expect(throws: RequestProblem.self) { try facts(body) }
        #expect(problem?.message == message)
        #expect(problem?.param == param)
        #expect(problem?.body(in: .chat, requestID: nil).status == 400)
    }

    @Test func modelNameIsBounded() throws {
        #expect(try facts(#"{"model":"\#(String(repeating: "m", count: 256))"}"#).model.utf8.count == 256)
        #expect(throws: RequestProblem.tooLong(member: "model", bytesMax: 256)) {
            try facts(#"{"model":"\#(String(repeating: "m", count: 257))"}"#)
        }
        #expect(throws: RequestProblem.tooLong(member: "model", bytesMax: 256)) {
            try facts(#"{"model":"\#(String(repeating: "\\u00e9", count: 200))"}"#)
        }
    }

    @Test func streamNullIsFalse() throws {
        #expect(try !facts(#"{"model":"a","stream":null}"#).isStreaming)
        #expect(try facts(#"{"model":"a","stream":null,"stream_options":null}"#).usageOption == .absent)
    }

    @Test func streamOptionsAreNobodysBusinessElsewhere() throws {
        #expect(try facts(#"{"model":"a","stream":true,"stream_options":{"include_obfuscation":false}}"#, .responses).usageOption == .absent)
        #expect(try facts(#"{"model":"a","stream_options":7}"#, .messages).usageOption == .absent)
    }

    @Test func hintsAndBounds() throws {
        let chat = try facts(
            #"{"model":"a","max_tokens":5,"max_completion_tokens":9,"prompt_cache_key":"k","user":"u","safety_identifier":"s"}"#)
        #expect(chat.maxOutputTokens == 9)
        #expect(chat.sessionHint == "k")
        #expect(chat.userHint == "s")
        let responses = try facts(#"{"model":"a","max_output_tokens":64,"max_tokens":1,"previous_response_id":"resp_1"}"#, .responses)
        #expect(responses.maxOutputTokens == 64)
        #expect(responses.previousResponseID == "resp_1")
        let messages = try facts(#"{"model":"a","max_tokens":128000,"metadata":{"user_id":"{\"device\":\"d\"}"},"user":"no"}"#, .messages)
        #expect(messages.maxOutputTokens == 128_000)
        #expect(messages.userHint == #"{"device":"d"}"#)
        let odd = try facts(#"{"model":"a","max_tokens":"many","prompt_cache_key":7,"metadata":[],"user":{}}"#)
        #expect(odd.maxOutputTokens == nil)
        #expect(odd.sessionHint == nil)
        #expect(odd.userHint == nil)
    }

    @Test func longHintsAreCutAtACharacter() throws {
        let key = String(repeating: "x", count: 255) + "\\u00e9\\u00e9"
        #expect(try facts(#"{"model":"a","prompt_cache_key":"\#(key)"}"#).sessionHint == String(repeating: "x", count: 255))
        let accents = String(repeating: "é", count: 200)
        #expect(try facts(#"{"model":"a","prompt_cache_key":"\#(accents)"}"#).sessionHint == String(repeating: "é", count: 128))
    }

    /// The two halves of a surrogate pair are one character: half of one would be a U+FFFD that nobody wrote.
    @Test(arguments: 240...256) func longHintsAreNotCutInsideASurrogatePair(length: Int) throws {
        let text = String(repeating: "x", count: length)
        let whole = length + 12 <= 256
        for pair in ["\\ud83d\\ude00", "\\uDBFF\\uDFFF"] {
            let hint = try facts(#"{"model":"a","user":"\#(text)\#(pair)yyyyyyyyyyyyyyyy"}"#).userHint ?? ""
            #expect(hint.hasPrefix(text) && !hint.contains("\u{FFFD}"))
            #expect(hint.unicodeScalars.contains { $0.value > 0xFFFF } == whole)
        }
    }
}
