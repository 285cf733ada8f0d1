import Foundation
import Streaming
import Testing

@testable import Dialects

@Suite struct ChatRequestWriterTests {
    // MARK: Messages

    @Test func aPlainRequestAsAWhole() throws {
        let request = try chat(
            #"{"model":"m","messages":[{"role":"system","content":"Be \"brief\"."},{"role":"user","content":"Hé\u006Clo"}],"max_tokens":20,"temperature":0.30,"stop":"END"}"#,
            streams: true)
        #expect(
            request.text
                == #"{"model":"gpt-4.1","messages":[{"role":"system","content":"Be \"brief\"."},{"role":"user","content":"Hé\u006Clo"}],"max_completion_tokens":20,"stop":["END"],"temperature":0.30,"stream":true,"stream_options":{"include_usage":true}}"#
        )
    }

    private let exchange = #"""
        {"role":"user","content":"go"},
        {"role":"assistant","content":"Calling.","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"call_2","type":"function","function":{"name":"g","arguments":""}}]},
        {"role":"tool","tool_call_id":"call_2","content":"two"},
        {"role":"tool","tool_call_id":"call_1","content":[{"type":"text","text":"one"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBO"}}]},
        {"role":"user","content":"and?"}
        """#

    @Test func resultsFollowTheirCallsInOrderAndImagesComeAfter() throws {
        let messages = try chat(messages: exchange)
        #expect(messages.map { $0.text("role") } == ["user", "assistant", "tool", "tool", "user"])
        #expect(messages[1].text("content") == "Calling.")
        #expect(messages[1].text("tool_calls.0.function.arguments") == #"{"a":1}"#)
        #expect(messages[1].text("tool_calls.1.function.arguments") == "{}")
        #expect(messages[2].text("tool_call_id") == "call_1")
        #expect(messages[2].text("content") == "one")
        #expect(messages[3].text("tool_call_id") == "call_2")
        #expect(messages[4].text("content.1.image_url.url") == "data:image/png;base64,iVBO")
        #expect(messages[4].text("content.2.text") == "and?")
    }

    @Test func aResultThatIsAnImageSaysSo() throws {
        let messages = try chat(
            messages: #"""
                {"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]},
                {"role":"tool","tool_call_id":"c","content":[{"type":"image_url","image_url":{"url":"https://x/y"}}]}
                """#)
        #expect(messages[0].at("content") == nil)
        #expect(messages[1].text("content") == "The result is attached to the next message.")
        #expect(messages[2].text("content.1.image_url.url") == "https://x/y")
    }

    @Test func instructionsBetweenCallAndResultDoNotPartThem() throws {
        let messages = try chat(
            messages: #"""
                {"role":"user","content":"go"},{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"f","arguments":"{}"}}]},
                {"role":"tool","tool_call_id":"a","content":"1"},{"role":"system","content":"mind"},{"role":"tool","tool_call_id":"b","content":"2"},{"role":"user","content":"on"}
                """#)
        #expect(messages.map { $0.text("role") } == ["user", "assistant", "tool", "tool", "system", "user"])
    }

    @Test func laterInstructionsAreTheUsersWhereTemplatesKnowOneInFront() throws {
        let talk = #"{"role":"system","content":"s"},{"role":"user","content":"a"},{"role":"developer","content":"b"},{"role":"user","content":"c"}"#
        #expect(try chat(messages: talk, model: "gpt-5").map { $0.text("role") } == ["developer", "user", "developer", "user"])
        #expect(try chat(messages: talk, to: .xai).map { $0.text("role") } == ["system", "user", "system", "user"])
        for profile in [ProviderProfile.compatible, .mistral, .ollama] {
            let messages = try chat(messages: talk, to: profile)
            #expect(messages.map { $0.text("role") } == ["system", "user"])
            #expect(messages[1].text("content") == "a\n\nb\n\nc")
        }
    }

    @Test func errorsAndObjectsOfOtherDialects() throws {
        let object = Array(#"{"rows":[1,2]}"#.utf8)
        try object.withUnsafeBytes { bytes in
            let tape = JSONTape()
            let root = try tape.parse(bytes)
            var conversation = Conversation()
            let call = ToolCall(id: .owned("toolu/1 2"), name: .owned("f"), namespace: .owned("mcp"), arguments: .object(root))
            let custom = ToolCall(id: .owned("c2"), name: .owned("patch"), arguments: .text(.owned("a \"b\"\n")), isCustom: true)
            conversation.turns = [
                ConversationTurn(role: .assistant, parts: [ConversationPart(.toolCall(call)), ConversationPart(.toolCall(custom))]),
                ConversationTurn(
                    role: .user,
                    parts: [
                        ConversationPart(.toolResult(ToolResult(callID: .owned("toolu/1 2"), parts: [], object: root))),
                        ConversationPart(.toolResult(ToolResult(callID: .owned("c2"), parts: [.text(.owned("broke"))], isError: true))),
                    ]),
            ]
            let body = try written(conversation, profile: .openAI)
            let id = try #require(body.text("messages.0.tool_calls.0.id"))
            #expect(id.hasPrefix("call_") && id.utf8.count == 29)
            #expect(body.text("messages.0.tool_calls.0.function.name") == "mcp__f")
            #expect(body.text("messages.0.tool_calls.0.function.arguments") == #"{"rows":[1,2]}"#)
            #expect(body.text("messages.0.tool_calls.1.function.arguments") == #"{"input":"a \"b\"\n"}"#)
            #expect(body.text("messages.1.tool_call_id") == id)
            #expect(body.text("messages.1.content") == #"{"rows":[1,2]}"#)
            #expect(body.text("messages.2.content") == "Error: broke")
        }
    }

    @Test func mistralsAccent() throws {
        let messages = try chat(messages: exchange, to: .mistral)
        #expect(messages.map { $0.text("role") } == ["user", "assistant", "tool", "tool", "assistant", "user"])
        let ids = (messages[1].at("tool_calls") as? [[String: Any]] ?? []).compactMap { $0.text("id") }
        #expect(ids.count == 2 && Set(ids).count == 2)
        for id in ids { #expect(id.wholeMatch(of: /[A-Za-z0-9]{9}/) != nil) }
        #expect(messages[2].text("tool_call_id") == ids[0])
        #expect(messages[3].text("tool_call_id") == ids[1])
        let prefill = try chat(messages: #"{"role":"user","content":"a"},{"role":"assistant","content":"{"}"#, to: .mistral)
        #expect(prefill[1].at("prefix") as? Bool == true)
        let request = try chat(#"{"messages":[{"role":"user","content":"a"}],"seed":4,"user":"u"}"#, to: .mistral, streams: true)
        #expect(request.body.at("stream_options") == nil)
        #expect(request.body.at("random_seed") as? Int == 4)
        #expect(request.body.at("user") == nil)
    }

    @Test func nothingIsPutInWhereTheModelSpokeAfterItsResults() throws {
        let talk = #"""
            {"role":"user","content":"go"},{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"c","content":"1"},{"role":"assistant","content":"It is 1."},{"role":"user","content":"and?"}
            """#
        #expect(try chat(messages: talk, to: .mistral).map { $0.text("role") } == ["user", "assistant", "tool", "assistant", "user"])
    }

    @Test func filesAndSoundsWhereTheyAreKnown() throws {
        let pdf = #"{"role":"user","content":[{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"}}]}"#
        #expect(try chat(messages: pdf)[0].text("content.0.file.file_data") == "data:application/pdf;base64,JVBE")
        #expect(try chat(messages: pdf, to: .mistral)[0].text("content.0.document_url") == "data:application/pdf;base64,JVBE")
        #expect(problem(#"{"messages":[\#(pdf)]}"#, to: .groq)?.param == "file")
        let sound = #"{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"UklG","format":"wav"}}]}"#
        #expect(try chat(messages: sound)[0].text("content.0.input_audio.format") == "wav")
        #expect(problem(#"{"messages":[\#(sound)]}"#, to: .deepseek)?.param == "input_audio")
        let kept = #"{"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}]}"#
        #expect(problem(kept)?.param == "file_id")
    }

    @Test func cacheMarksGoToThoseWhoTakeThem() throws {
        let marked = #"{"role":"system","content":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}]},{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":[{"type":"text","text":"r","cache_control":{"type":"ephemeral","ttl":"1h"}}]}"#
        let messages = try chat(messages: marked, to: .openrouter)
        #expect(messages[0].text("content.0.cache_control.type") == "ephemeral")
        #expect(messages[3].text("content.0.cache_control.ttl") == "1h")
        #expect(messages[3].text("content.0.text") == "r")
        let plain = try chat(messages: marked, to: .openAI)
        #expect(plain[0].text("content") == "s")
        #expect(plain[3].text("content") == "r")
    }

    // MARK: Thinking

    private let thought = #"""
        {"role":"user","content":"go"},{"role":"assistant","content":"plain","reasoning_content":"hm"},{"role":"user","content":"on"},
        {"role":"assistant","content":null,"reasoning_content":"so","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"r"}
        """#

    @Test func thinkingIsEchoedWithinChainsOfCallsOnly() throws {
        for profile in [ProviderProfile.deepseek, .zai, .compatible] {
            let messages = try chat(messages: thought, to: profile)
            #expect(messages[1].at("reasoning_content") == nil)
            #expect(messages[3].text("reasoning_content") == "so")
        }
        for profile in [ProviderProfile.openAI, .xai, .groq, .mistral, .google, .ollama] {
            #expect(try !chat(messages: thought, to: profile).contains { $0.at("reasoning_content") != nil || $0.at("reasoning") != nil })
        }
        #expect(try chat(messages: thought, to: .openrouter)[3].text("reasoning") == "so")
    }

    @Test func deepseekGetsAnEmptyOneWhereTheThinkingIsAnothers() throws {
        let foreign = #"{"role":"assistant","content":null,"reasoning_details":[{"type":"reasoning.text","text":"secret","signature":"ekai1:m::sig"}],"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"r"}"#
        let messages = try chat(messages: foreign, to: .deepseek, model: "deepseek-reasoner")
        #expect(messages[0].text("reasoning_content") == "")
        #expect(try chat(messages: foreign, to: .openrouter)[0].at("reasoning_details") == nil)
    }

    @Test func openRouterGetsItsElementsBack() throws {
        let signature = #"{"type":"reasoning.text","signature":"EtAB","format":"anthropic-claude-v1","index":0}"#
        let sealed = #"{"type":"reasoning.encrypted","data":"gAAA","id":"rs_1","format":"openai-responses-v1","index":0}"#
        let whole = #"{"type":"reasoning.text","text":"all","signature":"EtAB"}"#
        func details(_ members: String) throws -> [[String: Any]] {
            let messages = try chat(messages: #"{"role":"user","content":"a"},{"role":"assistant","content":"ok",\#(members)}"#, to: .openrouter)
            return try #require(messages[1].at("reasoning_details") as? [[String: Any]])
        }
        let put = try details(#""reasoning":"hm","reasoning_details":[\#(signature)]"#)
        #expect(sortedJSON(put) == #"[{"format":"anthropic-claude-v1","index":0,"signature":"EtAB","text":"hm","type":"reasoning.text"}]"#)
        let told = try details(#""reasoning_details":[{"type":"reasoning.summary","summary":"sum"},\#(sealed)]"#)
        #expect(told.map { $0.text("type") } == ["reasoning.summary", "reasoning.encrypted"])
        #expect(told[0].text("summary") == "sum")
        #expect(told[1].text("id") == "rs_1")
        #expect(sortedJSON(try details(#""reasoning_details":[\#(whole)]"#)) == #"[{"signature":"EtAB","text":"all","type":"reasoning.text"}]"#)
        // Nobody else gets them.
        let other = try chat(messages: #"{"role":"user","content":"a"},{"role":"assistant","content":"ok","reasoning_details":[\#(sealed)]}"#)
        #expect(other[1].at("reasoning_details") == nil)
    }

    @Test func aStateThatIsNoElementIsLeftOut() throws {
        var conversation = Conversation()
        for value in ["7}", "[1]", "", #"{"no":"type"}"#] {
            conversation.turns = [
                ConversationTurn(role: .assistant, parts: [ConversationPart(.sealedThinking(ProviderState(.chat, .owned(value)))), .text(.owned("ok"))])
            ]
            let body = try written(conversation, profile: .openrouter)
            #expect(sortedJSON(body.at("messages.0.reasoning_details")) == "[]")
        }
    }

    @Test func googleGetsItsThoughtSignatures() throws {
        let call = #"{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"Q0E="}}},{"id":"d","function":{"name":"f","arguments":"{}"}}]}"#
        let messages = try chat(messages: call, to: .google, model: "gemini-3-pro")
        #expect(messages[1].text("tool_calls.0.extra_content.google.thought_signature") == "Q0E=")
        #expect(messages[1].at("tool_calls.1.extra_content") == nil)
        let bare = #"{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]}"#
        #expect(
            try chat(messages: bare, to: .google, model: "gemini-3-pro")[1].text("tool_calls.0.extra_content.google.thought_signature")
                == "skip_thought_signature_validator")
        #expect(try chat(messages: bare, to: .google, model: "gemini-2.5-pro")[1].at("tool_calls.0.extra_content") == nil)
        #expect(try chat(messages: call, to: .openAI)[1].at("tool_calls.0.extra_content") == nil)
    }

    // MARK: Tools

    private let tools = #""tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"},"strict":false}},{"type":"function","function":{"name":"g"}},{"type":"web_search"},{"type":"custom","custom":{"name":"p","description":"Patches.","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: \"x\""}}}}]"#

    @Test func toolsOfEveryKind() throws {
        let request = try chat(members: tools + #","tool_choice":"required","parallel_tool_calls":false"#)
        let names = (request.body.at("tools") as? [[String: Any]])?.map { $0.text("function.name") }
        #expect(names == ["f", "g", "p"])
        #expect(request.body.at("tools.0.function.strict") as? Bool == false)
        #expect(sortedJSON(request.body.at("tools.1.function.parameters")) == #"{"properties":{},"type":"object"}"#)
        #expect(request.body.text("tools.2.function.description") == "Patches.\n\nThe input must follow this grammar (lark):\nstart: \"x\"")
        #expect(request.plan.renamedTools["p"] == AnswerPlan.ClientTool(name: "p", isCustom: true))
        #expect(request.body.text("tool_choice") == "required")
        #expect(request.body.at("parallel_tool_calls") as? Bool == false)
        #expect(try chat(members: tools, to: .groq).body.at("tools.0.function.strict") == nil)
    }

    @Test func choices() throws {
        func choice(_ json: String, _ profile: ProviderProfile = .openAI) throws -> TranslatedRequest {
            try chat(members: tools + #","tool_choice":\#(json)"#, to: profile)
        }
        #expect(sortedJSON(try choice(#"{"type":"function","function":{"name":"g"}}"#).body.at("tool_choice")) == #"{"function":{"name":"g"},"type":"function"}"#)
        #expect(try choice(#"{"type":"function","function":{"name":"web_search"}}"#).body.text("tool_choice") == "auto")
        #expect(try choice(#""none""#).body.text("tool_choice") == "none")
        #expect(try choice(#""required""#, .zai).body.text("tool_choice") == "auto")
        #expect(try choice(#""none""#, .zai).body.at("tools") == nil)
        let some = #"{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"g"}}]}}"#
        #expect(try choice(some).body.text("tool_choice.allowed_tools.mode") == "required")
        let filtered = try choice(some, .groq)
        #expect(filtered.body.text("tool_choice") == "required")
        #expect((filtered.body.at("tools") as? [Any])?.count == 1)
        #expect(filtered.body.text("tools.0.function.name") == "g")
    }

    @Test func withoutToolsThereIsNoChoice() throws {
        let request = try chat(members: #""tools":[{"type":"web_search"}],"tool_choice":"auto","parallel_tool_calls":true"#)
        #expect(request.body.at("tools") == nil)
        #expect(request.body.at("tool_choice") == nil)
        #expect(request.body.at("parallel_tool_calls") == nil)
    }

    @Test func namesThatAreNotLegalAreChanged() throws {
        let request = try chat(
            #"{"messages":[{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"a.b","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":""}],"tools":[{"type":"function","function":{"name":"a.b"}}],"tool_choice":{"type":"function","function":{"name":"a.b"}}}"#
        )
        let name = try #require(request.body.text("tools.0.function.name"))
        #expect(name != "a.b" && request.plan.renamedTools[name]?.name == "a.b")
        #expect(request.body.text("messages.0.tool_calls.0.function.name") == name)
        #expect(request.body.text("tool_choice.function.name") == name)
    }

    // MARK: Formats

    @Test func formats() throws {
        let schema = #""response_format":{"type":"json_schema","json_schema":{"name":"no name!","schema":{"type":"object"},"strict":true}}"#
        let request = try chat(members: schema)
        #expect(
            sortedJSON(request.body.at("response_format"))
                == #"{"json_schema":{"name":"answer","schema":{"type":"object"},"strict":true},"type":"json_schema"}"#)
        let worded = try chat(members: schema, to: .deepseek)
        #expect(worded.body.text("response_format.type") == "json_object")
        #expect(worded.body.text("messages.0.content")?.hasSuffix(#"JSON Schema:"# + "\n" + #"{"type":"object"}"#) == true)
        #expect(worded.body.text("messages.0.role") == "system")
    }

    @Test func jsonModeNeedsTheWord() throws {
        let without = try chat(members: #""response_format":{"type":"json_object"}"#)
        #expect(without.body.text("response_format.type") == "json_object")
        #expect(without.body.text("messages.0.content")?.contains("JSON") == true)
        let with = try chat(#"{"messages":[{"role":"user","content":"as Json please"}],"response_format":{"type":"json_object"}}"#)
        #expect((with.body.at("messages") as? [Any])?.count == 1)
    }

    // MARK: Knobs

    @Test(arguments: [
        ("gpt-5", #""reasoning_effort":"minimal""#, "minimal"), ("gpt-5.1", #""reasoning_effort":"minimal""#, "low"), ("o3", #""reasoning_effort":"minimal""#, "low"),
        ("gpt-5", #""reasoning_effort":"xhigh""#, "high"), ("gpt-5.2", #""reasoning_effort":"xhigh""#, "xhigh"), ("gpt-5.1-codex-max", #""reasoning_effort":"max""#, "xhigh"),
        ("gpt-5", #""reasoning_effort":"none""#, "minimal"), ("gpt-5.1", #""reasoning_effort":"none""#, "none"), ("o4-mini", #""reasoning_effort":"none""#, "low"),
        ("gpt-5-codex", #""reasoning_effort":"none""#, "low"), ("gpt-5-pro", #""reasoning_effort":"low""#, "high"), ("gpt-4o", #""reasoning_effort":"high""#, nil),
        ("gpt-5-chat-latest", #""reasoning_effort":"high""#, nil), ("openai/gpt-5-mini", #""reasoning":{"max_tokens":9000}"#, "medium"),
        ("gpt-5", #""thinking":{"type":"adaptive"}"#, "medium"), ("gpt-5", #""temperature":1"#, nil),
    ] as [(String, String, String?)])
    func openAIsEfforts(_ model: String, _ members: String, _ expected: String?) throws {
        #expect(try chat(members: members, model: model).body.text("reasoning_effort") == expected)
    }

    @Test(arguments: [
        (ProviderProfile.openrouter, "x", #""reasoning_effort":"low""#, #"{"effort":"low"}"#, "reasoning"),
        (.openrouter, "x", #""reasoning":{"max_tokens":3000,"exclude":true}"#, #"{"exclude":true,"max_tokens":3000}"#, "reasoning"),
        (.openrouter, "x", #""reasoning_effort":"none""#, #"{"enabled":false}"#, "reasoning"),
        (.openrouter, "x", #""reasoning":{"enabled":true}"#, #"{"enabled":true}"#, "reasoning"), (.openrouter, "x", #""top_p":1"#, "nil", "reasoning"),
        (.groq, "openai/gpt-oss-120b", #""reasoning_effort":"xhigh""#, #""high""#, "reasoning_effort"),
        (.groq, "qwen/qwen3-32b", #""reasoning_effort":"high""#, #""parsed""#, "reasoning_format"),
        (.groq, "qwen/qwen3-32b", #""reasoning_effort":"none""#, #""none""#, "reasoning_effort"),
        (.groq, "llama-3.3", #""reasoning_effort":"high""#, "nil", "reasoning_effort"), (.xai, "grok-3-mini", #""reasoning_effort":"minimal""#, #""low""#, "reasoning_effort"),
        (.xai, "grok-4", #""reasoning_effort":"high""#, "nil", "reasoning_effort"), (.deepseek, "deepseek-chat", #""reasoning_effort":"high""#, #"{"type":"enabled"}"#, "thinking"),
        (.zai, "glm-4.6", #""reasoning_effort":"none""#, #"{"type":"disabled"}"#, "thinking"),
        (.google, "gemini-2.5-flash", #""reasoning_effort":"none""#, #""none""#, "reasoning_effort"),
        (.google, "gemini-2.5-pro", #""reasoning_effort":"none""#, "nil", "reasoning_effort"), (.ollama, "q", #""reasoning_effort":"medium""#, #""medium""#, "reasoning_effort"),
        (.anthropic, "claude", #""reasoning_effort":"low""#, #"{"budget_tokens":2048,"type":"enabled"}"#, "thinking"),
        (.mistral, "m", #""reasoning_effort":"low""#, "nil", "reasoning_effort"), (.compatible, "m", #""reasoning_effort":"low""#, "nil", "reasoning_effort"),
    ] as [(ProviderProfile, String, String, String, String)])
    func othersEfforts(_ profile: ProviderProfile, _ model: String, _ members: String, _ expected: String, _ name: String) throws {
        #expect(sortedJSON(try chat(members: members, to: profile, model: model).body.at(name)) == expected)
    }

    private let knobs = #""temperature":1.5,"top_p":0.9,"top_k":5,"seed":1,"frequency_penalty":0.1,"presence_penalty":0.2,"logit_bias":{"5":1},"stop":["a","b","c","d","e"],"user":"u","prompt_cache_key":"k","service_tier":"flex","verbosity":"low","max_tokens":9,"store":false,"metadata":{"a":"b"},"logprobs":true"#

    @Test func eachProviderGetsTheKnobsThatItKnows() throws {
        func names(_ profile: ProviderProfile, _ model: String) throws -> Set<String> {
            Set(try chat(members: knobs, to: profile, model: model).body.keys).subtracting(["model", "messages"])
        }
        #expect(
            try names(.openAI, "gpt-4.1") == [
                "temperature", "top_p", "seed", "frequency_penalty", "presence_penalty", "logit_bias", "stop", "user", "prompt_cache_key", "service_tier",
                "max_completion_tokens", "store",
            ])
        #expect(try names(.openAI, "gpt-5") == ["seed", "user", "prompt_cache_key", "service_tier", "verbosity", "max_completion_tokens", "store"])
        #expect(try names(.xai, "grok-4") == ["temperature", "top_p", "seed", "user", "max_tokens"])
        #expect(try names(.xai, "grok-4-fast-non-reasoning").isSuperset(of: ["stop", "presence_penalty"]))
        #expect(try names(.compatible, "m") == ["temperature", "top_p", "seed", "frequency_penalty", "presence_penalty", "logit_bias", "stop", "max_tokens"])
        #expect(try names(.openrouter, "m").isSuperset(of: ["top_k", "verbosity", "user", "service_tier"]))
        let request = try chat(members: knobs)
        #expect((request.body.at("stop") as? [Any])?.count == 4)
        #expect(try chat(members: knobs, to: .zai).body.at("temperature") as? Int == 1)
    }

    @Test func boundsAndLongNames() throws {
        let talk = #"{"messages":[{"role":"user","content":"a"}],"max_tokens":128000,"user":"\#(String(repeating: "u", count: 100))"}"#
        let request = try chat(talk, outputTokensMax: 16_384)
        #expect(request.body.at("max_completion_tokens") as? Int == 16_384)
        let user = try #require(request.body.text("user"))
        #expect(user.hasPrefix("user_") && user.utf8.count == 29)
        #expect(try chat(talk).body.text("user") == user)
        #expect(try chat(members: #""store":true,"metadata":{"a":"b"}"#).body.text("metadata.a") == "b")
    }
}
