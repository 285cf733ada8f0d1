import Foundation
import Streaming
import Testing

@testable import Dialects

/// Tools, choices and formats of a request to Anthropic.
@Suite struct MessagesToolsTests {
    private let hi = #"[{"role":"user","content":"hi"}]"#
    private let two = #""tools":[{"name":"a","description":"A","input_schema":{"type":"object"}},{"name":"b"}]"#

    private func written(
        _ members: String, model: String = "claude-sonnet-4-5", change: (inout Conversation) -> Void = { _ in }
    ) throws -> WrittenMessages {
        let written = try WrittenMessages(hi, members, model: model, change: change)
        #expect(requestViolations(written.body).isEmpty, "\(requestViolations(written.body)): \(written.text)")
        return written
    }

    @Test func functions() throws {
        #expect(
            try written(two).json("tools")
                == #"[{"description":"A","input_schema":{"properties":{},"type":"object"},"name":"a"},{"input_schema":{"properties":{},"type":"object"},"name":"b"}]"#)
    }

    @Test func schemas() throws {
        let schema = #"""
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"OBJECT","nullable":true,"anyOf":[{"required":["a"]}],"additionalProperties":false,
            "properties":{"type":{"type":"STRING","nullable":true},"n":{"type":"integer","minimum":1},"l":{"type":"ARRAY","items":{"type":"NUMBER"}}}}
            """#
        let tools = try #require(try written(#""tools":[{"name":"a","input_schema":\#(schema)}]"#).body["tools"] as? [[String: Any]])
        let expected = #"""
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
            "properties":{"type":{"type":["string","null"]},"n":{"type":"integer","minimum":1},"l":{"type":"array","items":{"type":"number"}}}}
            """#
        #expect(NSDictionary(dictionary: tools[0]["input_schema"] as? [String: Any] ?? [:]) == NSDictionary(dictionary: try parsed(Array(expected.utf8))))
    }

    @Test func strictOnlyWhereItCanBeKept() throws {
        func tool(_ schema: String, model: String = "claude-sonnet-4-5") throws -> [String: Any] {
            let result = try written(#""tools":[{"name":"a","strict":true,"input_schema":\#(schema)}]"#, model: model)
            return try #require((result.body["tools"] as? [[String: Any]])?.first)
        }
        let closed = try tool(#"{"type":"object","properties":{"n":{"type":"integer","minimum":1}}}"#)
        #expect(closed["strict"] as? Bool == true)
        let schema = try #require(closed["input_schema"] as? [String: Any])
        #expect(schema["additionalProperties"] as? Bool == false)
        #expect((schema["properties"] as? [String: [String: Any]])?["n"]?["minimum"] == nil)
        #expect(try tool(#"{"type":"object","additionalProperties":{"type":"string"}}"#)["strict"] == nil)
        #expect(try tool(#"{"type":"object","properties":{}}"#, model: "claude-sonnet-4")["strict"] == nil)
    }

    @Test func namesAreMadeLegalEverywhere() throws {
        let result = try WrittenMessages(
            #"""
            [{"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"a.b","input":{}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"1"}]}]
            """#, #""tools":[{"name":"a.b"}],"tool_choice":{"type":"tool","name":"a.b"}"#)
        let name = try #require((result.body["tools"] as? [[String: Any]])?[0]["name"] as? String)
        #expect(name != "a.b" && result.plan.renamedTools[name] == AnswerPlan.ClientTool(name: "a.b"))
        #expect(result.blocks(1)[0]["name"] as? String == name)
        #expect((result.body["tool_choice"] as? [String: Any])?["name"] as? String == name)
    }

    @Test func toolsOfFreeText() throws {
        let result = try written(#""tools":[{"name":"patch","description":"Patches.","input_schema":{"definition":"start: x"}}]"#) {
            $0.tools[0].kind = .custom(format: $0.tools[0].schema)
        }
        #expect(
            try result.json("tools")
                == #"[{"description":"Patches.\n\nThe input follows this grammar:\nstart: x","input_schema":{"properties":{"input":{"type":"string"}},"required":["input"],"type":"object"},"name":"patch"}]"#)
        #expect(result.plan.renamedTools["patch"]?.isCustom == true)
    }

    @Test func hostedToolsOfOthersAreLeftOut() throws {
        let result = try written(#""tools":[{"type":"web_search","name":"x"}],"tool_choice":{"type":"any"}"#)
        #expect(result.body["tools"] == nil && result.body["tool_choice"] == nil)
        let own = try written(#""tools":[{"type":"web_search_20250305","name":"web_search","max_uses":2}]"#)
        #expect(try own.json("tools") == #"[{"max_uses":2,"name":"web_search","type":"web_search_20250305"}]"#)
    }

    // MARK: Choice

    @Test(arguments: [
        (#"{"type":"auto"}"#, #"{"type":"auto"}"#), (#"{"type":"any"}"#, #"{"type":"any"}"#), (#"{"type":"none"}"#, #"{"type":"none"}"#),
        (#"{"type":"tool","name":"b"}"#, #"{"name":"b","type":"tool"}"#), (#"{"type":"tool","name":"gone"}"#, #"{"type":"auto"}"#),
        (#"{"type":"auto","disable_parallel_tool_use":true}"#, #"{"disable_parallel_tool_use":true,"type":"auto"}"#),
    ])
    func choices(_ given: String, _ expected: String) throws {
        #expect(try written(two + #","tool_choice":\#(given)"#).json("tool_choice") == expected)
    }

    @Test func aChoiceNeedsTools() throws {
        #expect(try written(#""tool_choice":{"type":"any"}"#).body["tool_choice"] == nil)
        #expect(try written(two).body["tool_choice"] == nil)
        #expect(try written(two) { $0.allowsParallelCalls = false }.json("tool_choice") == #"{"disable_parallel_tool_use":true,"type":"auto"}"#)
    }

    @Test(arguments: [#"{"type":"any"}"#, #"{"type":"tool","name":"a"}"#]) func thinkingForcesNothing(_ choice: String) throws {
        let result = try written(two + #","tool_choice":\#(choice),"thinking":{"type":"enabled","budget_tokens":2000}"#)
        #expect(try result.json("tool_choice") == #"{"type":"auto"}"#)
    }

    @Test func someTools() throws {
        let result = try written(two) { $0.toolChoice = .allowed(names: [.owned("b")], isRequired: true) }
        #expect((result.body["tools"] as? [[String: Any]])?.map { $0["name"] as? String } == ["b"])
        #expect(try result.json("tool_choice") == #"{"type":"any"}"#)
    }

    /// As many tools as a body can hold, all of them allowed by name: looking each up in the list of names would take minutes.
    @Test func manyAllowedTools() throws {
        let names = (0..<40_000).map { JSONText.owned("tool_\($0)") }
        let result = try WrittenMessages(hi, #""tools":[{"name":"a"},{"name":"b"}]"#) {
            let tool = $0.tools[0]
            $0.tools += names.map { name in
                var other = tool
                other.name = name
                return other
            }
            $0.toolChoice = .allowed(names: names, isRequired: false)
        }
        #expect((result.body["tools"] as? [Any])?.count == 40_000)
    }

    // MARK: Formats

    private let format = #""output_config":{"format":{"type":"json_schema","schema":{"type":"object","properties":{"a":{"type":"string","maxLength":3}}}}}"#

    @Test func newModelsHaveAFormat() throws {
        let result = try written(format)
        #expect(
            try result.json("output_config")
                == #"{"format":{"schema":{"additionalProperties":false,"properties":{"a":{"type":"string"}},"type":"object"},"type":"json_schema"}}"#)
        #expect(result.plan.outputTool == nil)
    }

    @Test func oldModelsCallATool() throws {
        let alone = try written(format, model: "claude-3-5-sonnet-20241022")
        #expect(alone.plan.outputTool == "json_output")
        #expect(try alone.json("tool_choice") == #"{"disable_parallel_tool_use":true,"name":"json_output","type":"tool"}"#)
        let beside = try written(format + "," + two, model: "claude-3-5-sonnet-20241022")
        #expect((beside.body["tools"] as? [[String: Any]])?.map { $0["name"] as? String } == ["a", "b", "json_output"])
        #expect(try beside.json("tool_choice") == #"{"disable_parallel_tool_use":true,"type":"any"}"#)
    }

    @Test func whereNeitherCanBeHadInstructionsSayIt() throws {
        let thinking = try written(
            format + #","thinking":{"type":"enabled","budget_tokens":2000},"system":"S""#, model: "claude-3-7-sonnet-20250219")
        let system = try #require(thinking.body["system"] as? [[String: String]])
        #expect(system.count == 2 && system[1]["text"]?.contains(#""maxLength":3"#) == true)
        #expect(thinking.plan.outputTool == nil && thinking.body["tools"] == nil)
        let any = try written("") { $0.outputFormat = .json }
        #expect((any.body["system"] as? [[String: String]])?[0]["text"]?.contains("JSON") == true)
    }

    @Test func anOpenSchemaIsNoFormat() throws {
        let open = #""output_config":{"format":{"type":"json_schema","schema":{"type":"object","additionalProperties":{"type":"string"}}}}"#
        let result = try written(open)
        #expect(result.body["output_config"] == nil && result.plan.outputTool == "json_output")
        // A model that thinks by itself takes no forced tool.
        let new = try written(open, model: "claude-opus-5")
        #expect(new.plan.outputTool == nil && new.body["tools"] == nil && new.body["system"] != nil)
    }

    // MARK: Gemini's schemas

    private func fromGemini(_ members: String, model: String = "claude-sonnet-4-5") throws -> TranslatedRequest {
        try TranslatedRequest(
            #"{"contents":[{"role":"user","parts":[{"text":"hi"}]}],\#(members)}"#, from: .gemini, to: TranslationTarget(dialect: .messages, model: model))
    }

    private let openAPI = #"""
        {"type":"OBJECT","propertyOrdering":["l"],"properties":{
        "l":{"type":"ARRAY","minItems":"1","max_items":"3","items":{"any_of":[{"type":"STRING"},{"type":"NUMBER"}]}},
        "e":{"type":"STRING","format":"enum","enum":["a"],"nullable":true}}}
        """#

    @Test func schemasOfGeminisToolsAreJSONSchema() throws {
        let result = try fromGemini(#""tools":[{"functionDeclarations":[{"name":"a","parameters":\#(openAPI)},{"name":"b","parameters":\#(openAPI)}]}]"#)
        let expected = #"""
            {"type":"object","properties":{"l":{"type":"array","minItems":1,"maxItems":3,"items":{"anyOf":[{"type":"string"},{"type":"number"}]}},
            "e":{"type":["string","null"],"enum":["a",null]}}}
            """#
        let tools = try #require(result.body["tools"] as? [[String: Any]])
        #expect(tools.count == 2)
        for tool in tools {
            #expect(NSDictionary(dictionary: tool["input_schema"] as? [String: Any] ?? [:]) == NSDictionary(dictionary: try parsed(Array(expected.utf8))))
        }
    }

    @Test func schemasOfGeminisAnswersAreJSONSchema() throws {
        let members = #""generationConfig":{"responseMimeType":"application/json","responseSchema":\#(openAPI)}"#
        let expected = #"""
            {"type":"object","additionalProperties":false,"properties":{
            "l":{"type":"array","minItems":1,"items":{"anyOf":[{"type":"string"},{"type":"number"}]}},"e":{"type":["string","null"],"enum":["a",null]}}}
            """#
        let format = try #require((try fromGemini(members).body["output_config"] as? [String: Any])?["format"] as? [String: Any])
        #expect(NSDictionary(dictionary: format["schema"] as? [String: Any] ?? [:]) == NSDictionary(dictionary: try parsed(Array(expected.utf8))))
        // Where only instructions can say it they say it in JSON Schema too.
        let told = try fromGemini(members + #","toolConfig":{"functionCallingConfig":{"mode":"ANY"}}"#, model: "claude-3-5-sonnet-20241022").text
        #expect(told.contains(#"\"minItems\":1"#) && !told.contains("any_of"))
    }
}
