import Streaming
import Testing

@testable import Dialects

/// Gemini's requests: model and streaming come from the path, and the body goes on as it is.
@Suite struct GeminiRequestTests {
    private func facts(_ body: String, _ path: RequestPath? = RequestPath(model: "gem/pro:1", isStreaming: true)) throws(RequestProblem) -> RequestFacts {
        let bytes = Array(body.utf8)
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(RequestProblem) in try RequestFacts(bytes, dialect: .gemini, path: path, tape: JSONTape()) }
        }
        return try result.get()
    }

    private func forwarded(_ body: String, as model: String) throws -> String {
        let facts = try facts(body)
        let edits = ForwardEdits(facts, upstreamModel: model)
        #expect(!edits.hidesUsageChunk)
        var splicer = JSONSplicer()
        edits.apply(to: &splicer)
        var output: [UInt8] = []
        Array(body.utf8).withUnsafeBytes { splicer.append($0, to: &output) }
        return String(decoding: output, as: UTF8.self)
    }

    @Test func thePathDecides() throws {
        let body = #"{"model":"other","stream":false,"contents":[],"generationConfig":{"maxOutputTokens":77}}"#
        let facts = try facts(body)
        #expect(facts.model == "gem/pro:1" && facts.isStreaming && facts.maxOutputTokens == 77)
        #expect(facts.streamRange == nil && facts.modelRange.isEmpty && facts.usageOption == .absent)
        #expect(try forwarded(body, as: "upstream") == body)
        #expect(try !self.facts(#"{"contents":{"parts":[]}}"#, RequestPath(model: "m", isStreaming: false)).isStreaming)
        #expect(try self.facts(#"{"contents":[],"generation_config":{"max_output_tokens":5}}"#).maxOutputTokens == 5)
    }

    @Test func aWrappedRequestNamesItsModelOnceMore() throws {
        let body = #"{"generateContentRequest":{"model":"models/gem","contents":[]}}"#
        #expect(try forwarded(body, as: "up") == #"{"generateContentRequest":{"model":"models/up","contents":[]}}"#)
        let bare = #"{"generateContentRequest":{"contents":[]}}"#
        #expect(try forwarded(bare, as: "up") == bare)
    }

    @Test(arguments: [
        ("", "The request body is empty; a JSON object is expected."), ("[]", "The request body must be a JSON object."),
        ("{}", "Missing required parameter: 'contents'."), (#"{"contents":null}"#, "Missing required parameter: 'contents'."),
        (#"{"contents":"hi"}"#, "Invalid type for 'contents': expected an array."),
        (#"{"contents":[],"contents":[]}"#, "Parameter 'contents' is given more than once."),
        (#"{"generateContentRequest":7}"#, "Invalid type for 'generateContentRequest': expected an object."),
        (#"{"generateContentRequest":{"model":"models/m"}}"#, "Missing required parameter: 'contents'."),
    ]) func refuses(_ body: String, _ message: String) {
        do throws(RequestProblem) {
            _ = try facts(body)
            Issue.record("taken")
        } catch {
            #expect(error.message == message)
        }
    }

    @Test func modelsHaveBounds() {
        func problem(_ path: RequestPath?) -> RequestProblem? {
            do throws(RequestProblem) {
                _ = try facts(#"{"contents":[]}"#, path)
                return nil
            } catch {
                return error
            }
        }
        #expect(problem(nil) == .missing(member: "model"))
        #expect(problem(RequestPath(model: "", isStreaming: false)) == .empty(member: "model"))
        let bound = DialectLimits.modelNameBytesMax
        #expect(problem(RequestPath(model: String(repeating: "m", count: bound), isStreaming: false)) == nil)
        #expect(problem(RequestPath(model: String(repeating: "m", count: bound + 1), isStreaming: false)) == .tooLong(member: "model", bytesMax: bound))
    }
}
