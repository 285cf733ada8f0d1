import Foundation
import Streaming
import Testing

@testable import Dialects

@Suite struct ChatAnswerParserTests {
    /// The steps of a stream of these events, its end mark added.
    private func steps(_ events: String..., done: Bool = true) throws -> [String] {
        let stream = events.map { "data: \($0)\n\n" }.joined() + (done ? "data: [DONE]\n\n" : "")
        return try ParsedAnswer(stream: Array(stream.utf8), .chat).steps.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    }

    private func delta(_ delta: String, finish: String = "null") -> String {
        #"{"id":"c","model":"m","choices":[{"index":0,"delta":\#(delta),"finish_reason":\#(finish)}]}"#
    }

    private func whole(_ message: String, finish: String = #""stop""#, rest: String = "") -> [String] {
        let document = #"{"id":"c","model":"m","choices":[{"index":0,"message":\#(message),"finish_reason":\#(finish)}]\#(rest)}"#
        return ParsedAnswer(document: Array(document.utf8), .chat).steps.split(separator: "\n").map(String.init)
    }

    private let stop = #"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#

    @Test func aStreamByTheBook() throws {
        let found = try steps(
            delta(#"{"role":"assistant","content":"","refusal":null}"#), delta(#"{"content":"He\"y"}"#), delta("{}", finish: #""stop""#),
            #"{"id":"c","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":3,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":4}}}"#)
        #expect(found == ["opened c m", #"text He"y"#, "usage in 6 read 4 write 0 out 3 reasoning 0", "finish complete -", "end"])
    }

    @Test func azureOpensWithNothing() throws {
        let found = try steps(
            #"{"choices":[],"created":0,"id":"","model":"","prompt_filter_results":[{"prompt_index":0}]}"#, delta(#"{"content":"a"}"#), stop)
        #expect(found == ["opened c m", "text a", "finish complete -", "end"])
    }

    @Test func otherChoicesAreNotRead() throws {
        let found = try steps(
            #"{"choices":[{"index":1,"delta":{"content":"no"}},{"index":0,"delta":{"content":"yes"}}]}"#,
            #"{"choices":[{"index":1,"delta":{},"finish_reason":"length"}]}"#, stop)
        #expect(found == ["opened - -", "text yes", "finish complete -", "end"])
    }

    @Test func theLastReasonCountsAndUsageMayRun() throws {
        let found = try steps(
            #"{"choices":[{"delta":{"content":"a"},"finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#,
            #"{"choices":[{"delta":{},"finish_reason":"stop","stop_reason":"END"}],"x_groq":{"usage":{"prompt_tokens":1,"completion_tokens":2}}}"#)
        #expect(
            found == [
                "opened - -", "text a", "usage in 1 read 0 write 0 out 1 reasoning 0", "usage in 1 read 0 write 0 out 2 reasoning 0",
                "finish stopText END", "end",
            ])
    }

    @Test(arguments: [
        ("stop", "complete"), ("length", "outputLimit"), ("tool_calls", "toolCalls"), ("function_call", "toolCalls"), ("content_filter", "filtered"),
        ("error", "broken"), ("model_length", "contextLimit"), ("sensitive", "filtered"), ("eos", "complete"), ("stop_sequence", "stopText"),
    ])
    func reasons(_ name: String, _ reason: String) throws {
        #expect(try steps(delta(#"{"content":"a"}"#, finish: "\"\(name)\"")).dropFirst(2) == ["finish \(reason) -", "end"])
    }

    @Test func noEndWithoutMarkOrReason() throws {
        #expect(try steps(delta(#"{"content":"a"}"#), stop, done: false) == ["opened c m", "text a"])
        #expect(try steps(delta(#"{"content":"a"}"#)) == ["opened c m", "text a"])
        let cut = try ParsedAnswer(stream: Array("data: \(delta(#"{"content":"a"}"#))\n\ndata: [DONE]\n\n".utf8), .chat)
        #expect(!cut.answer.isComplete && cut.answer.contentEvents == 1)
    }

    // MARK: Thinking

    @Test func thinkingByEveryName() throws {
        for name in ["reasoning_content", "reasoning"] {
            #expect(try steps(delta(#"{"\#(name)":"hm","content":null}"#), stop)[1] == "thinking hm")
        }
        #expect(try steps(delta(#"{"reasoning":"hm","reasoning_content":"hm"}"#), stop).filter { $0.hasPrefix("thinking") } == ["thinking hm"])
        let mistral = #"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"},{"type":"text","text":"so"}]},{"type":"text","text":"ok"},{"type":"reference","reference_ids":[1]}]}"#
        #expect(try steps(delta(mistral), stop)[1...3] == ["thinking hm", "thinking so", "text ok"])
        #expect(try steps(delta(#"{"content":[{"type":"thinking","thinking":"hm"},"ok"]}"#), stop)[1...2] == ["thinking hm", "text ok"])
    }

    @Test func openRouterSaysItTwice() throws {
        let signature = #"{"type":"reasoning.text","signature":"EtAB","format":"anthropic-claude-v1","index":0}"#
        let found = try steps(
            delta(#"{"role":"assistant","content":"","reasoning":"so","reasoning_details":[{"type":"reasoning.text","text":"so","index":0}]}"#),
            delta(#"{"content":"","reasoning":null,"reasoning_details":[{"type":"reasoning.text","text":"","signature":"","index":0}]}"#),
            delta(#"{"content":"","reasoning":null,"reasoning_details":[\#(signature)]}"#), delta(#"{"content":"ok","reasoning_details":[]}"#), stop)
        #expect(found == ["opened c m", "thinking so", "signature chat - \(signature)", "text ok", "finish complete -", "end"])
    }

    @Test func statesOfAWholeAnswer() {
        let sealed = #"{"type":"reasoning.encrypted","data":"gAAA","id":"rs_1","index":0}"#
        let found = whole(
            #"{"content":"ok","reasoning":"sum","reasoning_details":[{"type":"reasoning.summary","summary":"sum"},\#(sealed),{"type":"reasoning.text","text":"t","signature":"s","index":1}]}"#
        )
        #expect(
            found == [
                "opened c m", "thinking sum", "signature chat - \(sealed)", "thinking t",
                #"signature chat - {"type":"reasoning.text","signature":"s","index":1}"#, "text ok", "finish complete -", "end",
            ])
    }

    @Test func aGatewayBehindAGateway() {
        let found = whole(
            #"{"content":"ok","reasoning_content":"hm","reasoning_details":[{"type":"reasoning.text","index":0,"text":"hm","signature":"ekai1:m::c2ln"},{"type":"reasoning.encrypted","index":1,"data":"ekai1:r:rs_1:gA"}]}"#
        )
        #expect(found[1...4] == ["thinking hm", "signature messages - c2ln", "signature responses rs_1 gA", "text ok"])
    }

    @Test func googlesThoughtSignaturesComeBeforeTheirContent() throws {
        let call = #"{"tool_calls":[{"index":0,"id":"x","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"Q0E="}}}]}"#
        #expect(
            try steps(delta(call, finish: #""stop""#)) == [
                "opened c m", "signature gemini - Q0E=", "call 0 x f", "arguments 0 {}", "finish toolCalls -", "end",
            ])
        let text = #"{"content":"a","extra_content":{"google":{"thought_signature":"Q0E="}}}"#
        #expect(try steps(delta(text), stop)[1...2] == ["signature gemini - Q0E=", "text a"])
    }

    // MARK: Calls

    private func calls(_ lists: String...) throws -> [String] {
        let events = lists.map { delta(#"{"tool_calls":\#($0)}"#) } + [delta("{}", finish: #""tool_calls""#)]
        let stream = events.map { "data: \($0)\n\n" }.joined() + "data: [DONE]\n\n"
        return try ParsedAnswer(stream: Array(stream.utf8), .chat).steps.split(separator: "\n").map(String.init).dropFirst().dropLast(2)
    }

    @Test func callsByTheBook() throws {
        let found = try calls(
            #"[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]"#, #"[{"index":0,"function":{"arguments":"{\"x"}}]"#,
            #"[{"index":1,"id":"b","type":"function","function":{"name":"f","arguments":"{"}}]"#,
            #"[{"index":0,"function":{"arguments":"\":1}"}},{"index":1,"function":{"arguments":"}"}}]"#)
        #expect(found == ["call 0 a f", #"arguments 0 {"x"#, "call 1 b f", "arguments 1 {", #"arguments 0 ":1}"#, "arguments 1 }"])
    }

    @Test(arguments: [
        // Whole calls in one list, without index and with one index for all; beginning at 1; one after the other at one index.
        [#"[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"g","arguments":"{}"}}]"#],
        [#"[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}},{"index":0,"id":"b","function":{"name":"g","arguments":"{}"}}]"#],
        [#"[{"index":1,"id":"a","function":{"name":"f","arguments":"{}"}}]"#, #"[{"index":2,"id":"b","function":{"name":"g","arguments":"{}"}}]"#],
        [#"[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]"#, #"[{"index":0,"id":"b","function":{"name":"g","arguments":"{}"}}]"#],
        // The id and the name again with each piece; another id with each piece; the arguments as an object.
        [
            #"[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]"#, #"[{"index":0,"id":"a","function":{"name":"f","arguments":"}"}}]"#,
            #"[{"index":1,"id":"b","function":{"name":"g","arguments":{}}}]"#,
        ],
        [
            #"[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]"#, #"[{"index":0,"id":"zz","function":{"name":"","arguments":"}"}}]"#,
            #"[{"index":1,"id":"b","function":{"name":"g"}}]"#, #"[{"function":{"arguments":"{}"}}]"#,
        ],
        // No index: the id tells, or nothing does. The name comes late.
        [
            #"[{"id":"a","function":{"name":"f","arguments":"{"}}]"#, #"[{"id":"a","function":{"arguments":"}"}}]"#,
            #"[{"id":"b","function":{"name":"g","arguments":"{"}}]"#, #"[{"function":{"arguments":"}"}}]"#,
        ],
        [
            #"[{"index":0,"id":"a","function":{"arguments":"{"}}]"#, #"[{"index":0,"function":{"name":"f","arguments":"}"}}]"#,
            #"[{"id":"b","function":{}}]"#, #"[{"function":{"name":"g","arguments":"{}"}}]"#,
        ],
    ])
    func twoCallsInEveryShape(_ lists: [String]) throws {
        let events = lists.map { delta(#"{"tool_calls":\#($0)}"#) } + [delta("{}", finish: #""stop""#)]
        let stream = events.map { "data: \($0)\n\n" }.joined() + "data: [DONE]\n\n"
        let found = try ParsedAnswer(stream: Array(stream.utf8), .chat).steps.split(separator: "\n").map(String.init)
        #expect(found.filter { $0.hasPrefix("call") } == ["call 0 a f", "call 1 b g"])
        for call in ["0", "1"] {
            let arguments = found.filter { $0.hasPrefix("arguments \(call) ") }.map { $0.dropFirst(12) }.joined()
            #expect(arguments == "{}")
        }
        #expect(found.suffix(2) == ["finish toolCalls -", "end"])
    }

    @Test func callsWithoutIdsAtOneIndex() throws {
        let found = try calls(
            #"[{"index":0,"id":"","function":{"name":"f","arguments":"{\"a\":1}"}}]"#, #"[{"index":0,"id":"","function":{"name":"f","arguments":"{\"a\":2}"}}]"#)
        #expect(found == ["call 0 - f", #"arguments 0 {"a":1}"#, "call 1 - f", #"arguments 1 {"a":2}"#])
    }

    @Test func wholeCallsMayShareAnID() {
        let call = #"{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}"#
        #expect(
            whole(#"{"content":null,"tool_calls":[\#(call),\#(call)]}"#, finish: #""tool_calls""#) == [
                "opened c m", "call 0 a f", "arguments 0 {}", "call 1 a f", "arguments 1 {}", "finish toolCalls -", "end",
            ])
    }

    @Test func theOldFormOfCalls() throws {
        let found = try steps(
            delta(#"{"function_call":{"name":"f","arguments":""}}"#), delta(#"{"function_call":{"arguments":"{}"}}"#), delta("{}", finish: #""function_call""#))
        #expect(found == ["opened c m", "call 0 - f", "arguments 0 {}", "finish toolCalls -", "end"])
    }

    @Test func tooManyCallsAreAFailure() throws {
        let call = #"{"function":{"name":"f","arguments":"{}"}}"#
        let list = Array(repeating: call, count: DialectLimits.chatToolCallsMax + 1).joined(separator: ",")
        #expect(whole(#"{"tool_calls":[\#(list)]}"#).last?.hasPrefix("arguments 1023") == true)
        let answer = ParsedAnswer(document: Array(#"{"choices":[{"message":{"tool_calls":[\#(list)]}}]}"#.utf8), .chat).answer
        #expect(answer.failure?.kind == .upstreamFailed && !answer.isComplete)
    }

    @Test func nameless() throws {
        let half = String(repeating: "x", count: DialectLimits.chatHeldCallBytesMax / 2)
        func piece(_ index: Int, _ id: String, _ arguments: String) -> String {
            delta(#"{"tool_calls":[{"index":\#(index),"id":"\#(id)","function":{"arguments":"\#(arguments)"}}]}"#)
        }
        func failure(_ events: String...) throws -> ErrorKind? {
            let stream = events.map { "data: \($0)\n\n" }.joined()
            return try ParsedAnswer(stream: Array(stream.utf8), .chat).answer.failure?.kind
        }
        // Two calls share the bound; a name that comes sets free what was held. An id that comes again is held once.
        #expect(try failure(piece(0, "a", half), piece(1, "b", half)) == .upstreamFailed)
        #expect(try failure(piece(0, half, ""), piece(1, half, "x")) == .upstreamFailed)
        #expect(try failure(piece(0, half, ""), piece(0, half, ""), piece(0, half, "")) == nil)
        let name = delta(#"{"tool_calls":[{"index":0,"function":{"name":"f"}}]}"#)
        #expect(try failure(piece(0, "a", half), name, piece(1, "b", half), piece(1, "b", "x")) == nil)
    }

    // MARK: Refusals and failures

    @Test func refusals() throws {
        #expect(try steps(delta(#"{"refusal":"No"}"#), delta(#"{"refusal":"."}"#), stop) == ["opened c m", "refusal No", "refusal .", "finish filtered -", "end"])
        #expect(whole(#"{"content":null,"refusal":"No."}"#)[1] == "refusal No.")
    }

    @Test(arguments: [
        (#"data: {"error":{"message":"Overloaded","code":503}}"#, ErrorKind.overloaded), (#"data: [{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}]"#, .rateLimited),
        ("event: error\ndata: {\"message\":\"no\"}", .upstreamFailed), ("event: error\ndata: broken", .upstreamFailed),
        (#"data: {"id":"c","error":{"code":400,"message":"Token limit"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":null}],"usage":{"prompt_tokens":4,"completion_tokens":1}}"#, .invalidRequest),
        (#"data: {"choices":[{"index":0,"delta":{},"finish_reason":"error","error":{"code":502,"message":"x"}}]}"#, .upstreamFailed),
        (#"data: {"code":"rate_limited","error":"as text"}"#, .rateLimited),
    ])
    func failures(_ event: String, _ kind: ErrorKind) throws {
        let stream = "data: \(delta(#"{"content":"a"}"#))\n\n\(event)\n\ndata: [DONE]\n\n"
        let found = try ParsedAnswer(stream: Array(stream.utf8), .chat)
        #expect(found.answer.failure?.kind == kind)
        #expect(!found.answer.isComplete)
        #expect(found.steps == "opened c m\ntext a\n" + (event.contains("usage") ? "usage in 4 read 0 write 0 out 1 reasoning 0\n" : ""))
    }

    @Test(arguments: [#"{"choices":[{"delta":{"content":"b"#, #" {"choices":[{"delta":{"content":"b"}]}"#, "{", "{]"])
    func aBrokenChunkIsAFailureUnlessTheStreamEndsWithIt(_ event: String) throws {
        let found = try ParsedAnswer(stream: Array("data: \(delta(#"{"content":"a"}"#))\n\ndata: \(event)\n\ndata: \(stop)\n\ndata: [DONE]\n\n".utf8), .chat)
        #expect(found.answer.failure?.kind == .upstreamFailed && !found.answer.isComplete)
        #expect(found.steps == "opened c m\ntext a\n")
        let cut = try ParsedAnswer(stream: Array("data: \(delta(#"{"content":"a"}"#))\n\ndata: \(event)".utf8), .chat)
        #expect(cut.answer.failure == nil && !cut.answer.isComplete)
    }

    @Test func aLetterThatIsCutBetweenChunksIsAFailure() throws {
        var stream = Array("data: \(delta(#"{"content":"?"}"#))\n\ndata: \(stop)\n\ndata: [DONE]\n\n".utf8)
        stream[try #require(stream.firstIndex(of: UInt8(ascii: "?")))] = 0xC3
        let found = try ParsedAnswer(stream: stream, .chat)
        #expect(found.answer.failure?.kind == .upstreamFailed && !found.answer.isComplete)
    }

    @Test(arguments: [
        #"{"error":{"message":"x","code":500}}"#, #"{"detail":"no"}"#, #"{"choices":[]}"#, "{}", "[]", "7", #"{"object":"error","message":"x"}"#, #"[{"error":{"code":503}}]"#,
    ])
    func documentsThatAreNoAnswer(_ document: String) {
        let found = ParsedAnswer(document: Array(document.utf8), .chat)
        #expect(found.answer.failure != nil && !found.answer.isComplete)
        #expect(found.steps.isEmpty)
    }

    @Test(arguments: [
        "not json", "{}", "[]", "null", #"{"choices":7}"#, #"{"choices":[7]}"#, #"{"choices":[{"delta":7}]}"#, #"{"choices":[{"delta":{"tool_calls":7}}]}"#,
        #"{"choices":[{"delta":{"tool_calls":[7,{"function":7},{"index":-1,"function":{}},{"index":1e300,"function":{"arguments":[]}}]}}]}"#,
        #"{"choices":[{"delta":{"content":[7,{"thinking":7},{"thinking":[7]}],"reasoning_details":[7,{}],"extra_content":7}}]}"#,
    ])
    func nonsenseIsPassedOver(_ event: String) throws {
        let found = try steps(event, delta(#"{"content":"a"}"#), stop)
        #expect(found.suffix(3) == ["text a", "finish complete -", "end"])
    }
}

/// Recorded chat answers.
@Suite struct ChatCorpusAnswerTests {
    private static let streams = CorpusRecord.of(.chat).filter(\.isStream)
    private static let documents = CorpusRecord.of(.chat).filter { !$0.isStream }

    @Test(.enabled(if: !streams.isEmpty), arguments: streams)
    func aStreamMeansTheSameWhereverItIsCut(_ recorded: CorpusRecord) throws {
        let bytes = try recorded.bytes()
        let whole = try ParsedAnswer(stream: bytes, .chat)
        #expect(whole.answer.failure != nil || whole.steps.hasSuffix("\nend\n"))
        #expect(whole.answer.isComplete == (whole.answer.failure == nil))
        for offset in CorpusRecord.cuts(bytes.count, samples: 300) {
            let cut = try ParsedAnswer(stream: bytes, .chat, cutAt: offset)
            #expect(cut == whole, "\(recorded.id) at \(offset)")
        }
    }

    @Test(.enabled(if: !streams.isEmpty), arguments: streams)
    func usageAndTextAreWhatTheObserverFinds(_ recorded: CorpusRecord) throws {
        let bytes = try recorded.bytes()
        let found = try ParsedAnswer(stream: bytes, .chat)
        let relayed = try relay(bytes, .chat)
        #expect(found.answer.usage == relayed.answer.usage)
        #expect(found.answer.model == relayed.answer.model)
        #expect(found.answer.responseID == relayed.answer.responseID)
        #expect((found.answer.failure == nil) == (relayed.answer.failure == nil))
        #expect((found.answer.contentEvents > 0) == (relayed.answer.contentEvents > 0))
    }

    @Test(.enabled(if: !documents.isEmpty), arguments: documents)
    func aDocumentSaysWhatItHolds(_ recorded: CorpusRecord) throws {
        let bytes = try recorded.bytes()
        let found = ParsedAnswer(document: bytes, .chat)
        guard recorded.status == 200 else {
            #expect(found.answer.failure != nil && found.steps.isEmpty)
            return
        }
        let root = try parsed(bytes)
        #expect(found.answer.isComplete)
        #expect(found.answer.usage == PlainReading.usage(root["usage"], .chat))
        // An answer that was filtered away has no message.
        guard let message = root.at("choices.0.message") as? [String: Any] else {
            #expect(found.steps.contains("finish filtered"))
            return
        }
        if let text = message.text("content"), !text.isEmpty { #expect(found.steps.contains("text \(text)\n")) }
        for name in ["reasoning", "reasoning_content"] {
            if let text = message.text(name), !text.isEmpty { #expect(found.steps.contains("thinking \(text)\n")) }
        }
        let calls = message["tool_calls"] as? [[String: Any]] ?? []
        #expect(found.steps.components(separatedBy: "\ncall ").count - 1 == calls.count + (message.at("function_call") == nil ? 0 : 1))
    }
}
