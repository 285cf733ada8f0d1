import Foundation
import Streaming
import Testing

@testable import Dialects

/// A chat stream, read the way that clients read it, and held to their expectations.
struct ReadChatStream {
    var content = ""
    var reasoning = ""
    var refusal = ""
    var details: [[String: Any]] = []
    var calls: [(id: String, name: String, arguments: String)] = []
    var finish: String?
    var usage: [String: Any]?
    var chunks: [[String: Any]] = []

    init(_ stream: String) throws {
        #expect(stream.hasSuffix("\n\n"))
        var events = stream.components(separatedBy: "\n\n").dropLast()
        #expect(events.popLast() == "data: [DONE]")
        for event in events {
            #expect(event.hasPrefix("data: ") && !event.contains("\n"))
            chunks.append(try parsed(Array(event.dropFirst(6).utf8)))
        }
        for (number, chunk) in chunks.enumerated() {
            #expect(chunk.text("object") == "chat.completion.chunk")
            #expect(chunk["created"] is Int)
            #expect(chunk.text("id") == chunks[0].text("id") && chunk.text("id") != "")
            #expect(chunk.text("model") == chunks[0].text("model"))
            let choices = try #require(chunk["choices"] as? [[String: Any]])
            if let usage = chunk["usage"] as? [String: Any] {
                #expect(choices.isEmpty && number == chunks.count - 1 && finish != nil)
                self.usage = usage
                continue
            }
            #expect(choices.count == 1 && finish == nil)
            let choice = try #require(choices.first)
            #expect(choice["index"] as? Int == 0)
            #expect(choice.keys.contains("finish_reason"))
            finish = choice["finish_reason"] as? String
            let delta = try #require(choice["delta"] as? [String: Any])
            #expect((delta.text("role") == "assistant") == (number == 0))
            try take(delta)
        }
        #expect(finish != nil)
    }

