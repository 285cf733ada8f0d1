import Streaming
import Testing

@testable import Dialects

@Suite struct ChatRequestParserTests {
    /// The parts of a turn in a few words each.
    private func words(_ parts: [ConversationPart]) -> [String] {
        parts.map { part in
            switch part.content {
            case .text(let text): "text \(text.string)"
            case .image(.base64(let type, let data)): "image \(type.string) \(data.string)"
            case .image(.url(let url)): "image at \(url.string)"
            case .image: "image ?"
            case .file(.base64(let type, let data), let name): "file \(type.string) \(data.string) \(name?.string ?? "-")"
            case .file(.url(let url), _): "file at \(url.string)"
            case .file(.fileID(let id), _): "file id \(id.string)"
            case .file: "file ?"
            case .audio(let data, let format): "audio \(format.string) \(data.string)"
            case .thinking(let text, let state): "thinking \(text.string) [\(words(state))]"
            case .sealedThinking(let state): "sealed [\(words(state))]"
            case .refusal(let text): "refusal \(text.string)"
            case .toolCall(let call):
                "call \(call.id.string) \(call.name.string) \(words(call.arguments))\(call.isCustom ? " custom" : "") [\(words(call.state))]"
            case .toolResult(let result):
                "result \(result.callID.string)\(result.isCustom ? " custom" : "") (\(words(result.parts).joined(separator: ", ")))"
            }
        }
    }

    private func words(_ state: ProviderState?) -> String { state.map { "\($0.origin) \($0.id?.string ?? "-") \($0.value.string)" } ?? "" }

    private func words(_ arguments: ToolArguments) -> String {
        switch arguments {
        case .text(let text): text.string
        case .object(let value): "object " + String(decoding: value.rawBytes, as: UTF8.self)
        }
    }

    private func turns(_ messages: String) throws -> (system: [String], turns: [String]) {
        try withConversation(#"{"model":"m","messages":[\#(messages)]}"#) { conversation in
            (words(conversation.system), conversation.turns.map { "\($0.role): " + words($0.parts).joined(separator: "; ") })
        }
    }

    // MARK: Messages

