import Foundation
import Streaming
import Testing

@testable import Dialects

@Suite struct ResponsesRequestWriterTests {
    private func items(_ body: [String: Any]) -> [[String: Any]] { body["input"] as? [[String: Any]] ?? [] }

    private func conversation(_ turns: (ConversationTurn.Role, [ConversationPart])...) -> Conversation {
        var conversation = Conversation()
        conversation.turns = turns.map { ConversationTurn(role: $0.0, parts: $0.1) }
        return conversation
    }

    private func part(_ text: String) -> ConversationPart { .text(.owned(text)) }

    @Test func codexThereAndBack() throws {
        let target = TranslationTarget(dialect: .responses, model: "gpt-5.2-codex")
        let translated = try TranslatedRequest(ResponsesRequestParserTests.codex, from: .responses, to: target)
        let body = translated.body
        #expect(body["instructions"] as? String == "You are Codex.\n\nSkills.")
        #expect(body["store"] as? Bool == false)
        #expect(body["include"] as? [String] == ["reasoning.encrypted_content"])
        #expect(body["prompt_cache_key"] as? String == "thread-1")
        #expect(body["parallel_tool_calls"] as? Bool == true)
        #expect(body["tool_choice"] as? String == "auto")
        #expect(body["reasoning"] as? [String: String] == ["summary": "auto"])
        #expect(body["stream"] == nil)
        let items = items(body)
        #expect(items.map { $0["type"] as? String } == [
            "message", "reasoning", "function_call", "function_call", "custom_tool_call", "function_call_output", "function_call_output",
            "custom_tool_call_output", "message", "message",
        ])
        #expect(items.filter { $0["id"] != nil }.map { $0["id"] as? String } == ["rs_1"])
        #expect(items[1]["encrypted_content"] as? String == "gAAA==")
        #expect(items[2]["arguments"] as? String == #"{"cmd":"ls"}"#)
        #expect(items[3]["name"] as? String == "files__read")
        #expect(items[4]["input"] as? String == "*** Begin Patch\n")
        #expect(items[5]["output"] as? String == "a.txt")
        let output = items[6]["output"] as? [[String: Any]] ?? []
        #expect(output.map { $0["type"] as? String } == ["input_text", "input_image"])
        #expect(output.last?["image_url"] as? String == "data:image/png;base64,AAAA")
        #expect(items[8]["role"] as? String == "developer")
        #expect((items[9]["content"] as? [[String: Any]])?.map { $0["type"] as? String } == ["output_text", "refusal"])
        let tools = body["tools"] as? [[String: Any]] ?? []
        #expect(tools.map { $0["name"] as? String } == ["shell", "files__read", "apply_patch"])
        #expect(tools[0]["strict"] as? Bool == false)
        #expect(tools[1]["strict"] == nil)
        #expect((tools[2]["format"] as? [String: Any])?["syntax"] as? String == "lark")
        #expect(translated.plan.renamedTools == [
            "files__read": .init(name: "read", namespace: "files"), "apply_patch": .init(name: "apply_patch", isCustom: true),
        ])
    }

    /// Every recorded request: what matters comes out as it went in.
    @Test(arguments: CorpusRecord.of(.responses).filter { $0.requestPath != nil })
    func recordedThereAndBack(_ recorded: CorpusRecord) throws {
        guard let request = try recorded.request() else { return }
        let source = try #require(try JSONSerialization.jsonObject(with: Data(request.utf8)) as? [String: Any])
        let target = TranslationTarget(dialect: .responses, model: source["model"] as? String ?? "")
        let kept = source["previous_response_id"] != nil || source["background"] as? Bool == true
        guard !kept else {
            #expect(throws: RequestProblem.self) { try TranslatedRequest(request, from: .responses, to: target) }
            return
        }
        let once = try TranslatedRequest(request, from: .responses, to: target)
        let twice = try TranslatedRequest(once.text, from: .responses, to: target)
        #expect(once.text == twice.text)
        #expect(once.body["model"] as? String == source["model"] as? String)
        #expect(once.body["instructions"] as? String == (source["instructions"] as? String).flatMap { $0.isEmpty ? nil : $0 })
        let first = try readResponses(request) { $0.lines }
        // Reasoning that nothing follows is left out.
        let second = try readResponses(once.text) { $0.lines }
        #expect(second == first.filter { line in second.contains(line) || !(line.contains("thinking") || line.contains("sealed")) })
        let functions = (source["tools"] as? [[String: Any]] ?? []).filter { $0["type"] as? String == "function" }
        #expect((once.body["tools"] as? [[String: Any]] ?? []).map { $0["name"] as? String } == functions.map { $0["name"] as? String })
    }

    @Test func toolsOfOtherDialectsAreNotStrict() throws {
        let json = Array(#"{"name":"f","input_schema":{"type":"object"}}"#.utf8)
        try json.withUnsafeBytes { bytes in
            let tape = JSONTape()
            defer { withExtendedLifetime(tape) {} }
            let source = try tape.parse(bytes)
            var conversation = conversation((.user, [part("x")]))
            var tool = ToolDefinition(kind: .function, name: .owned("f"), source: source)
            conversation.tools = [tool]
            var body = try responsesBody(conversation).body
            var written = try #require((body["tools"] as? [[String: Any]])?.first)
            #expect(written["strict"] as? Bool == false)
            #expect(NSDictionary(dictionary: written["parameters"] as? [String: Any] ?? [:]) == ["type": "object", "properties": [:] as NSDictionary])
            tool.isStrict = true
            tool.name = .owned("odd name")
            conversation.tools = [tool]
            let result = try responsesBody(conversation)
            body = result.body
            written = try #require((body["tools"] as? [[String: Any]])?.first)
            #expect(written["strict"] as? Bool == true)
            let name = try #require(written["name"] as? String)
            #expect(result.plan.renamedTools[name]?.name == "odd name")
        }
    }

    @Test func choicesGoOnlyWithTools() throws {
        var conversation = conversation((.user, [part("x")]))
        conversation.toolChoice = .required
        conversation.allowsParallelCalls = false
        let body = try responsesBody(conversation).body
        #expect(body["tools"] == nil)
        #expect(body["tool_choice"] == nil)
        #expect(body["parallel_tool_calls"] == nil)
    }

    @Test(arguments: [
        (#""required""#, #""required""#), (#""none""#, #""none""#), (#"{"type":"function","name":"f"}"#, #"{"name":"f","type":"function"}"#),
        (#"{"type":"custom","name":"c"}"#, #"{"name":"c","type":"custom"}"#), (#"{"type":"function","name":"gone"}"#, nil),
        (#"{"type":"function","name":"g","namespace":"n"}"#, #"{"name":"n__g","type":"function"}"#),
        (
            #"{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"},{"type":"custom","name":"c"}]}"#,
            #"{"mode":"auto","tools":[{"name":"f","type":"function"},{"name":"c","type":"custom"}],"type":"allowed_tools"}"#
        ),
    ] as [(String, String?)])
    func toolChoices(_ choice: String, _ expected: String?) throws {
        let tools = #"[{"type":"function","name":"f"},{"type":"custom","name":"c"},{"type":"namespace","name":"n","tools":[{"type":"function","name":"g"}]}]"#
        let body = try TranslatedRequest(
            #"{"input":"x","tool_choice":\#(choice),"tools":\#(tools)}"#, from: .responses, to: TranslationTarget(dialect: .responses, model: "gpt-4.1")
        ).body
        let written = try body["tool_choice"].map { try JSONSerialization.data(withJSONObject: $0, options: [.sortedKeys, .fragmentsAllowed]) }
        #expect(written.map { String(decoding: $0, as: UTF8.self) } == expected)
    }

    /// As many tools as a body can hold, all of them allowed by name: looking each up in the list of names would take minutes.
    @Test func manyAllowedTools() throws {
        let names = (0..<40_000).map { "tool_\($0)" }
        let tools = names.map { #"{"type":"function","name":"\#($0)"}"# }.joined(separator: ",")
        let body = try TranslatedRequest(
            #"{"input":"x","tools":[\#(tools)],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[\#(tools)]}}"#, from: .responses,
            to: TranslationTarget(dialect: .responses, model: "gpt-4.1")
        ).body
        #expect(((body["tool_choice"] as? [String: Any])?["tools"] as? [Any])?.count == 40_000)
    }

    @Test func aLongCacheKeyIsHashed() throws {
        var conversation = conversation((.user, [part("x")]))
        let long = String(repeating: "k", count: 65)
        conversation.cacheKey = .owned(String(long.dropLast()))
        #expect(try responsesBody(conversation).body["prompt_cache_key"] as? String == String(long.dropLast()))
        conversation.cacheKey = .owned(long)
        let key = try #require(try responsesBody(conversation).body["prompt_cache_key"] as? String)
        #expect(key.hasPrefix("cache_") && key.utf8.count <= 64)
        #expect(try responsesBody(conversation).body["prompt_cache_key"] as? String == key)
    }

    @Test func resultsAndErrors() throws {
        var failed = ToolResult(callID: .owned("call_1"), parts: [part("broke"), part("twice")])
        failed.isError = true
        var image = ToolResult(callID: .owned(String(repeating: "x", count: 70)), parts: [ConversationPart(.image(.url(.owned("https://x"))))])
        image.isError = true
        let call = ToolCall(id: .owned(String(repeating: "x", count: 70)), name: .owned("f"), arguments: .text(.owned("")))
        let body = try responsesBody(
            conversation(
                (.assistant, [ConversationPart(.toolCall(call))]),
                (.user, [part("and"), ConversationPart(.toolResult(failed)), ConversationPart(.toolResult(image))]))
        ).body
        let items = items(body)
        #expect(items.map { $0["type"] as? String } == ["function_call", "function_call_output", "function_call_output", "message"])
        #expect(items[0]["arguments"] as? String == "{}")
        #expect(items[1]["output"] as? String == "Error: broke\ntwice")
        let id = try #require(items[2]["call_id"] as? String)
        #expect(id.count <= 64)
        #expect(items[0]["call_id"] as? String == id)
        #expect((items[2]["output"] as? [[String: Any]])?.map { $0["type"] as? String } == ["input_text", "input_image"])
    }

    @Test func statesOfOthersStayAway() throws {
        func state(_ origin: ProviderState.Origin) -> ProviderState { ProviderState(origin, id: .owned("rs_1"), .owned("enc")) }
        let thought: (ProviderState?) -> ConversationPart = { ConversationPart(.thinking(.owned("Hm"), state: $0)) }
        let body = try responsesBody(
            conversation(
                (.user, [part("x")]),
                (.assistant, [
                    thought(nil), thought(state(.messages)), ConversationPart(.sealedThinking(state(.gemini))), thought(state(.responses)),
                    ConversationPart(.sealedThinking(state(.responses))), part("answer"), thought(state(.responses)),
                ]))
        ).body
        let items = items(body)
        #expect(items.map { $0["type"] as? String } == ["message", "reasoning", "reasoning", "message"])
        #expect((items[1]["summary"] as? [[String: Any]])?.first?["text"] as? String == "Hm")
        #expect((items[2]["summary"] as? [Any])?.isEmpty == true)
        #expect(items[2]["encrypted_content"] as? String == "enc")
    }

    @Test func mediaParts() throws {
        let body = try responsesBody(
            conversation(
                (.user, [
                    ConversationPart(.image(.base64(mediaType: .owned("image/png"), data: .owned("AA")))), ConversationPart(.image(.fileID(.owned("file-1")))),
                    ConversationPart(.file(.base64(mediaType: .owned("application/pdf"), data: .owned("BB")), name: nil)),
                    ConversationPart(.file(.url(.owned("https://x")), name: nil)), ConversationPart(.file(.text(.owned("plain")), name: nil)),
                ]))
        ).body
        let parts = items(body).first?["content"] as? [[String: String]] ?? []
        #expect(parts == [
            ["type": "input_image", "image_url": "data:image/png;base64,AA"], ["type": "input_image", "file_id": "file-1"],
            ["type": "input_file", "filename": "document.pdf", "file_data": "data:application/pdf;base64,BB"],
            ["type": "input_file", "file_url": "https://x"], ["type": "input_text", "text": "plain"],
        ])
        #expect(throws: RequestProblem.self) {
            try responsesBody(conversation((.user, [ConversationPart(.audio(data: .owned("AA"), format: .owned("wav")))])))
        }
    }

    @Test func boundsAndSampling() throws {
        let request = #"{"input":"x","max_output_tokens":7,"temperature":0.5,"top_p":0.9,"text":{"verbosity":"low"}}"#
        let plain = try TranslatedRequest(request, from: .responses, to: TranslationTarget(dialect: .responses, model: "gpt-4.1")).body
        #expect(plain["max_output_tokens"] as? Int == 16)
        #expect(plain["temperature"] as? Double == 0.5)
        #expect(plain["top_p"] as? Double == 0.9)
        #expect(plain["include"] == nil)
        #expect(plain["text"] == nil)
        let thinking = try TranslatedRequest(request, from: .responses, to: TranslationTarget(dialect: .responses, model: "openai/gpt-5.1")).body
        #expect(thinking["temperature"] == nil)
        #expect(thinking["top_p"] == nil)
        #expect(thinking["include"] as? [String] == ["reasoning.encrypted_content"])
        #expect(thinking["text"] as? [String: String] == ["verbosity": "low"])
        let grok = try TranslatedRequest(
            request, from: .responses, to: TranslationTarget(dialect: .responses, model: "grok-4", profile: .xai, reasons: true)
        ).body
        #expect(grok["temperature"] as? Double == 0.5)
        #expect(grok["include"] as? [String] == ["reasoning.encrypted_content"])
        var large = conversation((.user, [part("x")]))
        large.maxOutputTokens = 128_000
        large.stores = true
        large.isStreaming = true
        let target = TranslationTarget(dialect: .responses, model: "gpt-5", outputTokensMax: 32_000)
        let body = try responsesBody(large, target).body
        #expect(body["max_output_tokens"] as? Int == 32_000)
        #expect(body["store"] as? Bool == true)
        #expect(body["include"] == nil)
        #expect(body["stream"] as? Bool == true)
        large.sampling.candidateCount = 2
        #expect(throws: RequestProblem.self) { try responsesBody(large, target) }
    }

    @Test(arguments: [
        ("gpt-5", ReasoningWish.Effort.minimal, "minimal"), ("gpt-5.1", .minimal, "low"), ("o3", .minimal, "low"), ("gpt-5", .max, "high"),
        ("gpt-5.2", .xhigh, "xhigh"), ("gpt-6", .max, "xhigh"), ("o4-mini", .high, "high"), ("gpt-5-chat-latest", .high, nil), ("gpt-4.1", .high, nil),
        ("gpt-5.1-chat-latest", .high, nil), ("gpt-oss-120b", .high, nil),
    ] as [(String, ReasoningWish.Effort, String?)])
    func efforts(_ model: String, _ effort: ReasoningWish.Effort, _ expected: String?) throws {
        var conversation = conversation((.user, [part("x")]))
        conversation.reasoning.mode = .on
        conversation.reasoning.effort = effort
        let body = try responsesBody(conversation, TranslationTarget(dialect: .responses, model: model)).body
        #expect((body["reasoning"] as? [String: String])?["effort"] == expected)
    }

    @Test(arguments: [("gpt-5", "minimal"), ("gpt-5.1", "none"), ("o3", "low"), ("gpt-4o", nil), ("gpt-5.1-codex", "low")] as [(String, String?)])
    func thinkingOff(_ model: String, _ expected: String?) throws {
        var conversation = conversation((.user, [part("x")]))
        conversation.reasoning.mode = .off
        let body = try responsesBody(conversation, TranslationTarget(dialect: .responses, model: model)).body
        #expect((body["reasoning"] as? [String: String])?["effort"] == expected)
    }

    @Test func budgetsAndSummaries() throws {
        var conversation = conversation((.user, [part("x")]))
        conversation.reasoning.mode = .on
        conversation.reasoning.budgetTokens = 8_192
        let target = TranslationTarget(dialect: .responses, model: "gpt-5.1")
        #expect(try responsesBody(conversation, target).body["reasoning"] as? [String: String] == ["effort": "medium"])
        conversation.reasoning.isShown = true
        #expect(try responsesBody(conversation, target).body["reasoning"] as? [String: String] == ["effort": "medium", "summary": "auto"])
    }

    @Test func labels() throws {
        var conversation = conversation((.user, [part("x")]))
        conversation.user = .owned("short")
        conversation.serviceTier = .owned("standard_only")
        var body = try responsesBody(conversation).body
        #expect(body["safety_identifier"] as? String == "short")
        #expect(body["service_tier"] == nil)
        conversation.user = .owned(String(repeating: "u", count: 65))
        conversation.serviceTier = .owned("flex")
        body = try responsesBody(conversation).body
        let user = try #require(body["safety_identifier"] as? String)
        #expect(user.count <= 64 && user.hasPrefix("user_"))
        #expect(body["service_tier"] as? String == "flex")
    }

    /// OpenAI refuses a request without any input.
    @Test func instructionsAloneAreTheInput() throws {
        let request = #"{"model":"m","messages":[{"role":"system","content":"Write a poem."}]}"#
        let body = try TranslatedRequest(request, from: .chat, to: TranslationTarget(dialect: .responses, model: "gpt-4.1")).body
        #expect(body["instructions"] == nil)
        #expect(items(body).count == 1)
        #expect(items(body).first?["role"] as? String == "developer")
        #expect((items(body).first?["content"] as? [[String: Any]])?.first?["text"] as? String == "Write a poem.")
    }

    @Test func jsonIsNamed() throws {
        var conversation = conversation((.user, [part("List them")]))
        conversation.outputFormat = .json
        var body = try responsesBody(conversation).body
        #expect(items(body).first?["role"] as? String == "developer")
        conversation.turns[0].parts = [part("List them as JSON")]
        body = try responsesBody(conversation).body
        #expect(items(body).count == 1)
        #expect((body["text"] as? [String: Any])?["format"] as? [String: String] == ["type": "json_object"])
    }

    @Test func schemas() throws {
        let request = #"{"input":"x","text":{"format":{"type":"json_schema","name":"two words","strict":true,"schema":{"type":"object"}}}}"#
        let body = try TranslatedRequest(request, from: .responses, to: TranslationTarget(dialect: .responses, model: "gpt-4.1")).body
        let format = (body["text"] as? [String: Any])?["format"] as? [String: Any]
        #expect(format?["name"] as? String == "output")
        #expect(format?["strict"] as? Bool == true)
        #expect(format?["schema"] as? [String: String] == ["type": "object"])
    }
}
