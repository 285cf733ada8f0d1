import Foundation
import Streaming
import Testing

@testable import Dialects

@Suite struct ResponsesRequestParserTests {
    /// What Codex sends on the second turn of a task, shortened.
    static let codex = #"""
        {"model":"gpt-5.2-codex","stream":true,"store":false,"include":["reasoning.encrypted_content"],"reasoning":{"summary":"auto"},
        "parallel_tool_calls":true,"tool_choice":"auto","prompt_cache_key":"thread-1","client_metadata":{"x":"y"},"input":[
        {"type":"message","id":"msg_1","role":"developer","content":[{"type":"input_text","text":"You are Codex."}]},
        {"type":"message","id":"msg_2","role":"developer","content":[{"type":"input_text","text":"Skills."}]},
        {"type":"message","id":"msg_3","role":"user","content":[{"type":"input_text","text":"<environment_context>"}]},
        {"type":"message","id":"msg_4","role":"user","content":[{"type":"input_text","text":"List the files.\n"}]},
        {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"A."},{"type":"summary_text","text":"B."}],"encrypted_content":"gAAA=="},
        {"type":"function_call","id":"fc_1","call_id":"call_1","name":"shell","arguments":"{\"cmd\":\"ls\"}"},
        {"type":"function_call","id":"fc_2","call_id":"call_2","name":"read","namespace":"files","arguments":"{}"},
        {"type":"custom_tool_call","id":"ctc_1","call_id":"call_3","name":"apply_patch","input":"*** Begin Patch\n"},
        {"type":"web_search_call","id":"ws_1","status":"completed"},
        {"type":"function_call_output","id":"fco_1","call_id":"call_1","output":"a.txt"},
        {"type":"function_call_output","call_id":"call_2","output":[{"type":"input_text","text":"two"},{"type":"input_image","image_url":"data:image/png;base64,AAAA"}]},
        {"type":"custom_tool_call_output","call_id":"call_3","output":"Done"},
        {"type":"message","role":"developer","content":"Be brief."},
        {"role":"assistant","content":[{"type":"output_text","text":"Two files.","annotations":[]},{"type":"refusal","refusal":"No."}]}],
        "tools":[{"type":"function","name":"shell","description":"Runs.","strict":false,"parameters":{"type":"object","properties":{}}},
        {"type":"namespace","name":"files","description":"Files.","tools":[{"type":"function","name":"read","parameters":{"type":"object"}}]},
        {"type":"web_search","external_web_access":false},
        {"type":"custom","name":"apply_patch","description":"Patches.","format":{"type":"grammar","syntax":"lark","definition":"start: x"}}]}
        """#

    @Test func codexConversation() throws {
        try readResponses(Self.codex) { conversation in
            #expect(conversation.system.map(\.line) == ["text You are Codex.", "text Skills."])
            #expect(
                conversation.lines == [
                    "user: text <environment_context>", "user: text List the files.\n",
                    "assistant: thinking A.\n\nB. responses rs_1 gAAA==", #"assistant: call call_1 shell {"cmd":"ls"}"#,
                    "assistant: call call_2 files/read {}", "assistant: call call_3 apply_patch custom *** Begin Patch\n",
                    "user: result call_1 [text a.txt]", "user: result call_2 [text two, image image/png AAAA]",
                    "user: result call_3 custom [text Done]", "system: text Be brief.", "assistant: text Two files.",
                    "assistant: refusal No.",
                ])
            #expect(conversation.turns.count == 5)
            #expect(conversation.cacheKey?.string == "thread-1")
            #expect(conversation.stores == false)
            #expect(conversation.allowsParallelCalls == true)
            #expect(conversation.reasoning.isShown == true)
            #expect(conversation.reasoning.summary?.string == "auto")
            #expect(conversation.reasoning.mode == .unset)
            guard case .auto? = conversation.toolChoice else { return #expect(Bool(false), "tool_choice") }
        }
    }

    @Test func codexTools() throws {
        try readResponses(Self.codex) { conversation in
            let tools = conversation.tools
            #expect(tools.map(\.name.string) == ["shell", "read", "web_search", "apply_patch"])
            #expect(tools.map { $0.namespace?.string } == [nil, "files", nil, nil])
            #expect(tools.map(\.isStrict) == [false, nil, nil, nil])
            #expect(tools[0].description?.string == "Runs.")
            #expect(tools[0].schema != nil)
            guard case .hosted(let type) = tools[2].kind, case .custom(let format?) = tools[3].kind else {
                return #expect(Bool(false), "kinds")
            }
            #expect(type.string == "web_search")
            #expect(format["syntax"]?.equals("lark") == true)
        }
    }

    @Test func aTextAlone() throws {
        try readResponses(#"{"model":"m","instructions":"Be kind.","input":"Hi \"you\""}"#) { conversation in
            #expect(conversation.system.map(\.line) == ["text Be kind."])
            #expect(conversation.lines == [#"user: text Hi "you""#])
            #expect(conversation.reasoning.isWanted == false)
            #expect(conversation.toolChoice == nil)
        }
    }

    @Test func options() throws {
        let body = #"""
            {"input":"x","max_output_tokens":100,"temperature":0.5,"top_p":1e-1,"top_logprobs":3,"include":["message.output_text.logprobs","file_search_call.results"],
            "user":"u","safety_identifier":"s","metadata":{"a":"b"},"service_tier":"flex","store":true,"truncation":"auto","stream_options":{"include_obfuscation":false},
            "text":{"verbosity":"low","format":{"type":"json_schema","name":"n","description":"d","strict":true,"schema":{"type":"object"}}},
            "reasoning":{"effort":"xhigh","generate_summary":"concise"},"parallel_tool_calls":null,"tools":null,"tool_choice":null,"max_tool_calls":3}
            """#
        try readResponses(body) { conversation in
            #expect(conversation.maxOutputTokens == 100)
            #expect(conversation.sampling.temperature?.rawBytes.elementsEqual("0.5".utf8) == true)
            #expect(conversation.sampling.topP?.rawBytes.elementsEqual("1e-1".utf8) == true)
            #expect(conversation.user?.string == "s")
            #expect(conversation.metadata?["a"]?.string == "b")
            #expect(conversation.serviceTier?.string == "flex")
            #expect(conversation.stores == true)
            #expect(conversation.verbosity?.string == "low")
            #expect(conversation.reasoning.effort == .xhigh)
            #expect(conversation.reasoning.mode == .on)
            #expect(conversation.reasoning.summary?.string == "concise")
            guard case .schema(let schema, let name, let description, let strict)? = conversation.outputFormat else {
                return #expect(Bool(false), "format")
            }
            #expect(schema["type"]?.string == "object")
            #expect([name?.string, description?.string] == ["n", "d"])
            #expect(strict == true)
        }
        try readResponses(#"{"input":"x","reasoning":{"effort":"none"},"text":{"format":{"type":"json_object"}}}"#) { conversation in
            #expect(conversation.reasoning.mode == .off)
            guard case .json? = conversation.outputFormat else { return #expect(Bool(false), "format") }
        }
    }

    @Test func toolChoices() throws {
        func choice(_ json: String) throws -> String {
            try readResponses(#"{"input":"x","tool_choice":\#(json)}"#) { conversation in
                switch conversation.toolChoice {
                case nil: "nothing"
                case .auto?: "auto"
                case ToolChoice.none?: "none"
                case .required?: "required"
                case .tool(let name, let namespace)?: "tool \(namespace?.string ?? "-") \(name.string)"
                case .allowed(let names, let isRequired)?: "allowed \(names.map(\.string)) \(isRequired)"
                }
            }
        }
        #expect(try choice(#""none""#) == "none")
        #expect(try choice(#""required""#) == "required")
        #expect(try choice(#"{"type":"function","name":"f"}"#) == "tool - f")
        #expect(try choice(#"{"type":"custom","name":"f","namespace":"n"}"#) == "tool n f")
        #expect(
            try choice(#"{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"},{"type":"web_search"}]}"#)
                == #"allowed ["f"] true"#)
        #expect(try choice(#"{"type":"web_search_preview"}"#) == "nothing")
    }

    @Test func statesOfOtherProviders() throws {
        let body = #"""
            {"input":[{"role":"user","content":"x"},
            {"type":"reasoning","id":"rs_a","summary":[{"type":"summary_text","text":"Hm"}],"encrypted_content":"ekai1:m::sig=="},
            {"type":"reasoning","id":"rs_b","summary":[],"encrypted_content":"ekai1:x::data"},
            {"type":"reasoning","id":"rs_c","summary":[],"encrypted_content":"ekai1:r:rs_9:enc"},
            {"type":"reasoning","id":"rs_d","summary":[],"content":[{"type":"reasoning_text","text":"T"}]},
            {"type":"reasoning","id":"rs_e","summary":[],"encrypted_content":null}]}
            """#
        try readResponses(body) { conversation in
            #expect(
                conversation.lines == [
                    "user: text x", "assistant: thinking Hm messages - sig==", "assistant: sealed messagesRedacted - data",
                    "assistant: sealed responses rs_9 enc", "assistant: thinking T -",
                ])
        }
    }

    @Test func media() throws {
        let body = #"""
            {"input":[{"role":"user","content":[{"type":"input_image","image_url":"https://x/y.png","detail":"high"},
            {"type":"input_image","image_url":{"url":"data:image/jpeg;base64,BB=="}},{"type":"input_image","file_id":"file-1"},
            {"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,CC"},{"type":"input_file","file_data":"DDDD"},
            {"type":"input_file","file_url":"https://x/b.pdf"},{"type":"input_file","file_id":"file-2"},
            {"type":"input_audio","input_audio":{"data":"EE","format":"wav"}},{"type":"input_new","x":1}]}]}
            """#
        try readResponses(body) { conversation in
            #expect(
                conversation.lines == [
                    "user: image url https://x/y.png", "user: image image/jpeg BB==", "user: image id file-1",
                    "user: file a.pdf application/pdf CC", "user: file - application/pdf DDDD", "user: file - url https://x/b.pdf",
                    "user: file - id file-2", "user: audio wav EE",
                ])
        }
    }

    @Test(arguments: [
        (#"{"input":"x","previous_response_id":"resp_1"}"#, "previous_response_id"), (#"{"input":"x","conversation":"c"}"#, "conversation"),
        (#"{"input":"x","background":true}"#, "background"), (#"{"prompt":{"id":"p"}}"#, "prompt"),
        (#"{"input":[{"type":"item_reference","id":"msg_1"}]}"#, "input"), (#"{}"#, "input"), (#"{"input":7}"#, "input"), (#"{"input":["x"]}"#, "input"),
        (#"{"input":[{"content":"x"}]}"#, "input[].role"), (#"{"input":[{"role":"tool","content":"x"}]}"#, "input[].role"),
        (#"{"input":[{"role":"user","content":7}]}"#, "input[].content"), (#"{"input":[{"role":"user","content":["x"]}]}"#, "input[].content"),
        (#"{"input":[{"role":"user","content":[{"type":"input_text"}]}]}"#, "input[].content[].text"),
        (#"{"input":[{"role":"user","content":[{"type":"input_image"}]}]}"#, "input[].content[].image_url"),
        (#"{"input":[{"type":"function_call","name":"f"}]}"#, "input[].call_id"), (#"{"input":[{"type":"function_call","call_id":"c"}]}"#, "input[].name"),
        (#"{"input":[{"type":"function_call_output","output":"x"}]}"#, "input[].call_id"),
        (#"{"input":[{"type":"function_call_output","call_id":"c","output":7}]}"#, "input[].output"),
        (#"{"input":"x","instructions":[]}"#, "instructions"), (#"{"input":"x","tools":{}}"#, "tools"), (#"{"input":"x","tools":[7]}"#, "tools"),
        (#"{"input":"x","tools":[{"type":"function"}]}"#, "tools[].name"), (#"{"input":"x","tools":[{"name":"f"}]}"#, "tools[].type"),
        (#"{"input":"x","tools":[{"type":"namespace","name":"n"}]}"#, "tools[].tools"), (#"{"input":"x","tool_choice":"any"}"#, "tool_choice"),
        (#"{"input":"x","tool_choice":{"type":"function"}}"#, "tool_choice.name"), (#"{"input":"x","max_output_tokens":"9"}"#, "max_output_tokens"),
        (#"{"input":"x","max_output_tokens":0}"#, "max_output_tokens"), (#"{"input":"x","temperature":"1"}"#, "temperature"),
        (#"{"input":"x","text":{"format":{"type":"json_schema"}}}"#, "text.format.schema"), (#"{"input":"x","text":{"format":{"type":"xml"}}}"#, "text.format.type"),
        (#"{"input":"x","reasoning":{"effort":"huge"}}"#, "reasoning.effort"), (#"{"input":"x","store":"no"}"#, "store"),
        (#"{"input":"x","metadata":[]}"#, "metadata"),
    ])
    func refusals(_ body: String, _ member: String) throws {
        do {
            try readResponses(body) { _ in }
            Issue.record("taken: \(body)")
        } catch let problem as RequestProblem {
            #expect(problem.param == member, "\(body)")
        }
    }

    @Test func keptStateIsNamedAsSuch() {
        #expect(throws: RequestProblem.notTranslatable(
            member: "previous_response_id", reason: "it keeps no earlier answers; send the whole conversation as 'input'")) {
            try readResponses(#"{"input":"x","previous_response_id":"resp_1"}"#) { _ in }
        }
    }

    /// A summary of so many parts that joining them one by one would copy hundreds of gigabytes.
    @Test func aSummaryOfManyParts() throws {
        let part = String(repeating: "x", count: 100)
        let parts = Array(repeating: #"{"type":"summary_text","text":"\#(part)"}"#, count: 60_000).joined(separator: ",")
        let input = #"[{"type":"reasoning","id":"rs_a","summary":[\#(parts)],"encrypted_content":"e"},{"role":"user","content":"x"}]"#
        try readResponses(#"{"input":\#(input)}"#) { conversation in
            guard case .thinking(let text, _) = conversation.turns[0].parts[0].content else {
                Issue.record("no thinking")
                return
            }
            #expect(text.string.utf8.count == 60_000 * 102 - 2)
        }
    }
}