    @Test func instructionsInFrontAreTheSystemAndLaterOnesTurns() throws {
        let found = try turns(
            #"""
            {"role":"system","content":"a"},{"role":"developer","content":[{"type":"text","text":"b"}]},{"role":"user","content":"c"},
            {"role":"developer","content":"d"},{"role":"system","content":"e"},{"role":"user","content":"f"}
            """#)
        #expect(found.system == ["text a", "text b"])
        #expect(found.turns == ["user: text c", "system: text d", "system: text e", "user: text f"])
    }

    @Test func aUsersPartsOfEveryKind() throws {
        let found = try turns(
            #"""
            {"role":"user","content":["bare",{"type":"text","text":"t"},{"type":"text","text":""},
            {"type":"image_url","image_url":{"url":"data:image\/PNG;base64,iVBO","detail":"low"}},{"type":"image_url","image_url":{"url":"https://x/y.png"}},
            {"type":"image_url","image_url":"https://x/z.png"},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"}},
            {"type":"file","file":{"file_data":"JVBE"}},{"type":"file","file":{"file_data":"https://x/a.pdf"}},{"type":"file","file":{"file_id":"file-1"}},
            {"type":"input_audio","input_audio":{"data":"UklG","format":"mp3"}}]}
            """#)
        #expect(
            found.turns == [
                "user: text bare; text t; image image/png iVBO; image at https://x/y.png; image at https://x/z.png; file application/pdf JVBE a.pdf; "
                    + "file application/pdf JVBE -; file at https://x/a.pdf; file id file-1; audio mp3 UklG"
            ])
    }

    @Test func callsAndTheirResultsJoinOneTurnOfTheUser() throws {
        let found = try turns(
            #"""
            {"role":"user","content":"go"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},
            {"id":"call_2","type":"function","function":{"name":"g","arguments":{"b":2}}},{"id":"call_3","type":"custom","custom":{"name":"patch","input":"*** x"}}]},
            {"role":"tool","tool_call_id":"call_2","content":[{"type":"text","text":"two"}]},{"role":"tool","tool_call_id":"call_1","content":"one"},
            {"role":"tool","tool_call_id":"call_3","content":""},{"role":"user","content":"and?"}
            """#)
        #expect(
            found.turns == [
                "user: text go",
                #"assistant: call call_1 f {"a":1} []; call call_2 g object {"b":2} []; call call_3 patch *** x custom []"#,
                "user: result call_2 (text two); result call_1 (text one); result call_3 custom (); text and?",
            ])
    }

    @Test func theOldFormOfCalls() throws {
        let found = try turns(
            #"""
            {"role":"user","content":"go"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
            {"role":"function","name":"f","content":"done"}
            """#)
        #expect(found.turns == ["user: text go", "assistant: call call_unnamed_1 f {} []", "user: result call_unnamed_1 (text done)"])
    }

    @Test func refusalsAndMistralsThinking() throws {
        let found = try turns(
            #"""
            {"role":"user","content":"go"},{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"ok"},
            {"type":"refusal","refusal":"no"}],"refusal":"never"}
            """#)
        #expect(found.turns[1] == "assistant: thinking hm []; text ok; refusal no; refusal never")
    }

    // MARK: Thinking

    private func assistant(_ members: String) throws -> String {
        try turns(#"{"role":"user","content":"go"},{"role":"assistant","content":"ok",\#(members)}"#).turns[1]
    }

    @Test func plainThinkingByEitherName() throws {
        #expect(try assistant(#""reasoning_content":"hm""#) == "assistant: thinking hm []; text ok")
        #expect(try assistant(#""reasoning":"hm","reasoning_details":null"#) == "assistant: thinking hm []; text ok")
        #expect(try assistant(#""reasoning_content":"","reasoning":null"#) == "assistant: text ok")
    }

    @Test func aSignedBlockGetsTheTextThatStandsBesideIt() throws {
        let found = try assistant(
            #""reasoning_content":"hm \"x\"","reasoning_details":[{"type":"reasoning.text","index":0,"text":"","signature":"ekai1:m::c2ln"}]"#)
        #expect(found == #"assistant: thinking hm "x" [messages - c2ln]; text ok"#)
    }

    @Test func severalBlocksAreToldApart() throws {
        let later = #"{"type":"reasoning.text","index":1,"text":"se"},{"type":"reasoning.text","index":1,"text":"cond"},{"type":"reasoning.text","index":1,"signature":"ekai1:m::b"}"#
        let found = try assistant(
            #""reasoning_content":"firstsecond","reasoning_details":[{"type":"reasoning.text","index":0,"signature":"ekai1:m::a"},\#(later)]"#)
        #expect(found == "assistant: thinking first [messages - a]; thinking second [messages - b]; text ok")
    }

    @Test func statesOfEveryOrigin() throws {
        let found = try assistant(
            #""reasoning_details":[{"type":"reasoning.encrypted","data":"ekai1:r:rs_1:gAAA"},{"type":"reasoning.encrypted","data":"ekai1:x::ErUB"},{"type":"reasoning.encrypted","data":"ekai1:g::Q0E="}]"#)
        #expect(found == "assistant: sealed [responses rs_1 gAAA]; sealed [messagesRedacted - ErUB]; sealed [gemini - Q0E=]; text ok")
    }

    @Test func chatsOwnStateIsTheWholeElement() throws {
        let element = #"{"type":"reasoning.encrypted","data":"gAAA","id":"rs_1","format":"openai-responses-v1","index":0}"#
        let found = try assistant(#""reasoning":"sum","reasoning_details":[{"type":"reasoning.summary","summary":"sum"},\#(element)]"#)
        #expect(found == "assistant: thinking sum [chat - \(element)]; text ok")
    }

    @Test func geminisSignatureGoesToItsCall() throws {
        let call = #"{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}"#
        let detail = #"{"type":"reasoning.encrypted","index":0,"id":"c1","data":"ekai1:g::Q0E="}"#
        #expect(try assistant(#""tool_calls":[\#(call)],"reasoning_details":[\#(detail)]"#) == "assistant: text ok; call c1 f {} [gemini - Q0E=]")
        let extra = #"{"id":"c1","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"Q0E="}}}"#
        #expect(try assistant(#""tool_calls":[\#(extra)],"reasoning_details":[\#(detail)]"#) == "assistant: text ok; call c1 f {} [gemini - Q0E=]")
    }

    // MARK: The rest

    @Test func knobs() throws {
        try withConversation(
            #"""
            {"model":"m","messages":[{"role":"user","content":"a"}],"max_tokens":5,"max_completion_tokens":7,"stop":["x",""],"temperature":0.5,"top_p":1,
            "top_k":3,"seed":9,"frequency_penalty":0.1,"presence_penalty":0.2,"logit_bias":{"1":2},"user":"u","safety_identifier":"s","prompt_cache_key":"k",
            "metadata":{"a":"b"},"service_tier":"flex","verbosity":"low","store":true,"parallel_tool_calls":false,"n":1,"logprobs":true,"top_logprobs":2}
            """#
        ) { conversation in
            #expect(conversation.maxOutputTokens == 7)
            #expect(conversation.stop.map(\.string) == ["x"])
            #expect(conversation.sampling.temperature?.decimal?.significand == 5)
            #expect(conversation.sampling.topK?.int64 == 3)
            #expect(conversation.sampling.seed?.int64 == 9)
            #expect(conversation.sampling.candidateCount == nil)
            #expect(conversation.user?.string == "s")
            #expect(conversation.cacheKey?.string == "k")
            #expect(conversation.metadata?.isObject == true)
            #expect(conversation.serviceTier?.string == "flex")
            #expect(conversation.verbosity?.string == "low")
            #expect(conversation.stores == true)
            #expect(conversation.allowsParallelCalls == false)
        }
    }

    @Test(arguments: [
        (#""reasoning_effort":"none""#, "off - - -"), (#""reasoning_effort":"xhigh""#, "on xhigh - -"),
        (#""reasoning":{"effort":"low","exclude":true}"#, "on low - false"), (#""reasoning":{"max_tokens":2000}"#, "on - 2000 -"),
        (#""reasoning":{"enabled":false}"#, "off - - -"), (#""reasoning":{"enabled":true}"#, "on - - -"),
        (#""thinking":{"type":"enabled","budget_tokens":4000}"#, "on - 4000 -"), (#""thinking":{"type":"disabled"}"#, "off - - -"),
        (#""thinking":{"type":"adaptive"}"#, "adaptive - - -"), (#""include_reasoning":true"#, "unset - - true"), (#""reasoning_effort":null"#, "unset - - -"),
    ])
    func reasoning(_ members: String, _ expected: String) throws {
        try withConversation(#"{"messages":[{"role":"user","content":"a"}],\#(members)}"#) { conversation in
            let wish = conversation.reasoning
            let effort = wish.effort.map { "\($0)" } ?? "-"
            #expect("\(wish.mode) \(effort) \(wish.budgetTokens.map(String.init) ?? "-") \(wish.isShown.map(String.init) ?? "-")" == expected)
        }
    }

    @Test func toolsOfEveryKind() throws {
        try withConversation(
            #"""
            {"messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"},"strict":true}},
            {"type":"function","function":{"name":"g"},"cache_control":{"type":"ephemeral"}},{"type":"custom","custom":{"name":"p","format":{"type":"text"}}},{"type":"openrouter:web_search"}],
            "tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"p"}}]}}}
            """#
        ) { conversation in
            #expect(conversation.tools.map(\.name.string) == ["f", "g", "p", "openrouter:web_search"])
            #expect(conversation.tools[0].isStrict == true)
            #expect(conversation.tools[1].schema == nil)
            #expect(conversation.tools[1].cacheControl != nil)
            guard case .custom(let format) = conversation.tools[2].kind, case .hosted = conversation.tools[3].kind else {
                Issue.record("wrong kinds")
                return
            }
            #expect(format?.isObject == true)
            guard case .allowed(let names, let isRequired) = conversation.toolChoice else {
                Issue.record("wrong choice")
                return
            }
            #expect(names.map(\.string) == ["f", "p"])
            #expect(isRequired)
        }
    }

    @Test func legacyFunctions() throws {
        try withConversation(
            #"{"messages":[{"role":"user","content":"a"}],"functions":[{"name":"f","parameters":{"type":"object"}}],"function_call":{"name":"f"}}"#
        ) { conversation in
            #expect(conversation.tools.map(\.name.string) == ["f"])
            guard case .tool(let name, nil) = conversation.toolChoice else {
                Issue.record("wrong choice")
                return
            }
            #expect(name.string == "f")
        }
    }

    @Test(arguments: [
        (#"{}"#, "messages"), (#"{"messages":{}}"#, "messages"), (#"{"messages":[]}"#, "messages"), (#"{"messages":[1]}"#, "messages"),
        (#"{"messages":[{"content":"a"}]}"#, "messages.role"), (#"{"messages":[{"role":"wizard","content":"a"}]}"#, "messages.role"),
        (#"{"messages":[{"role":"user","content":7}]}"#, "messages.content"), (#"{"messages":[{"role":"user","content":{"type":"text"}}]}"#, "messages.content"),
        (#"{"messages":[{"role":"user","content":[{"type":"text","text":5}]}]}"#, "messages.content.text"),
        (#"{"messages":[{"role":"user","content":[{"type":"video_url"}]}]}"#, "messages.content.type"),
        (#"{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]}"#, "messages.content.image_url.url"),
        (#"{"messages":[{"role":"tool","content":"x"}]}"#, "messages.tool_call_id"),
        (#"{"messages":[{"role":"assistant","tool_calls":{}}]}"#, "messages.tool_calls"),
        (#"{"messages":[{"role":"assistant","tool_calls":[3]}]}"#, "messages.tool_calls.function"),
        (#"{"messages":[{"role":"assistant","tool_calls":[{"function":{"arguments":"{}"}}]}]}"#, "messages.tool_calls.function.name"),
        (#"{"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":[]}}]}]}"#, "messages.tool_calls.function.arguments"),
        (#"{"messages":[{"role":"user","content":"a"}],"tools":{}}"#, "tools"), (#"{"messages":[{"role":"user","content":"a"}],"tools":[{"type":"function"}]}"#, "tools.function"),
        (#"{"messages":[{"role":"user","content":"a"}],"tools":[{"function":{"name":""}}]}"#, "tools.function.name"),
        (#"{"messages":[{"role":"user","content":"a"}],"tool_choice":"maybe"}"#, "tool_choice"),
        (#"{"messages":[{"role":"user","content":"a"}],"response_format":{"type":"xml"}}"#, "response_format.type"),
        (#"{"messages":[{"role":"user","content":"a"}],"stop":7}"#, "stop"), (#"{"messages":[{"role":"user","content":"a"}],"temperature":"hot"}"#, "temperature"),
        (#"{"messages":[{"role":"user","content":"a"}],"max_tokens":0}"#, "max_tokens"), (#"{"messages":[{"role":"user","content":"a"}],"n":2}"#, "n"),
        (#"{"messages":[{"role":"user","content":"a"}],"reasoning_effort":"some"}"#, "reasoning_effort"),
        (#"{"messages":[{"role":"user","content":"a"}],"modalities":["text","audio"]}"#, "modalities"),
    ])
    func whatIsWrongIsNamed(_ json: String, _ member: String) {
        #expect(problem(json)?.param == member)
    }

    /// Every way to break a request off, and to put something else in place of each value: a problem or a request, never a trap.
    @Test func nothingTraps() throws {
        let whole =
            #"{"messages":[{"role":"assistant","content":[{"type":"image_url","image_url":{"url":"data:;base64,"}},{"type":"file","file":{"file_data":"x"}}],"reasoning_details":[{"type":"reasoning.text","signature":"ekai1:m:"}],"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{"},"extra_content":{"google":{"thought_signature":"x"}}}]},{"role":"tool","tool_call_id":"a","content":[{"type":"input_audio","input_audio":{"data":"x"}}]}],"tools":[{"type":"custom","custom":{"name":"x","format":{"grammar":{"definition":"y"}}}}],"tool_choice":{"function":{"name":"x"}},"reasoning":{"max_tokens":1e999},"stop":["a"],"response_format":{"type":"json_schema","json_schema":{"schema":{}}}}"#
        let values = ["null", "7", "-1", "\"\"", "[]", "{}", "[[]]", "true"]
        var outcomes = 0
        let bytes = Array(whole)
        for start in bytes.indices where bytes[start] == ":" || bytes[start] == "[" || bytes[start] == "," {
            for value in values {
                for profile in [ProviderProfile.openAI, .openrouter, .mistral, .deepseek] {
                    var rest = bytes[(start + 1)...]
                    // The value that stands there goes: a string, or all up to the matching bracket.
                    var depth = 0
                    var isInString = false
                    while let character = rest.first {
                        if !isInString, depth == 0, ",]}".contains(character) { break }
                        if character == "\"" { isInString.toggle() }
                        if !isInString, "[{".contains(character) { depth += 1 }
                        if !isInString, "]}".contains(character) { depth -= 1 }
                        rest = rest.dropFirst()
                    }
                    _ = problem(String(bytes[...start]) + value + String(rest), to: profile)
                    outcomes += 1
                }
            }
        }
        #expect(outcomes > 1_000)
    }
}
