import Dialects
import Streaming
import TestSupport
import Testing

@testable import Gateway
@testable import HTTP

@Suite struct ForwardBodyTests {
    private func forwarded(_ text: String, to model: String) throws -> (text: String, parts: Int) {
        var storage = ByteAccumulator()
        withBytes(text) { storage.append($0) }
        let body = RequestBody(storage, budget: BodyBudget(bytesMax: 0), share: 0)
        let facts = try RequestFacts(body.bytes, dialect: .chat, tape: JSONTape())
        let parts = ForwardBody(body, edits: ForwardEdits(facts, upstreamModel: model)).parts()
        return (parts.map { String(decoding: $0.bytes, as: UTF8.self) }.joined(), parts.count)
    }

    @Test func sendsTheClientsBytesWhereNothingChanges() throws {
        let text = #"{ "model" : "m", "x":[1,  2], "model2":"m" }"#
        let sent = try forwarded(text, to: "m")
        #expect(sent.text == text)
        #expect(sent.parts == 1)
    }

    @Test func changesTheModelAndNothingElse() throws {
        #expect(
            try forwarded(#"{"a":1, "model" : "m" ,"stream":true,"z":"\u00fc"}"#, to: "p/\"n\"").text
                == #"{"a":1, "model" : "p/\"n\"" ,"stream":true,"stream_options":{"include_usage":true},"z":"\u00fc"}"#)
        #expect(try forwarded(#"{"model":"m","stream":false}"#, to: "n").text == #"{"model":"n","stream":false}"#)
    }
}
