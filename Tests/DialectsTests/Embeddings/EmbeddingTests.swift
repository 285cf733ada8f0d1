import Foundation
import Streaming
import Testing

@testable import Dialects

@Suite struct EmbeddingTests {
    // MARK: Requests

    private static func gemini(_ body: String) throws -> (body: String, encoding: EmbeddingRequest.Encoding) {
        try Array(body.utf8).withUnsafeBytes { bytes in
            let request = try GeminiEmbeddingRequest(bytes, model: "gemini-embedding-001", tape: JSONTape())
            return (String(decoding: request.body, as: UTF8.self), request.encoding)
        }
    }

    private static func request(_ text: String, _ more: String = "") -> String {
        #"{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"\#(text)"}]}\#(more)}"#
    }

    @Test("Texts become a batch", arguments: [
        (#"{"model":"x","input":"a \"b\"\n\u00e9"}"#, #"{"requests":[\#(request(#"a \"b\"\n\u00e9"#))]}"#, EmbeddingRequest.Encoding.float),
        (#"{"input":["a","b"],"encoding_format":"base64","user":"u"}"#, #"{"requests":[\#(request("a")),\#(request("b"))]}"#, .base64),
        (#"{"input":["a"],"dimensions":256,"encoding_format":"float"}"#, #"{"requests":[\#(request("a", #","outputDimensionality":256"#))]}"#, .float),
        (#"{"input":"","dimensions":null,"encoding_format":null}"#, #"{"requests":[\#(request(""))]}"#, .float),
    ]) func writesABatch(_ body: String, _ expected: String, _ encoding: EmbeddingRequest.Encoding) throws {
        let written = try Self.gemini(body)
        #expect(written.body == expected)
        #expect(written.encoding == encoding)
    }

    @Test("What cannot be embedded is refused by name", arguments: [
        (#"{"input":[1,2]}"#, RequestProblem.notTranslatable(member: "input", reason: "it takes texts, not tokens")),
        (#"{"input":[[1],[2]]}"#, .notTranslatable(member: "input", reason: "it takes texts, not tokens")),
        (#"{"input":["a",[1]]}"#, .notTranslatable(member: "input", reason: "it takes texts, not tokens")),
        ("{}", .missing(member: "input")), (#"{"input":null}"#, .missing(member: "input")), (#"{"input":[]}"#, .empty(member: "input")),
        (#"{"input":{}}"#, .wrongType(member: "input", expected: "a string or an array of strings")),
        (#"{"input":7}"#, .wrongType(member: "input", expected: "a string or an array of strings")),
        (#"{"input":["a",null]}"#, .wrongType(member: "input", expected: "an array of strings")),
        (#"{"input":"a","encoding_format":"int8"}"#, .invalid(member: "encoding_format", reason: "it is float or base64")),
        (#"{"input":"a","encoding_format":1}"#, .wrongType(member: "encoding_format", expected: "a string")),
        (#"{"input":"a","dimensions":0}"#, .wrongType(member: "dimensions", expected: "a positive integer")),
        (#"{"input":"a","dimensions":"9"}"#, .wrongType(member: "dimensions", expected: "a positive integer")),
        (#"{"input":"a","dimensions":1.5}"#, .wrongType(member: "dimensions", expected: "a positive integer")),
        ("[]", .notAnObject),
    ]) func refuses(_ body: String, _ problem: RequestProblem) {
        #expect(throws: problem) { try Self.gemini(body) }
    }

    @Test func inputsAreBounded() throws {
        func body(_ count: Int, _ input: String) -> String { "{\"input\":[\(Array(repeating: input, count: count).joined(separator: ","))]}" }
        #expect(try Self.gemini(body(2_048, "\"a\"")).body.components(separatedBy: "models/").count == 2_049)
        #expect(throws: RequestProblem.invalid(member: "input", reason: "it holds at most 2048 texts")) { try Self.gemini(body(2_049, "\"a\"")) }
        #expect(throws: RequestProblem.notTranslatable(member: "input", reason: "it takes texts, not tokens")) { try Self.gemini(body(2_049, "7")) }
    }

    @Test("The gateway's own count of the inputs", arguments: [
        (#"{"input":"two words"}"#, 1, 2), (#"{"input":["two words","one"]}"#, 2, 3), (#"{"input":[1,2,3]}"#, 1, 3), (#"{"input":[[1,2],[3]]}"#, 2, 3),
        (#"{"input":[]}"#, 0, 0), ("{}", 0, 0), ("{", 0, 0), (#"{"input":{"a":1}}"#, 0, 0),
    ]) func counts(_ body: String, _ inputs: Int, _ tokens: Int) {
        let request = body.borrowed { EmbeddingRequest($0, tape: JSONTape()) }
        #expect(request.inputCount == inputs)
        #expect(request.estimatedTokens == tokens)
    }

    // MARK: Answers

    private static func answer(_ document: String, inputs: Int, _ encoding: EmbeddingRequest.Encoding = .float) -> (body: String, usage: TokenUsage)? {
        let texts = Array(repeating: "\"three little words\"", count: inputs).joined(separator: ",")
        let request = #"{"input":[\#(texts)]}"#.borrowed { EmbeddingRequest($0, tape: JSONTape()) }
        return Array(document.utf8).withUnsafeBytes { bytes in
            guard let answer = EmbeddingAnswer(gemini: bytes, for: request, encoding: encoding, model: "google/g \"1\"", reader: JSONReader()) else { return nil }
            return (String(decoding: answer.body, as: UTF8.self), answer.usage)
        }
    }

    @Test func writesNumbersAsTheyStand() throws {
        let written = try #require(
            Self.answer(#"{"embeddings":[{"values":[0.1,-2e-05,3]},{"values":[1]}],"usageMetadata":{"promptTokenCount":5}}"#, inputs: 2))
        #expect(
            written.body
                == #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,-2e-05,3]},{"object":"embedding","index":1,"embedding":[1]}],"#
                + #""model":"google/g \"1\"","usage":{"prompt_tokens":5,"total_tokens":5}}"#)
        #expect(written.usage.input == 5 && !written.usage.isEstimated && written.usage.output == 0)
    }

    @Test("Base64 holds little-endian floats, whatever remains of the last group", arguments: 1...7)
    func writesBase64(_ count: Int) throws {
        let numbers = (0..<count).map { Float($0) * -0.03125 + 0.1 }
        let values = numbers.map { "\($0)" }.joined(separator: ", ")
        let written = try #require(Self.answer("{\"embeddings\":[{\"values\":[\(values)]}]}", inputs: 1, .base64))
        let document = try #require(try JSONSerialization.jsonObject(with: Data(written.body.utf8)) as? [String: Any])
        let first = try #require((document["data"] as? [[String: Any]])?.first)
        let bytes = try #require(Data(base64Encoded: first["embedding"] as? String ?? ""))
        let read = stride(from: 0, to: bytes.count, by: 4).map { start in
            Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) })
        }
        #expect(read == numbers)
    }

    @Test func estimatesWhereGeminiTellsNoCount() throws {
        let written = try #require(Self.answer(#"{"embeddings":[{"values":[1]},{"values":[2]}]}"#, inputs: 2))
        #expect(written.usage.input == 6 && written.usage.isEstimated)
        #expect(written.body.contains(#""usage":{"prompt_tokens":6,"total_tokens":6}"#))
    }

    @Test("An answer that is not a vector for each input is none", arguments: [
        "", "{}", "[]", #"{"embeddings":{}}"#, #"{"embeddings":[]}"#, #"{"embeddings":[{"values":[1]},{"values":[2]}]}"#,
        #"{"embeddings":[{"values":["1"]}]}"#, #"{"embeddings":[{"values":null}]}"#, #"{"embeddings":[1]}"#, #"{"error":{"code":500}}"#,
    ]) func refusesABadAnswer(_ document: String) {
        for encoding in [EmbeddingRequest.Encoding.float, .base64] { #expect(Self.answer(document, inputs: 1, encoding) == nil) }
    }
}
