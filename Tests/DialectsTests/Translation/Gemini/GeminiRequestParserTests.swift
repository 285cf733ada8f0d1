import Foundation
import Streaming
import Testing

@testable import Dialects

@Suite struct GeminiRequestParserTests {
    private func turns(_ contents: String) throws -> [String] {
        try Conversation.gemini("{\"contents\":\(contents)}") { lines($0.turns) }
    }

    private func problem(_ json: String) -> RequestProblem? {
        do {
            try Conversation.gemini(json) { _ in }
            return nil
        } catch {
            return error as? RequestProblem
        }
    }

    // MARK: Contents

    @Test func rolesAndShorthands() throws {
        #expect(try turns(#"[{"parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"b"}]},{"role":"user","parts":[{"text":"c"}]}]"#)
            == ["user text a", "assistant text b", "user text c"])
        #expect(try turns(#""just a text""#) == ["user text just a text"])
        #expect(try turns(#"["one",{"role":"model","parts":"two"},{"parts":{"text":"three"}}]"#)
            == ["user text one", "assistant text two", "user text three"])
        #expect(try turns(#"{"role":"user","parts":[{"text":"a"},{"text":""},{"text":"b"}]}"#) == ["user text a", "user text b"])
    }

    /// Each content adds a call to those before it; to copy them each time would take minutes.
    @Test func aHistoryOfManyCalls() throws {
        let call = #"{"role":"model","parts":[{"functionCall":{"name":"f"}}]}"#
        let contents = Array(repeating: call, count: 80_000) + [#"{"parts":[{"functionResponse":{"name":"f","response":{"output":"r"}}}]}"#]
        let read = try turns("[\(contents.joined(separator: ","))]")
        #expect(read.count == 80_001 && read[79_999].hasPrefix("assistant call call_g79999_0 f ") && read[80_000] == "user result call_g0_0 f text r")
    }

    @Test func whatIsWrongIsNamed() {
        #expect(problem("{}") == .missing(member: "contents"))
        #expect(problem(#"{"contents":[]}"#) == .empty(member: "contents"))
        #expect(problem(#"{"contents":7}"#) == .wrongType(member: "contents", expected: "an array"))
        #expect(problem(#"{"contents":[7]}"#) == .wrongType(member: "contents", expected: "an array of content objects"))
        #expect(problem(#"{"contents":[{"role":"invalid_role","parts":[]}]}"#)
            == .invalid(member: "contents.role", reason: "a role is 'user' or 'model'"))
        #expect(problem(#"{"contents":[{"parts":[7]}]}"#) == .wrongType(member: "contents.parts", expected: "an array of part objects"))
        #expect(problem(#"{"contents":[{"parts":[{"text":7}]}]}"#) == .wrongType(member: "contents.parts.text", expected: "a string"))
        #expect(problem(#"{"contents":[{"parts":[{"functionCall":{}}]}]}"#) == .missing(member: "contents.parts.functionCall.name"))
        #expect(problem(#"{"contents":[{"parts":[{"functionCall":{"name":"f","args":"x"}}]}]}"#)
            == .wrongType(member: "contents.parts.functionCall.args", expected: "an object"))
        #expect(problem(#"{"contents":[{"parts":[{"inlineData":{"data":"QQ=="}}]}]}"#) == .missing(member: "contents.parts.inlineData.mimeType"))
        #expect(problem(#"{"contents":"a","tools":7}"#) == .wrongType(member: "tools", expected: "an array"))
        #expect(problem(#"{"contents":"a","tools":[{"functionDeclarations":[{}]}]}"#) == .missing(member: "tools.functionDeclarations.name"))
        #expect(problem(#"{"contents":"a","generationConfig":[]}"#) == .wrongType(member: "generationConfig", expected: "an object"))
        #expect(problem(#"{"contents":"a","generationConfig":{"temperature":"hot"}}"#)
            == .wrongType(member: "generationConfig.temperature", expected: "a number"))
        #expect(problem(#"{"contents":"a","generation_config":{"stop_sequences":[1]}}"#)
            == .wrongType(member: "generationConfig.stopSequences", expected: "an array of strings"))
        #expect(problem(#"{"contents":"a","cachedContent":"cachedContents/1"}"#)
            == .notTranslatable(member: "cachedContent", reason: "the cached content is kept by Google"))
        #expect(problem(#"{"contents":"a","generationConfig":{"responseModalities":["IMAGE"]}}"#)
            == .notTranslatable(member: "generationConfig.responseModalities", reason: "it answers with text only"))
        #expect(problem(#"{"contents":"a","toolConfig":{"functionCallingConfig":{"mode":"SOME"}}}"#)
            == .invalid(member: "toolConfig.functionCallingConfig.mode", reason: "it is AUTO, NONE, ANY or VALIDATED"))
    }

    @Test func whatOnlyGoogleKnowsIsPassedOver() {
        #expect(problem(#"{"contents":"a","safetySettings":[{"category":"X","threshold":"Y"}],"labels":{"a":"b"},"modelArmorConfig":{}}"#) == nil)
        #expect(problem(#"{"contents":[{"parts":[{"videoMetadata":{}},{"somethingNew":1}]}],"generationConfig":{"mediaResolution":"LOW"}}"#) == nil)
    }

    @Test(arguments: ["systemInstruction", "system_instruction"])
    func systemInstruction(_ name: String) throws {
        for value in [#""Be brief.""#, #"{"parts":[{"text":"Be brief."}]}"#, #"{"role":"user","parts":{"text":"Be brief."}}"#, #"["Be brief."]"#] {
            let texts = try Conversation.gemini(#"{"contents":"a","\#(name)":\#(value)}"#) { conversation in
                lines([ConversationTurn(role: .system, parts: conversation.system)])
            }
            #expect(texts == ["system text Be brief."])
        }
    }

    // MARK: Parts

    @Test func media() throws {
        #expect(try turns(#"[{"parts":[{"inlineData":{"mimeType":"image/PNG","data":"a-_b"}},{"inline_data":{"mime_type":"audio/mpeg","data":"QUJD"}}]}]"#)
            == ["user image image/png a+/b", "user audio mp3 QUJD"])
        #expect(try turns(#"[{"parts":[{"inlineData":{"mimeType":"application/pdf","data":"QQ","displayName":"a.pdf"}}]}]"#)
            == ["user file application/pdf QQ== a.pdf"])
        #expect(try turns(#"[{"parts":[{"inlineData":{"mimeType":"text/plain","data":"MTIz"}}]}]"#) == ["user file text 123 -"])
        #expect(try turns(#"[{"parts":[{"fileData":{"fileUri":"https://x/y.png","mimeType":"image/png"}},{"file_data":{"file_uri":"gs://b/c.pdf"}}]}]"#)
            == ["user image url https://x/y.png", "user file id gs://b/c.pdf -"])
        #expect(try turns(#"[{"role":"model","parts":[{"executableCode":{"language":"PYTHON","code":"print(1)"}},{"codeExecutionResult":{"output":"1\n"}}]}]"#)
            == ["assistant text ```python\nprint(1)\n```", "assistant text ```\n1\n\n```"])
    }

    @Test func thoughtsAreJoinedAndStatesFindTheirPlace() throws {
        let marked = Base64.encoded("ekai1:m::sig\"na\\ture".utf8)
        #expect(try turns(#"""
            [{"role":"model","parts":[{"text":"I ","thought":true},{"text":"think","thought":true},{"text":"","thought":true,"thoughtSignature":"\#(marked)"},
            {"text":"so","thoughtSignature":"QUJD"},{"functionCall":{"name":"f"},"thought_signature":"REVG"}]}]
            """#) == [
                "assistant thinking I think messages::sig\"na\\ture", "assistant sealed gemini::QUJD", "assistant text so",
                "assistant call call_g0_0 f '' gemini::REVG",
            ])
        let reasoning = Base64.encoded("ekai1:r:rs_1:abc".utf8)
        #expect(try turns(#"[{"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"\#(reasoning)"}]}]"#)
            == ["assistant sealed responses:rs_1:abc", "assistant call call_g0_0 f {\"a\":1} -"])
    }

    @Test func resultsFindTheirCalls() throws {
        let parsed = try turns(
            #"""
            [{"parts":[{"text":"go"}]},
             {"role":"model","parts":[{"functionCall":{"name":"a","args":{}}},{"functionCall":{"name":"b"}},{"functionCall":{"name":"a","id":"own"}}]},
             {"role":"function","parts":[{"functionResponse":{"name":"b","response":{"output":"B"}}},{"functionResponse":{"id":"own","name":"a","response":{"x":1}}},
              {"function_response":{"name":"a","response":{"error":"no"}}},{"functionResponse":{"name":"stray","response":{}}}]}]
            """#)
        #expect(parsed == [
            "user text go", "assistant call call_g1_0 a {} -", "assistant call call_g1_1 b '' -", "assistant call own a '' -",
            "user result call_g1_1 b text B", "user result own a {\"x\":1}", "user result call_g1_0 a error text no", "user result call_g2_r3 stray {}",
        ])
    }

    @Test func callsOfOneIdOrOneNameAreAnsweredInTheirOrder() {
        var calls = GeminiCallBook()
        for index in 0..<3 { _ = calls.add(id: nil, name: .owned("f"), turn: 0, index: index) }
        _ = calls.add(id: .owned("x"), name: .owned("f"), turn: 0, index: 3)
        #expect(calls.answer(id: .owned("call_g0_1"), name: .owned("f"), turn: 1, index: 0).string == "call_g0_1")
        #expect(calls.answer(id: nil, name: .owned("f"), turn: 1, index: 1).string == "call_g0_0")
        #expect(calls.answer(id: .owned("unknown"), name: .owned("f"), turn: 1, index: 2).string == "call_g0_2")
        #expect(calls.answer(id: .owned("x"), name: nil, turn: 1, index: 3).string == "x")
        #expect(calls.answer(id: .owned("x"), name: .owned("f"), turn: 1, index: 4).string == "x")
        #expect(calls.answer(id: nil, name: .owned("f"), turn: 1, index: 5).string == "call_g1_r5")
    }

    @Test func resultsWithMedia() throws {
        #expect(try turns(#"[{"parts":[{"functionResponse":{"id":"1","name":"f","response":{"size":3},"parts":[{"inlineData":{"mimeType":"image/png","data":"QUJD"}}]}}]}]"#)
            == ["user result 1 f text {\"size\":3}, image image/png QUJD"])
    }

    // MARK: Tools and options

    @Test func tools() throws {
        try Conversation.gemini(
            #"""
            {"contents":"a","tools":[{"functionDeclarations":[{"name":"f","description":"d","parameters":{"type":"OBJECT"}},
            {"name":"g","parameters_json_schema":{"type":"object"}},{"name":"h"}]},{"googleSearch":{}},{"code_execution":{}}],
            "tool_config":{"function_calling_config":{"mode":"any","allowed_function_names":["f","g"]}}}
            """#
        ) { conversation in
            #expect(conversation.tools.map(\.name.string) == ["f", "g", "h", "googleSearch", "code_execution"])
            #expect(conversation.tools.map(\.isOpenAPISchema) == [true, false, false, false, false])
            #expect(conversation.tools.map { $0.schema != nil } == [true, true, false, false, false])
            guard case .hosted = conversation.tools[3].kind, case .allowed(let names, true)? = conversation.toolChoice else {
                Issue.record("wrong kinds")
                return
            }
            #expect(names.map(\.string) == ["f", "g"])
        }
        try Conversation.gemini(#"{"contents":"a","tools":{"function_declarations":{"name":"f"}}}"#) { #expect($0.tools.count == 1) }
    }

    @Test(arguments: [
        (#""AUTO""#, "auto"), (#""NONE""#, "none"), (#""ANY""#, "required"), (#""VALIDATED""#, "auto"),
        (#""ANY","allowedFunctionNames":["f"]"#, "tool(name: "), (#""VALIDATED","allowedFunctionNames":["f"]"#, "allowed(names: "),
    ])
    func toolChoices(_ mode: String, _ choice: String) throws {
        try Conversation.gemini(#"{"contents":"a","toolConfig":{"functionCallingConfig":{"mode":\#(mode)}}}"#) { conversation in
            let found = try #require(conversation.toolChoice)
            #expect("\(found)".hasPrefix(choice))
        }
    }

    @Test func options() throws {
        try Conversation.gemini(
            #"""
            {"contents":"a","generationConfig":{"maxOutputTokens":40.0,"stop_sequences":["x","y"],"temperature":0.5,"top_p":0.9,"topK":40,"seed":7,
            "presencePenalty":0.1,"frequency_penalty":0.2,"candidateCount":2,"responseLogprobs":true,"logprobs":2,
            "thinking_config":{"thinking_budget":2048,"include_thoughts":true}},"serviceTier":"flex"}
            """#
        ) { conversation in
            #expect(conversation.maxOutputTokens == 40)
            #expect(conversation.stop.map(\.string) == ["x", "y"])
            let sampling = conversation.sampling
            let numbers = [sampling.temperature, sampling.topP, sampling.topK, sampling.seed, sampling.presencePenalty, sampling.frequencyPenalty]
            #expect(numbers.map { $0.map { String(decoding: $0.rawBytes, as: UTF8.self) } } == ["0.5", "0.9", "40", "7", "0.1", "0.2"])
            #expect(sampling.candidateCount == 2)
            #expect(conversation.reasoning.mode == .on && conversation.reasoning.budgetTokens == 2_048 && conversation.reasoning.isShown == true)
            #expect(conversation.serviceTier?.string == "flex")
        }
    }

    @Test func thinking() throws {
        func wish(_ config: String) throws -> ReasoningWish {
            try Conversation.gemini(#"{"contents":"a","generationConfig":{"thinkingConfig":\#(config)}}"#) { $0.reasoning }
        }
        #expect(try wish(#"{"thinkingBudget":0}"#).mode == .off)
        #expect(try wish(#"{"thinkingBudget":-1}"#).mode == .adaptive)
        #expect(try wish(#"{"thinkingLevel":"HIGH"}"#).effort == .high)
        #expect(try wish(#"{"thinkingLevel":"low"}"#).isWanted)
        #expect(try wish("{}").isShown == false)
        #expect(try !wish(#"{"includeThoughts":true}"#).isWanted)
    }

    @Test func formats() throws {
        func format(_ config: String) throws -> String {
            try Conversation.gemini(#"{"contents":"a","generationConfig":\#(config)}"#) { conversation in
                switch conversation.outputFormat {
                case .json: "json"
                case .schema(let schema, _, _, _): (conversation.hasOpenAPIOutputSchema ? "openapi " : "schema ") + String(decoding: schema.rawBytes, as: UTF8.self)
                case nil: "none"
                }
            }
        }
        #expect(try format(#"{"responseMimeType":"application/json"}"#) == "json")
        #expect(try format(#"{"response_mime_type":"application/json","response_schema":{"type":"OBJECT"}}"#) == #"openapi {"type":"OBJECT"}"#)
        #expect(try format(#"{"responseJsonSchema":{"type":"object"}}"#) == #"schema {"type":"object"}"#)
        #expect(try format(#"{"responseMimeType":"text/x.enum","responseSchema":{"type":"STRING"}}"#) == "none")
    }

    /// No input makes it trap: every value of a rich body is replaced by values of other kinds.
    @Test func wrongTypesNeverTrap() throws {
        let body = #"""
            {"contents":[{"role":"model","parts":[{"text":"a","thought":true,"thoughtSignature":"ZWthaTE6"},{"functionCall":{"id":"1","name":"f","args":{"a":1}}}]},
            {"parts":[{"functionResponse":{"name":"f","response":{"output":"x"},"parts":[{"inlineData":{"mimeType":"image/png","data":"QQ=="}}]}},
            {"fileData":{"fileUri":"u","mimeType":"m"}}]}],"systemInstruction":{"parts":[{"text":"s"}]},"tools":[{"functionDeclarations":[{"name":"f","description":"d",
            "parameters":{"type":"OBJECT"}}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},
            "generationConfig":{"maxOutputTokens":1,"stopSequences":["x"],"responseSchema":{"type":"OBJECT"},"thinkingConfig":{"thinkingBudget":1,"thinkingLevel":"LOW"}}}
            """#
        let bytes = Array(body.utf8)
        let ranges = try withJSON(body) { Self.ranges(in: $0) }
        #expect(ranges.count > 40)
        for range in ranges {
            for other in ["null", "7", "-1e99", "true", "\"\"", "\"x\"", "[]", "[[]]", "{}", "[null]", "{\"a\":{}}"] {
                let changed = String(decoding: bytes[..<range.lowerBound], as: UTF8.self) + other + String(decoding: bytes[range.upperBound...], as: UTF8.self)
                do {
                    try Conversation.gemini(changed) { _ = try $0.geminiBody() }
                } catch is RequestProblem {}
            }
        }
    }

    private static func ranges(in value: JSONValue) -> [Range<Int>] {
        [value.range] + value.members.flatMap { ranges(in: $0.value) } + value.elements.flatMap { ranges(in: $0) }
    }
}