    private mutating func take(_ delta: [String: Any]) throws {
        content += delta.text("content") ?? ""
        reasoning += delta.text("reasoning_content") ?? ""
        refusal += delta.text("refusal") ?? ""
        for detail in delta["reasoning_details"] as? [[String: Any]] ?? [] {
            let index = try #require(detail["index"] as? Int)
            #expect(index == details.count || index == details.count - 1)
            if index == details.count { details.append([:]) }
            for (name, value) in detail {
                if name != "type", let old = details[index][name] as? String, let new = value as? String {
                    details[index][name] = old + new
                } else {
                    details[index][name] = value
                }
            }
        }
        for call in delta["tool_calls"] as? [[String: Any]] ?? [] {
            let index = try #require(call["index"] as? Int)
            if index == calls.count {
                #expect(call.text("type") == "function")
                let id = try #require(call.text("id"))
                #expect(!id.isEmpty)
                calls.append((id, try #require(call.text("function.name")), ""))
            } else {
                #expect(call["id"] == nil && call["type"] == nil && call.at("function.name") == nil)
            }
            try #require(index < calls.count)
            calls[index].arguments += call.text("function.arguments") ?? ""
        }
    }
}

@Suite struct ChatAnswerWriterTests {
    @Test func namesBeyondTheBoundCountAsAbsent() throws {
        let long = JSONText.owned(String(repeating: "n", count: DialectLimits.answerNameBytesMax + 1))
        let events: [AnswerEvent] = [.opened(id: long, model: long), .text(.owned("a")), .finish(.complete, stopText: nil), .end]
        let stream = try ReadChatStream(events.written(ChatStreamWriter(plan)))
        #expect(stream.chunks[0].text("id") == "chatcmpl-abc" && stream.chunks[0].text("model") == "asked")
        let whole = try parsed(Array(events.written(ChatWholeWriter(plan)).utf8))
        #expect(whole.text("id") == "chatcmpl-abc" && whole.text("model") == "asked")
    }

    private var plan: AnswerPlan {
        var plan = AnswerPlan()
        plan.model = "asked"
        plan.idStem = "abc"
        plan.createdSeconds = 1_700_000_000
        plan.includesUsage = true
        return plan
    }

    private func stream(_ events: [AnswerEvent], usage: Bool = true, plan: AnswerPlan? = nil) throws -> ReadChatStream {
        var plan = plan ?? self.plan
        plan.includesUsage = usage
        return try ReadChatStream(events.written(ChatStreamWriter(plan)))
    }

    private func document(_ events: [AnswerEvent], plan: AnswerPlan? = nil) throws -> [String: Any] {
        try parsed(Array(events.written(ChatWholeWriter(plan ?? self.plan)).utf8))
    }

    private var usage: TokenUsage {
        var usage = TokenUsage()
        usage.input = 5
        usage.cacheRead = 3
        usage.cacheWrite5Minutes = 2
        usage.output = 7
        usage.reasoning = 4
        return usage
    }

    private func text(_ text: StaticString) -> AnswerEvent { .text(JSONText(text)) }

    @Test func aStreamByteForByte() {
        let events: [AnswerEvent] = [
            .opened(id: JSONText("msg_1"), model: JSONText("claude")), .thinking(JSONText("hm")), .text(JSONText("say \"hi\"")),
            .toolCall(call: 0, id: JSONText("toolu_1"), name: JSONText("f")), .toolArguments(call: 0, JSONText("{\"a\":1}")), .toolCallEnded(call: 0),
            .finish(.toolCalls, stopText: nil), .usage(usage), .end,
        ]
        let head = #"data: {"id":"msg_1","object":"chat.completion.chunk","created":1700000000,"model":"claude","system_fingerprint":null,"choices":["#
        func chunk(_ delta: String) -> String { head + #"{"index":0,"delta":{\#(delta)},"finish_reason":null}]}"# + "\n\n" }
        #expect(
            events.written(ChatStreamWriter(plan))
                == chunk(#""role":"assistant","content":"""#) + chunk(#""reasoning_content":"hm","reasoning_details":[{"type":"reasoning.text","index":0,"text":"hm"}]"#) + chunk(#""content":"say \"hi\"""#)
                + chunk(#""tool_calls":[{"index":0,"id":"toolu_1","type":"function","function":{"name":"f","arguments":""}}]"#)
                + chunk(#""tool_calls":[{"index":0,"function":{"arguments":"{\"a\":1}"}}]"#)
                + head + #"{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"# + "\n\n"
                + head
                + #"],"usage":{"prompt_tokens":10,"completion_tokens":7,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":3,"cache_write_tokens":2},"completion_tokens_details":{"reasoning_tokens":4}}}"#
                + "\n\ndata: [DONE]\n\n")
    }

    @Test func aDocumentByteForByte() {
        let events: [AnswerEvent] = [
            .opened(id: nil, model: nil), .thinking(JSONText("hm")), .thinkingBreak, .thinking(JSONText("so")), .text(JSONText("a")), .text(JSONText("\n")),
            .finish(.complete, stopText: nil), .usage(usage), .end,
        ]
        #expect(
            events.written(ChatWholeWriter(plan))
                == #"{"id":"chatcmpl-abc","object":"chat.completion","created":1700000000,"model":"asked","system_fingerprint":null,"choices":[{"index":0,"message":{"role":"assistant","content":"a\n","refusal":null,"reasoning_content":"hm\n\nso"},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":7,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":3,"cache_write_tokens":2},"completion_tokens_details":{"reasoning_tokens":4}}}"#
        )
    }

    @Test func usageIsShownToThoseWhoAsked() throws {
        let events: [AnswerEvent] = [text("a"), .usage(usage), .finish(.complete, stopText: nil), .end]
        #expect(try stream(events, usage: false).usage == nil)
        #expect(try stream(events).usage?["total_tokens"] as? Int == 17)
        #expect(try stream([text("a"), .finish(.complete, stopText: nil), .end]).usage?["total_tokens"] as? Int == 0)
    }

    @Test func callsThatAlternateAndCallsWithoutArguments() throws {
        let events: [AnswerEvent] = [
            .toolCall(call: 0, id: nil, name: JSONText("f")), .toolCall(call: 1, id: JSONText("x"), name: JSONText("g")),
            .toolCall(call: 2, id: nil, name: JSONText("h")), .toolArguments(call: 1, JSONText("{")), .toolArguments(call: 0, JSONText("[")),
            .toolArguments(call: 1, JSONText("}")), .toolArguments(call: 0, JSONText("]")), .toolCallEnded(call: 1), .finish(.toolCalls, stopText: nil), .end,
        ]
        let found = try stream(events)
        #expect(found.calls.map(\.id) == ["call_abc_0", "x", "call_abc_2"])
        #expect(found.calls.map(\.arguments) == ["[]", "{}", "{}"])
        #expect(found.finish == "tool_calls")
        let document = try document(events)
        #expect(document.at("choices.0.message.content") == nil)
        let calls = try #require(document.at("choices.0.message.tool_calls") as? [[String: Any]])
        #expect(calls.map { $0.text("function.arguments") } == ["[]", "{}", "{}"])
        #expect(calls.map { $0.text("id") } == ["call_abc_0", "x", "call_abc_2"])
    }

    @Test func renamedAndCustomTools() throws {
        var plan = plan
        plan.renamedTools = ["mcp__f": AnswerPlan.ClientTool(name: "f.1", namespace: "mcp"), "patch": AnswerPlan.ClientTool(name: "patch", isCustom: true)]
        let events: [AnswerEvent] = [
            .toolCall(call: 0, id: JSONText("a"), name: JSONText("mcp__f")), .toolCall(call: 1, id: JSONText("b"), name: JSONText("patch")),
            .toolArguments(call: 1, .plain(UnsafeRawBufferPointer(start: nil, count: 0))), .toolArguments(call: 1, JSONText("{\"input\": \"a \\\"b")),
            .toolArguments(call: 1, JSONText("\\\"\\n\"}")), .finish(.toolCalls, stopText: nil), .end,
        ]
        let document = try document(events, plan: plan)
        #expect(document.text("choices.0.message.tool_calls.0.function.name") == "f.1")
        #expect(document.text("choices.0.message.tool_calls.1.type") == "custom")
        #expect(document.text("choices.0.message.tool_calls.1.custom.input") == "a \"b\"\n")
        let stream = events.written(ChatStreamWriter(plan))
        #expect(stream.contains(#"{"index":1,"id":"b","type":"custom","custom":{"name":"patch","input":""}}"#))
        #expect(stream.contains(#"{"index":1,"custom":{"input":"a \"b"}}"#))
        #expect(stream.contains(#"{"index":1,"custom":{"input":"\"\n"}}"#))
    }

    @Test(arguments: [
        (StopReason.complete, "stop"), (.outputLimit, "length"), (.contextLimit, "length"), (.stopText, "stop"), (.toolCalls, "tool_calls"),
        (.filtered, "content_filter"), (.paused, "stop"), (.broken, "content_filter"),
    ])
    func reasons(_ reason: StopReason, _ name: String) throws {
        let events: [AnswerEvent] = [text("a"), .finish(reason, stopText: nil), .end]
        #expect(try stream(events).finish == name)
        #expect(try document(events).text("choices.0.finish_reason") == name)
    }

    @Test func refusals() throws {
        let events: [AnswerEvent] = [.refusal(JSONText("No")), .refusal(JSONText(".")), .finish(.filtered, stopText: nil), .end]
        let found = try stream(events)
        #expect(found.refusal == "No." && found.finish == "stop" && found.content.isEmpty)
        let document = try document(events)
        #expect(document.text("choices.0.message.refusal") == "No.")
        #expect(document.at("choices.0.message.content") == nil)
    }

    @Test func nothingEndsWithoutAnEnd() {
        let events: [AnswerEvent] = [text("a"), .finish(.complete, stopText: nil)]
        #expect(!events.written(ChatStreamWriter(plan)).contains("[DONE]"))
        #expect(!events.written(ChatStreamWriter(plan)).contains(#""finish_reason":"stop""#))
        #expect(events.written(ChatWholeWriter(plan)).isEmpty)
    }

    // MARK: States

    /// What a client has after a stream, and after a document, sent back: both must give the provider's thinking and states again.
    private func echoes(_ events: [AnswerEvent]) throws -> [[String]] {
        let found = try stream(events)
        var message: [String: Any] = ["role": "assistant", "content": found.content, "reasoning_content": found.reasoning, "reasoning_details": found.details]
        if !found.calls.isEmpty {
            message["tool_calls"] = found.calls.map { ["id": $0.id, "type": "function", "function": ["name": $0.name, "arguments": $0.arguments]] }
        }
        let whole = try #require(try document(events).at("choices.0.message") as? [String: Any])
        return try [message, whole].map { message in
            let body: [String: Any] = ["messages": [message, ["role": "user", "content": "on"]]]
            return try withConversation(String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)) { conversation in
                conversation.turns[0].parts.map { part in
                    switch part.content {
                    case .thinking(let text, let state): "thinking \(text.string) \(state.map { "\($0.origin) \($0.id?.string ?? "-") \($0.value.string)" } ?? "")"
                    case .sealedThinking(let state): "sealed \(state.origin) \(state.id?.string ?? "-") \(state.value.string)"
                    case .text(let text): "text \(text.string)"
                    case .toolCall(let call): "call \(call.name.string) \(call.state.map { "\($0.origin) \($0.value.string)" } ?? "")"
                    default: "?"
                    }
                }
            }
        }
    }

    private func signature(_ origin: ProviderState.Origin, _ value: StaticString, id: StaticString? = nil) -> AnswerEvent {
        .signature(ProviderState(origin, id: id.map { JSONText($0) }, JSONText(value)))
    }

    private let finish: [AnswerEvent] = [.finish(.complete, stopText: nil), .end]

    @Test func oneSignedBlock() throws {
        for echo in try echoes([.thinking(JSONText("h")), .thinking(JSONText("m")), signature(.messages, "sig"), text("ok")] + finish) {
            #expect(echo == ["thinking hm messages - sig", "text ok"])
        }
    }

    @Test func severalSignedBlocksAndRedactedOnes() throws {
        let events: [AnswerEvent] = [
            .thinking(JSONText("one")), signature(.messages, "a"), signature(.messagesRedacted, "x"), .thinking(JSONText("tw")), .thinking(JSONText("o")),
            signature(.messages, "b"), text("ok"),
        ]
        for echo in try echoes(events + finish) {
            #expect(echo == ["thinking one messages - a", "sealed messagesRedacted - x", "thinking two messages - b", "text ok"])
        }
    }

    @Test func encryptedReasoning() throws {
        for echo in try echoes([.thinking(JSONText("sum")), signature(.responses, "gA", id: "rs_1"), text("ok")] + finish) {
            #expect(echo == ["thinking sum responses rs_1 gA", "text ok"])
        }
        for echo in try echoes([signature(.responses, "gA", id: "rs_1"), text("ok")] + finish) {
            #expect(echo == ["sealed responses rs_1 gA", "text ok"])
        }
    }

    @Test func thinkingThatTheClientDoesNotWantToRead() throws {
        var plan = plan
        plan.showsThinking = false
        let events: [AnswerEvent] = [
            .thinking(JSONText("secret")), signature(.messages, "sig"), .thinking(JSONText("secret")), signature(.responses, "gA"), signature(.messages, "own"),
            text("ok"),
        ]
        let stream = (events + finish).written(ChatStreamWriter(plan), plan)
        let document = (events + finish).written(ChatWholeWriter(plan), plan)
        for text in [stream, document] {
            #expect(!text.contains("secret") && !text.contains("reasoning_content") && !text.contains("ekai1:m::sig"))
            #expect(text.contains("ekai1:r::gA") && text.contains("ekai1:m::own"))
        }
    }

    @Test func signaturesOfOmittedThinking() throws {
        for echo in try echoes([signature(.messages, "sig"), text("ok")] + finish) { #expect(echo == ["sealed messages - sig", "text ok"]) }
    }

    @Test func geminisSignatureStaysWithItsCall() throws {
        let events: [AnswerEvent] = [
            .thinking(JSONText("hm")), signature(.gemini, "Q0E="), .toolCall(call: 0, id: nil, name: JSONText("f")), .toolCall(call: 1, id: nil, name: JSONText("g")),
            .finish(.toolCalls, stopText: nil), .end,
        ]
        for echo in try echoes(events) { #expect(echo.suffix(3) == ["thinking hm ", "call f gemini Q0E=", "call g "]) }
        let stream = events.written(ChatStreamWriter(plan))
        #expect(stream.contains(#""extra_content":{"google":{"thought_signature":"Q0E="}}"#))
        #expect(try document(events).text("choices.0.message.tool_calls.0.extra_content.google.thought_signature") == "Q0E=")
        for echo in try echoes([signature(.gemini, "Q0E="), text("ok")] + finish) { #expect(echo == ["sealed gemini - Q0E=", "text ok"]) }
    }

    // MARK: Recorded streams

    private static let streams = CorpusRecord.of(.chat).filter(\.isStream)

    @Test(.enabled(if: !streams.isEmpty), arguments: streams)
    func recordedStreamsWrittenAgain(_ recorded: CorpusRecord) throws {
        let bytes = try recorded.bytes()
        let original = try ParsedAnswer(stream: bytes, .chat)
        guard original.answer.failure == nil else { return }
        for isStreaming in [true, false] {
            let text = try translated(bytes, isStreaming: isStreaming)
            if isStreaming { _ = try ReadChatStream(text) }
            let again = isStreaming ? try ParsedAnswer(stream: Array(text.utf8), .chat) : ParsedAnswer(document: Array(text.utf8), .chat)
            #expect(said(again.steps) == said(original.steps), "\(recorded.id)")
            #expect(again.answer.isComplete)
            #expect(again.answer.responseID == original.answer.responseID)
            #expect(again.answer.usage?.total == (original.answer.usage?.total ?? (isStreaming ? 0 : nil)))
        }
    }

    private func translated(_ bytes: [UInt8], isStreaming: Bool) throws -> String {
        var parser = ChatAnswerParser(plan)
        var output = AnswerOutput(isStreaming ? ChatStreamWriter(plan) : ChatWholeWriter(plan) as any AnswerWriter)
        let reader = JSONReader()
        var events = SSEParser()
        try bytes.withUnsafeBytes { bytes in
            var cursor = SSECursor(bytes)
            while let event = try events.next(&cursor) {
                if event.hasData { parser.read(event, reader, into: &output) }
            }
        }
        if let last = events.finish(), last.hasData { parser.read(last, reader, into: &output) }
        return String(decoding: output.text.bytes, as: UTF8.self)
    }

    /// What an answer says, its pieces put together.
    private func said(_ steps: String) -> [String: String] {
        var said: [String: String] = [:]
        var kind = ""
        for line in steps.split(separator: "\n", omittingEmptySubsequences: false) {
            let kinds = ["text ", "thinking ", "refusal ", "call ", "finish ", "signature ", "arguments 0 ", "arguments 1 ", "arguments 2 "]
            if let known = kinds.first(where: { line.hasPrefix($0) }) {
                kind = known
                said[kind, default: ""] += line.dropFirst(known.count)
            } else if line == "end" || line.hasPrefix("usage in") || line.hasPrefix("opened ") {
                kind = ""
            } else if !kind.isEmpty {
                said[kind, default: ""] += "\n" + line
            }
        }
        for call in 0..<3 where said["arguments \(call) "] == "{}" { said["arguments \(call) "] = nil }
        return said
    }
}
