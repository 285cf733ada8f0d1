import Streaming
import Testing

@testable import Dialects

@Suite struct ForwardEditsTests {
    /// The body as it would go upstream, and whether the usage chunk is then hidden.
    private func forwarded(
        _ body: String, as model: String = "m", _ dialect: Dialect = .chat, acceptsStreamOptions: Bool = true
    ) throws -> (body: String, hides: Bool) {
        let bytes = Array(body.utf8)
        return try bytes.withUnsafeBytes { bytes in
            let facts = try RequestFacts(bytes, dialect: dialect, tape: JSONTape())
            let edits = ForwardEdits(facts, upstreamModel: model, acceptsStreamOptions: acceptsStreamOptions)
            var splicer = JSONSplicer()
            edits.apply(to: &splicer)
            #expect(splicer.isEmpty == edits.isEmpty)
            var output: [UInt8] = []
            splicer.append(bytes, to: &output)
            #expect(output.count == splicer.count(of: bytes))
            _ = try parsed(output)
            return (String(decoding: output, as: UTF8.self), edits.hidesUsageChunk)
        }
    }

    @Test func nothingToChangeIsByteForByte() throws {
        let body = " {\"messages\" : [ ] ,\n\"model\":\"m\", \"x_new\": {\"a\": 1.0e5}} "
        let result = try forwarded(body)
        #expect(result.body == body)
        #expect(!result.hides)
    }

    @Test func onlyTheModelChanges() throws {
        let result = try forwarded(#"{"a":1,"model" : "fast","z":"model"}"#, as: "gpt \"4\"")
        #expect(result.body == #"{"a":1,"model" : "gpt \"4\"","z":"model"}"#)
    }

    @Test func anEscapedModelOfTheSameNameStays() throws {
        #expect(try forwarded(#"{"model":"\u006d"}"#).body == #"{"model":"\u006d"}"#)
    }

    @Test(arguments: [
        (#"{"model":"m","stream":true}"#, #"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#),
        (#"{"stream" : true , "model":"m"}"#, #"{"stream" : true,"stream_options":{"include_usage":true} , "model":"m"}"#),
        (#"{"model":"m","stream":true,"stream_options":null}"#, #"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#),
        (#"{"model":"m","stream":true,"stream_options":{}}"#, #"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#),
        (#"{"stream_options":{ },"model":"m","stream":true}"#, #"{"stream_options":{"include_usage":true },"model":"m","stream":true}"#),
        (
            #"{"model":"m","stream":true,"stream_options":{"include_obfuscation":false}}"#,
            #"{"model":"m","stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}}"#
        ),
        (
            #"{"model":"m","stream":true,"stream_options":{"include_usage": false }}"#,
            #"{"model":"m","stream":true,"stream_options":{"include_usage": true }}"#
        ),
        (
            #"{"model":"m","stream":true,"stream_options":{"include_usage":null}}"#,
            #"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#
        ),
    ])
    func usageIsAskedForWhenTheClientDidNot(_ body: String, _ expected: String) throws {
        let result = try forwarded(body)
        #expect(result.body == expected)
        #expect(result.hides)
    }

    @Test func bothEditsTogether() throws {
        let result = try forwarded(#"{"stream":true,"model":"a"}"#, as: "b")
        #expect(result.body == #"{"stream":true,"stream_options":{"include_usage":true},"model":"b"}"#)
    }

    @Test(arguments: [
        #"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#, #"{"model":"m","stream":false}"#,
        #"{"model":"m","stream":null,"stream_options":null}"#, #"{"model":"m"}"#,
    ])
    func usageIsLeftAloneOtherwise(_ body: String) throws {
        let result = try forwarded(body)
        #expect(result.body == body)
        #expect(!result.hides)
    }

    @Test func otherDialectsAndShyProvidersAreLeftAlone() throws {
        let body = #"{"model":"m","stream":true}"#
        #expect(try forwarded(body, .responses) == (body, false))
        #expect(try forwarded(body, .messages) == (body, false))
        #expect(try forwarded(body, acceptsStreamOptions: false) == (body, false))
    }

    private func forwarded(_ body: String, _ dialect: Dialect) throws -> (body: String, hides: Bool) {
        try forwarded(body, as: "m", dialect)
    }
}
