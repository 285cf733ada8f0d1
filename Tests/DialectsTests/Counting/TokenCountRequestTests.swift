import Streaming
import Testing

@testable import Dialects

@Suite struct TokenCountRequestTests {
    private static func counted(_ request: String, _ dialect: Dialect) throws -> String {
        try Array(request.utf8).withUnsafeBytes { bytes in
            let counted = try TokenCountRequest(bytes, dialect: dialect, model: "m-1", reader: JSONReader())
            return String(decoding: counted.body, as: UTF8.self)
        }
    }

    @Test("Of a request goes on what the counting endpoint takes", arguments: [
        (
            Dialect.messages,
            #"{"model":"m-1","max_tokens":9,"stream":true,"system":"s","messages":[{"role":"user","content":"a\nb"}],"temperature":0.5,"stop_sequences":["x"],"tools":[],"tool_choice":{"type":"auto"},"thinking":{"type":"enabled","budget_tokens":1024},"output_config":{"effort":"low"},"metadata":{},"service_tier":"auto","top_p":1}"#,
            #"{"model":"m-1","system":"s","messages":[{"role":"user","content":"a\nb"}],"tools":[],"tool_choice":{"type":"auto"},"thinking":{"type":"enabled","budget_tokens":1024},"output_config":{"effort":"low"}}"#
        ),
        (
            .responses,
            #"{"model":"m-1","input":[],"instructions":"i","max_output_tokens":16,"stream":false,"store":false,"include":[],"temperature":1,"text":{"verbosity":"low"},"reasoning":{"effort":"low"},"tools":[],"tool_choice":"auto","parallel_tool_calls":true,"prompt_cache_key":"k","user":"u","metadata":{}}"#,
            #"{"model":"m-1","input":[],"instructions":"i","text":{"verbosity":"low"},"reasoning":{"effort":"low"},"tools":[],"tool_choice":"auto","parallel_tool_calls":true}"#
        ),
        (
            .gemini, #"{"contents":[{"parts":[{"text":"a"}]}],"systemInstruction":{},"generationConfig":{"topK":1},"tools":[],"toolConfig":{},"labels":{}}"#,
            #"{"generateContentRequest":{"model":"models/m-1","contents":[{"parts":[{"text":"a"}]}],"systemInstruction":{},"generationConfig":{"topK":1},"tools":[],"toolConfig":{}}}"#
        ),
        (.gemini, "{}", #"{"generateContentRequest":{"model":"models/m-1"}}"#),
        (.messages, #"{ "mod\u0065l" : "m-1" , "x" : {"model":1} }"#, #"{"mod\u0065l":"m-1"}"#),
    ]) func keepsWhatCounts(_ dialect: Dialect, _ request: String, _ expected: String) throws {
        #expect(try Self.counted(request, dialect) == expected)
    }

    @Test(arguments: ["", "[]", "{", "7"]) func refusesWhatIsNoRequest(_ request: String) {
        #expect(throws: RequestProblem.notAnObject) { try Self.counted(request, .messages) }
    }

    @Test("A request that is only counted needs no bound for an answer", arguments: [Dialect.chat, .responses, .gemini])
    func translatesWithoutABound(_ target: Dialect) throws {
        let body = Array(#"{"model":"m","messages":[{"role":"user","content":"How many?"}]}"#.utf8)
        func translated(isCounted: Bool) throws -> String {
            try body.withUnsafeBytes { bytes in
                let translation = try RequestTranslation(
                    bytes, dialect: .messages, target: TranslationTarget(dialect: target, model: "m-1"), plan: AnswerPlan(), tape: JSONTape(),
                    reader: JSONReader(), isCounted: isCounted)
                return String(decoding: translation.body, as: UTF8.self)
            }
        }
        #expect(throws: RequestProblem.missing(member: "max_tokens")) { try translated(isCounted: false) }
        let text = try translated(isCounted: true)
        #expect(text.contains("How many?") && !text.lowercased().contains("max"))
    }

    @Test("Gemini's wrapper is taken off", arguments: [
        (#"{"contents":[1]}"#, Dialect.gemini, #"{"contents":[1]}"#),
        (#"{"generateContentRequest": {"contents":[1]} }"#, .gemini, #"{"contents":[1]}"#),
        (#"{"generate_content_request":{"contents":[1]},"contents":[]}"#, .gemini, #"{"contents":[1]}"#),
        (#"{"generateContentRequest":null,"contents":[2]}"#, .gemini, #"{"generateContentRequest":null,"contents":[2]}"#),
        (#"{"generateContentRequest":{"contents":[1]}}"#, .chat, #"{"generateContentRequest":{"contents":[1]}}"#), ("{", .gemini, "{"),
    ]) func unwraps(_ body: String, _ dialect: Dialect, _ expected: String) {
        let inner = body.borrowed { String(decoding: GeminiCountRequest.request(in: $0, dialect: dialect, tape: JSONTape()), as: UTF8.self) }
        #expect(inner == expected)
    }

    @Test("A count goes from any dialect into any other", arguments: [
        (#"{"input_tokens":14}"#, Dialect.messages), (#"{"object":"response.input_tokens","input_tokens":14}"#, .responses),
        (#"{"totalTokens":14,"promptTokensDetails":[{"modality":"TEXT","tokenCount":14}]}"#, .gemini), (#" {"input_tokens": 1.4e1} "#, .messages),
    ]) func reads(_ document: String, _ dialect: Dialect) throws {
        let answer = try #require(document.borrowed { TokenCountAnswer($0, dialect: dialect, reader: JSONReader()) })
        #expect(answer.json(in: .messages) == #"{"input_tokens":14}"#)
        #expect(answer.json(in: .responses) == #"{"object":"response.input_tokens","input_tokens":14}"#)
        #expect(answer.json(in: .gemini) == #"{"totalTokens":14}"#)
        for written in Dialect.allCases {
            #expect(answer.json(in: written).borrowed { TokenCountAnswer($0, dialect: written, reader: JSONReader()) } == answer)
        }
    }

    @Test(arguments: ["", "{}", "[]", #"{"input_tokens":"14"}"#, #"{"input_tokens":-1}"#, #"{"totalTokens":3}"#, "<html>"])
    func findsNoCount(_ document: String) {
        #expect(document.borrowed { TokenCountAnswer($0, dialect: .messages, reader: JSONReader()) } == nil)
    }
}
