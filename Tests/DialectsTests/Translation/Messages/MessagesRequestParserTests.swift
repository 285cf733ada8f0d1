import Foundation
import Streaming
import Testing

@testable import Dialects

/// What a request of an Anthropic client means.
@Suite struct MessagesRequestParserTests {
    /// Parses and hands the conversation to `body` while the text lives.
    private func parse<Result>(_ json: String, _ body: (Conversation) throws -> Result) throws -> Result {
        let tape = JSONTape()
        return try Array(json.utf8).withUnsafeBytes { bytes in
            let conversation = try MessagesRequestParser.parse(try tape.parse(bytes))
            return try body(conversation)
        }
    }

    private func request(_ members: String, messages: String = #"[{"role":"user","content":"hi"}]"#) -> String {
        #"{"model":"m","max_tokens":10,"messages":\#(messages)\#(members.isEmpty ? "" : ",")\#(members)}"#
    }

    private func parts(_ content: String) throws -> [String] {
        try parse(request("", messages: #"[{"role":"user","content":\#(content)}]"#)) { conversation in
            conversation.turns.flatMap(\.parts).map { Self.line($0) }
        }
    }

    private static func line(_ part: ConversationPart) -> String {
        let mark = part.cacheControl == nil ? "" : " marked"
        switch part.content {
        case .text(let text): return "text \(text.string)\(mark)"
        case .image(let source): return "image \(line(source))\(mark)"
        case .file(let source, let name): return "file \(line(source)) \(name?.string ?? "-")\(mark)"
        case .audio: return "audio"
        case .thinking(let text, let state): return "thinking \(text.string) \(state.map(line) ?? "-")"
        case .sealedThinking(let state): return "sealed \(line(state))"
        case .refusal(let text): return "refusal \(text.string)"
        case .toolCall(let call):
            guard case .object(let input) = call.arguments else { return "call \(call.id.string) \(call.name.string)" }
            return "call \(call.id.string) \(call.name.string) \(String(decoding: input.rawBytes, as: UTF8.self))\(mark)"
        case .toolResult(let result):
            let inner = result.parts.map { line($0) }.joined(separator: ", ")
            return "result \(result.callID.string)\(result.isError ? " error" : "") [\(inner)]\(mark)"
        }
    }

    private static func line(_ source: MediaSource) -> String {
        switch source {
        case .base64(let type, let data): "\(type.string):\(data.string)"
        case .url(let url): url.string
        case .fileID(let id): id.string
        case .text(let text): "(\(text.string))"
        }
    }

    private static func line(_ state: ProviderState) -> String { "\(state.origin) \(state.id?.string ?? "-") \(state.value.string)" }

    // MARK: Content

    @Test func aTextAlone() throws {
        #expect(try parts(#""a\nb""#) == ["text a\nb"])
    }

    @Test func everyKindOfBlock() throws {
        let lines = try parts(
            #"""
            [{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"QUJD"}},
            {"type":"image","source":{"type":"url","url":"https://x/y.png"}},
            {"type":"image","source":{"type":"file","file_id":"file_1"}},
            {"type":"document","title":"T","context":"about","source":{"type":"base64","media_type":"application/pdf","data":"UERG"}},
            {"type":"document","source":{"type":"text","media_type":"text/plain","data":"plain"}},
            {"type":"document","source":{"type":"content","content":[{"type":"text","text":"one"},{"type":"text","text":"two"}]},"cache_control":{"type":"ephemeral"}},
            {"type":"search_result","source":"https://s","title":"S","content":[{"type":"text","text":"found"}]},
            {"type":"tool_use","id":"t","name":"n","input":{"a":[1]},"caller":{"type":"direct"}},
            {"type":"tool_result","tool_use_id":"t","content":"out","is_error":true},
            {"type":"tool_result","tool_use_id":"u","content":[{"type":"text","text":"x"},{"type":"tool_reference","tool_name":"other"}],"cache_control":{"type":"ephemeral"}},
            {"type":"tool_result","tool_use_id":"v"},
            {"type":"thinking","thinking":"hm","signature":"sig"},
            {"type":"thinking","thinking":"","signature":"omitted"},
            {"type":"thinking","thinking":"unsigned","signature":""},
            {"type":"thinking","thinking":"of another","signature":"ekai1:r:rs_1:blob"},
            {"type":"thinking","thinking":"","signature":""},
            {"type":"redacted_thinking","data":"secret"},
            {"type":"redacted_thinking","data":"ekai1:g::c2ln"},
            {"type":"server_tool_use","id":"s","name":"web_search","input":{}},
            {"type":"web_search_tool_result","tool_use_id":"s","content":[]},
            {"type":"container_upload","file_id":"file_2"},
            {"type":"compaction","content":"so far"},
            {"type":"of the future"}]
            """#)
        #expect(
            lines == [
                "text a marked", "image image/png:QUJD", "image https://x/y.png", "image file_1", "text about", "file application/pdf:UERG T",
                "file (plain) -", "text one", "text two marked", "text S", "text https://s", "text found", #"call t n {"a":[1]}"#,
                "result t error [text out]", "result u [text x, text other] marked", "result v []", "thinking hm messages - sig",
                "sealed messages - omitted", "thinking unsigned -", "thinking of another responses rs_1 blob", "sealed messagesRedacted - secret",
                "sealed gemini - c2ln", "text so far",
            ])
    }

    @Test func instructionsKeepTheirPlaces() throws {
        let messages = #"""
            [{"role":"system","content":"front"},{"role":"user","content":"u","output_config":{"effort":"low"},"unknown":1},
            {"role":"system","content":[{"type":"text","text":"middle","cache_control":{"type":"ephemeral"}}]}]
            """#
        try parse(request(#""system":[{"type":"text","text":"a"},{"type":"text","text":"b","cache_control":{"type":"ephemeral"}}]"#, messages: messages)) {
            #expect($0.system.map { Self.line($0) } == ["text a", "text b marked", "text front"])
            #expect($0.turns.map(\.role) == [.user, .system])
            #expect($0.turns[1].parts.map { Self.line($0) } == ["text middle marked"])
        }
        try parse(request(#""system":"all""#)) { #expect($0.system.map { Self.line($0) } == ["text all"]) }
    }

    // MARK: Options

    @Test func everyOption() throws {
        let members = #"""
            "stream":true,"temperature":0.5,"top_p":0.9,"top_k":40,"stop_sequences":["a","b"],"metadata":{"user_id":"{\"device\":1}"},
            "service_tier":"auto","thinking":{"type":"enabled","budget_tokens":2000,"display":"omitted"},
            "output_config":{"effort":"xhigh","format":{"type":"json_schema","schema":{"type":"object"}}},
            "context_management":{"edits":[]},"betas":["x"],"container":"c","mcp_servers":[]
            """#
        try parse(request(members)) {
            #expect($0.isStreaming && $0.maxOutputTokens == 10)
            #expect($0.sampling.temperature?.decimal?.significand == 5)
            #expect($0.sampling.topP != nil && $0.sampling.topK?.int64 == 40)
            #expect($0.stop.map(\.string) == ["a", "b"])
            #expect($0.user?.string == #"{"device":1}"#)
            #expect($0.serviceTier?.string == "auto")
            #expect($0.reasoning.budgetTokens == 2000 && $0.reasoning.isShown == false && $0.reasoning.effort == .xhigh)
            guard case .schema = $0.outputFormat else { return #expect(Bool(false), "no format") }
        }
    }

    @Test func waysOfThinking() throws {
        let cases: [(String, ReasoningWish.Mode, Bool?)] = [
            (#"{"type":"adaptive"}"#, .adaptive, nil), (#"{"type":"adaptive","display":"summarized"}"#, .adaptive, true),
            (#"{"type":"disabled"}"#, .off, nil), (#"{"type":"enabled","budget_tokens":1024}"#, .on, true),
            (#"{"type":"enabled","budget_tokens":1024,"display":"omitted"}"#, .on, false), (#"{"type":"between_tools"}"#, .adaptive, nil),
        ]
        for (json, mode, isShown) in cases {
            try parse(request(#""thinking":\#(json)"#)) {
                #expect("\($0.reasoning.mode)" == "\(mode)")
                #expect($0.reasoning.isShown == isShown)
            }
        }
    }

    @Test func tools() throws {
        let members = #"""
            "tools":[{"name":"a","description":"A","input_schema":{"type":"object"},"strict":true,"cache_control":{"type":"ephemeral"}},
            {"type":"custom","name":"b","defer_loading":true,"input_schema":{"type":"object"}},
            {"type":"web_search_20250305","name":"web_search","max_uses":3},{"name":"c"}],
            "tool_choice":{"type":"tool","name":"a","disable_parallel_tool_use":true}
            """#
        try parse(request(members)) {
            #expect($0.tools.map(\.name.string) == ["a", "b", "web_search", "c"])
            #expect($0.tools[0].isStrict == true && $0.tools[0].cacheControl != nil && $0.tools[0].description?.string == "A")
            #expect($0.tools.map { if case .hosted = $0.kind { true } else { false } } == [false, false, true, false])
            #expect($0.tools[3].schema == nil)
            #expect($0.allowsParallelCalls == false)
            guard case .tool(let name, nil) = $0.toolChoice else { return #expect(Bool(false), "no choice") }
            #expect(name.string == "a")
        }
        for (word, choice) in [("auto", ToolChoice.auto), ("any", .required), ("none", ToolChoice.none)] {
            try parse(request(#""tool_choice":{"type":"\#(word)"}"#)) { #expect("\($0.toolChoice!)" == "\(choice)") }
        }
    }

    // MARK: Problems

    @Test(arguments: [
        (#"{"messages":[{"role":"user","content":"a"}]}"#, RequestProblem.missing(member: "max_tokens")),
        (#"{"max_tokens":"1","messages":[{"role":"user","content":"a"}]}"#, .wrongType(member: "max_tokens", expected: "an integer")),
        (#"{"max_tokens":0,"messages":[{"role":"user","content":"a"}]}"#, .invalid(member: "max_tokens", reason: "it must be at least 1")),
        (#"{"max_tokens":1}"#, .missing(member: "messages")),
        (#"{"max_tokens":1,"messages":{}}"#, .wrongType(member: "messages", expected: "an array of objects")),
        (#"{"max_tokens":1,"messages":[]}"#, .empty(member: "messages")),
        (#"{"max_tokens":1,"messages":[7]}"#, .wrongType(member: "messages", expected: "an array of objects")),
        (#"{"max_tokens":1,"messages":[{"content":"a"}]}"#, .missing(member: "messages.role")),
        (#"{"max_tokens":1,"messages":[{"role":"tool","content":"a"}]}"#, .invalid(member: "messages.role", reason: "it must be user, assistant or system")),
        (#"{"max_tokens":1,"messages":[{"role":"user"}]}"#, .missing(member: "messages.content")),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":7}]}"#, .wrongType(member: "messages.content", expected: "a string or an array of content blocks")),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":["a"]}]}"#, .wrongType(member: "messages.content", expected: "an array of objects with a type")),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":[{"type":"text"}]}]}"#, .missing(member: "messages.content.text")),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":[{"type":"image"}]}]}"#, .missing(member: "messages.content.source")),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"x"}}]}]}"#,
            .invalid(member: "messages.content.source", reason: "it must be base64, url, file, text or content")),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":7}]}]}"#,
            .wrongType(member: "messages.content.content", expected: "a string or an array of content blocks")),
        (#"{"max_tokens":1,"system":7,"messages":[{"role":"user","content":"a"}]}"#, .wrongType(member: "system", expected: "a string or an array of text blocks")),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":"a"}],"tools":{}}"#, .wrongType(member: "tools", expected: "an array of objects")),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":"a"}],"tools":[{}]}"#, .missing(member: "tools.name")),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":"a"}],"tool_choice":"auto"}"#, .wrongType(member: "tool_choice", expected: "an object with a type")),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":"a"}],"tool_choice":{"type":"x"}}"#,
            .invalid(member: "tool_choice.type", reason: "it must be auto, any, tool or none")),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":"a"}],"thinking":{"type":"enabled"}}"#, .missing(member: "thinking.budget_tokens")),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":"a"}],"thinking":7}"#, .wrongType(member: "thinking", expected: "an object with a type")),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":"a"}],"temperature":"1"}"#, .wrongType(member: "temperature", expected: "a number")),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":"a"}],"stop_sequences":[1]}"#, .wrongType(member: "stop_sequences", expected: "an array of strings")),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":"a"}],"output_config":{"format":{"type":"json_schema"}}}"#, .missing(member: "output_config.format.schema")),
    ])
    func problems(_ json: String, _ problem: RequestProblem) throws {
        #expect(throws: problem) { try parse(json) { _ in } }
    }
}
