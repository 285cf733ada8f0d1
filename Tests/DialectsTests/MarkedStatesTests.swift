import Foundation
import Streaming
import Testing

@testable import Dialects

@Suite struct MarkedStatesTests {
    private func forwarded(_ body: String, _ dialect: Dialect) throws -> String {
        try Array(body.utf8).withUnsafeBytes { bytes in
            let tape = JSONTape()
            let path: RequestPath? = dialect == .gemini ? RequestPath(model: "m", isStreaming: false) : nil
            let facts = try RequestFacts(bytes, dialect: dialect, path: path, tape: tape)
            var edits = ForwardEdits(facts, upstreamModel: facts.model)
            edits.leaveOutMarkedStates(in: bytes, dialect: dialect, tape: tape)
            var splicer = JSONSplicer()
            edits.apply(to: &splicer)
            var output: [UInt8] = []
            splicer.append(bytes, to: &output)
            return String(decoding: output, as: UTF8.self)
        }
    }

    /// Thinking of another provider goes, the client's own provider's stays byte for byte.
    @Test func messages() throws {
        let body = #"""
            {"model":"m","messages":[{"role":"assistant","content":[ {"type":"thinking","thinking":"a","signature":"ekai1:r:rs_1:xyz"}, {"type":"text", "text":"b"},{"type":"redacted_thinking","data":"ekai1:g::q"}]},
            {"role":"assistant","content":[{"type":"thinking","thinking":"c","signature":"own"},{"type":"text","text":"ekai1:"}]},{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"ekai1:g::q"}]}]}
            """#
        let expected = #"""
            {"model":"m","messages":[{"role":"assistant","content":[{"type":"text", "text":"b"}]},
            {"role":"assistant","content":[{"type":"thinking","thinking":"c","signature":"own"},{"type":"text","text":"ekai1:"}]},{"role":"assistant","content":[{"type":"text","text":"(Thinking.)"}]}]}
            """#
        #expect(try forwarded(body, .messages) == expected)
    }

    @Test func responses() throws {
        let body = #"{"model":"m","input":[{"type":"reasoning","summary":[],"encrypted_content":"ekai1:m::s"},{"type":"reasoning","encrypted_content":"own"},{"role":"user","content":"x"}]}"#
        #expect(
            try forwarded(body, .responses)
                == #"{"model":"m","input":[{"type":"reasoning","encrypted_content":"own"},{"role":"user","content":"x"}]}"#)
    }

    @Test func chat() throws {
        let body = #"{"model":"m","messages":[{"role":"assistant","content":"x","reasoning_details":[{"type":"reasoning.text","text":"t","signature":"ekai1:m::s"},{"type":"reasoning.encrypted","data":"own"}]}]}"#
        #expect(
            try forwarded(body, .chat)
                == #"{"model":"m","messages":[{"role":"assistant","content":"x","reasoning_details":[{"type":"reasoning.encrypted","data":"own"}]}]}"#)
    }

    @Test func gemini() throws {
        let state = Data("ekai1:m::s".utf8).base64EncodedString()
        let body = #"{"contents":[{"role":"model","parts":[{"thought":true,"text":"t","thoughtSignature":"\#(state)"},{"functionCall":{"name":"f"},"thoughtSignature":"\#(state)"},{"text":"x","thoughtSignature":"b3du"}]}]}"#
        #expect(
            try forwarded(body, .gemini)
                == #"{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"}},{"text":"x","thoughtSignature":"b3du"}]}]}"#)
    }

    /// The rare letter at the edges, and a mark that is text only: nothing changes.
    @Test(arguments: [
        #"{"model":"k","messages":[{"role":"user","content":"ekai1:m::s"}]}"#, #"{"model":"m","messages":[],"x":"kkekaikekai1"}"#,
    ]) func nothingElseChanges(_ body: String) throws {
        #expect(try forwarded(body, .chat) == body)
        #expect(try forwarded(body, .messages) == body)
    }
}
