import Foundation
import Streaming
import Testing

@testable import Dialects

/// Steps of an answer, put in the words of an Anthropic client: every stream keeps its order.
@Suite struct MessagesStreamWriterTests {
    private static let plan: AnswerPlan = {
        var plan = AnswerPlan()
        plan.model = "asked-for"
        plan.idStem = "stem"
        return plan
    }()

    private func stream(_ events: [AnswerEvent], plan: AnswerPlan = Self.plan) -> String { events.written(MessagesStreamWriter(plan)) }

    private func read(_ events: [AnswerEvent], plan: AnswerPlan = Self.plan) -> MessagesInvariants {
        let checked = MessagesInvariants(stream(events, plan: plan))
        #expect(checked.violations.isEmpty, "\(checked.violations)")
        return checked
    }

    private func usage(_ input: Int, _ output: Int, read: Int = 0, write: Int = 0, reasoning: Int = 0) -> AnswerEvent {
        var usage = TokenUsage()
        usage.input = input
        usage.output = output
        usage.cacheRead = read
        usage.cacheWrite5Minutes = write
        usage.reasoning = reasoning
        return .usage(usage)
    }

    @Test func aTextIsWrittenToTheLetter() {
        let events: [AnswerEvent] = [
            .opened(id: .owned("resp_1"), model: .owned("gpt-5.1")), .text(.owned("Hi ")), .text(.owned("\"you\"\n")),
            .finish(.complete, stopText: nil), usage(7, 3, read: 2), .end,
        ]
        #expect(
            stream(events) == """
                event: message_start
                data: {"type":"message_start","message":{"id":"resp_1","type":"message","role":"assistant","model":"gpt-5.1","content":[],\
                "stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,\
                "cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":0}}}

                event: content_block_start
                data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi "}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\\"you\\"\\n"}}

                event: content_block_stop
                data: {"type":"content_block_stop","index":0}

                event: message_delta
                data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},\
                "usage":{"input_tokens":7,"cache_creation_input_tokens":0,"cache_read_input_tokens":2,"output_tokens":3}}

                event: message_stop
                data: {"type":"message_stop"}


                """)
    }

    @Test func whatIsKnownBeforeTheContentStandsInTheStart() {
        let checked = read([usage(11, 1, read: 5, write: 3), .text(.owned("a")), .finish(.complete, stopText: nil), usage(11, 9, reasoning: 4), .end])
        #expect(checked.startUsage["input_tokens"] as? Int == 11)
        #expect(checked.startUsage["cache_creation_input_tokens"] as? Int == 3)
        #expect(checked.finalUsage["output_tokens"] as? Int == 9)
        #expect((checked.finalUsage["output_tokens_details"] as? [String: Int])?["thinking_tokens"] == 4)
        #expect(checked.id == "msg_stem")
        #expect(checked.model == "asked-for")
    }

    @Test func anAnswerOfNothingHasItsFrame() {
        let checked = read([.opened(id: nil, model: nil), .finish(.filtered, stopText: nil), .end])
        #expect(checked.content.isEmpty)
        #expect(checked.stopReason == "refusal")
    }

    @Test func withoutEndNoEndIsWritten() {
        let text = stream([.text(.owned("a")), .finish(.complete, stopText: nil)])
        #expect(!text.contains("message_delta") && !text.contains("message_stop"))
        #expect(MessagesInvariants(text, isWhole: false).violations.isEmpty)
    }

    @Test(arguments: [
        (StopReason.complete, "end_turn"), (.outputLimit, "max_tokens"), (.contextLimit, "model_context_window_exceeded"),
        (.stopText, "stop_sequence"), (.filtered, "refusal"), (.paused, "pause_turn"), (.broken, "end_turn"), (.toolCalls, "end_turn"),
    ])
    func reasons(_ reason: StopReason, _ word: String) {
        #expect(read([.text(.owned("a")), .finish(reason, stopText: nil), .end]).stopReason == word)
    }

    @Test func theStopTextIsNamed() {
        let checked = read([.text(.owned("a")), .finish(.stopText, stopText: .owned("END\n")), .end])
        #expect(checked.stopReason == "stop_sequence")
        #expect(checked.stopSequence == "END\n")
    }

    @Test func aRefusalIsTextAndAReason() {
        let checked = read([.refusal(.owned("I ")), .refusal(.owned("will not")), .finish(.complete, stopText: nil), .end])
        #expect(checked.text() == "I will not")
        #expect(checked.stopReason == "refusal")
    }

    // MARK: Thinking

    @Test func thinkingOfAnotherProviderHasAnEmptySignature() {
        let checked = read([.thinking(.owned("hm")), .thinkingBreak, .thinking(.owned("so")), .text(.owned("a")), .finish(.complete, stopText: nil), .end])
        #expect(checked.types == ["thinking", "text"])
        #expect(checked.text("thinking") == "hm\n\nso")
        #expect(checked.content[0]["signature"] as? String == "")
    }

    @Test func aSignatureClosesItsThinking() {
        let checked = read([
            .thinking(.owned("one")), .signature(ProviderState(.messages, .owned("s1"))), .thinking(.owned("two")),
            .signature(ProviderState(.responses, id: .owned("rs_1"), .owned("blob"))), .text(.owned("a")), .finish(.complete, stopText: nil), .end,
        ])
        #expect(checked.types == ["thinking", "thinking", "text"])
        #expect(checked.content[0]["signature"] as? String == "s1")
        #expect(checked.content[1]["signature"] as? String == "ekai1:r:rs_1:blob")
    }

    @Test func statesWithoutTextAreBlocksOfTheirOwn() {
        let checked = read([
            .signature(ProviderState(.messages, .owned("omitted"))), .signature(ProviderState(.messagesRedacted, .owned("sealed"))),
            .signature(ProviderState(.gemini, .owned("c2ln"))), .toolCall(call: 0, id: .owned("c"), name: .owned("t")),
            .finish(.toolCalls, stopText: nil), .end,
        ])
        #expect(checked.types == ["thinking", "redacted_thinking", "redacted_thinking", "tool_use"])
        #expect(checked.content[0]["signature"] as? String == "omitted")
        #expect(checked.content[1]["data"] as? String == "sealed")
        #expect(checked.content[2]["data"] as? String == "ekai1:g::c2ln")
    }

    @Test func aStateBehindTheLastContentIsLeftOut() {
        let checked = read([.text(.owned("a")), .signature(ProviderState(.gemini, .owned("c2ln"))), .finish(.complete, stopText: nil), .end])
        #expect(checked.types == ["text"])
    }

    @Test func heldStatesAreBoundedTogether() {
        let state = String(repeating: "c", count: DialectLimits.heldStateBytesMax / 4)
        let states = (0..<5).map { _ in AnswerEvent.signature(ProviderState(.gemini, .owned(state))) }
        #expect(stream([states[0]]).utf8.count < state.utf8.count)
        let text = stream(states)
        #expect(text.utf8.count > 4 * state.utf8.count)
        let checked = read(states + [.text(.owned("a")), .finish(.complete, stopText: nil), .end])
        #expect(checked.types == Array(repeating: "redacted_thinking", count: 5) + ["text"])
    }

    @Test func emptyHeldStatesCountToo() {
        let states = (0..<(DialectLimits.heldStateBytesMax / 64)).map { _ in AnswerEvent.signature(ProviderState(.gemini, .owned("x"))) }
        #expect(stream(states).contains("redacted_thinking"))
    }

    // MARK: Calls

    @Test func callsWithoutArgumentsAreEmptyObjects() {
        let checked = read([
            .toolCall(call: 0, id: nil, name: .owned("a")), .toolCallEnded(call: 0), .toolCall(call: 1, id: .owned(""), name: .owned("b")),
            .finish(.complete, stopText: nil), .end,
        ])
        #expect(checked.types == ["tool_use", "tool_use"])
        #expect(checked.content.map { $0["id"] as? String } == ["call_stem_0", "call_stem_1"])
        #expect(checked.content.map { $0["arguments"] as? String } == ["{}", "{}"])
        #expect(checked.stopReason == "tool_use")
    }

    @Test func interleavedArgumentsWaitForTheirBlock() {
        let checked = read([
            .text(.owned("I call")), .toolCall(call: 0, id: .owned("c0"), name: .owned("a")), .toolCall(call: 1, id: .owned("c1"), name: .owned("b")),
            .toolArguments(call: 1, .owned("{\"y\":")), .toolArguments(call: 0, .owned("{\"x\":\"}")), .toolArguments(call: 1, .owned("2}")),
            .text(.owned("late")), .thinking(.owned("a")), .thinkingBreak, .thinking(.owned("b")),
            .toolArguments(call: 0, .owned("\"}")), .finish(.toolCalls, stopText: nil), .end,
        ])
        #expect(checked.types == ["text", "tool_use", "tool_use", "text", "thinking"])
        #expect(checked.text("thinking") == "a\n\nb")
        #expect(checked.content[1]["arguments"] as? String == "{\"x\":\"}\"}")
        #expect(checked.content[2]["arguments"] as? String == "{\"y\":2}")
        #expect(checked.content[3]["text"] as? String == "late")
    }

    @Test func whatFollowsAWholeCallDoesNotWait() {
        let text = stream([
            .toolCall(call: 0, id: .owned("c0"), name: .owned("a")), .toolArguments(call: 0, .owned("{\"x\":{}}")),
            .toolCall(call: 1, id: .owned("c1"), name: .owned("b")), .toolArguments(call: 1, .owned("{")),
        ])
        #expect(text.contains(#""index":1,"delta":{"type":"input_json_delta","partial_json":"{"}"#))
    }

    @Test func anUnfinishedCallStaysAsItWasCut() {
        let checked = read([
            .toolCall(call: 0, id: .owned("c0"), name: .owned("a")), .toolArguments(call: 0, .owned("{\"x\":")),
            .toolCall(call: 1, id: .owned("c1"), name: .owned("b")), .finish(.outputLimit, stopText: nil), .end,
        ])
        #expect(checked.content[0]["arguments"] as? String == "{\"x\":")
        #expect(checked.content[1]["arguments"] as? String == "{}")
        #expect(checked.stopReason == "max_tokens")
    }

    @Test func whatWaitsIsBounded() {
        let piece = String(repeating: "x", count: 1 << 16)
        var events: [AnswerEvent] = [.toolCall(call: 0, id: .owned("c0"), name: .owned("a")), .toolArguments(call: 0, .owned("{\"x\":"))]
        for _ in 0..<20 { events.append(.text(.owned(piece))) }
        let text = stream(events)
        #expect(text.utf8.count > DialectLimits.waitingAnswerBytesMax)
        let checked = read(events + [.toolArguments(call: 0, .owned("1}")), .finish(.toolCalls, stopText: nil), .end])
        #expect(checked.types == ["tool_use", "text"])
        #expect(checked.text().utf8.count == 20 << 16)
        #expect(checked.content[0]["isBroken"] as? Bool == true)
        // Its client shall not take the call for a whole one.
        #expect(checked.stopReason == "max_tokens")
    }

    @Test func onlyTheCallThatStandsInTheWayIsCut() {
        func filling(_ count: Int) -> String { "\"" + String(repeating: "x", count: count) + "\"" }
        let checked = read([
            .toolCall(call: 0, id: .owned("c0"), name: .owned("a")), .toolArguments(call: 0, .owned("{\"x\":")),
            .toolCall(call: 1, id: .owned("c1"), name: .owned("b")), .toolArguments(call: 1, .owned("{\"y\":" + filling(700_000))),
            .toolCall(call: 2, id: .owned("c2"), name: .owned("c")), .toolArguments(call: 2, .owned("{\"z\":" + filling(500_000))),
            .toolArguments(call: 0, .owned("1}")), .toolArguments(call: 1, .owned("}")), .toolArguments(call: 2, .owned("}")),
            .finish(.stopText, stopText: .owned("END")), .end,
        ])
        #expect(checked.types == ["tool_use", "tool_use", "tool_use"])
        #expect(checked.content.map { $0["isBroken"] as? Bool ?? false } == [true, false, false])
        #expect(checked.stopReason == "max_tokens")
        #expect(checked.stopSequence == nil)
    }

    @Test func renamedToolsGetTheirNamesBack() {
        var plan = Self.plan
        plan.renamedTools["a_b_12345678"] = AnswerPlan.ClientTool(name: "a.b")
        let checked = read(
            [.toolCall(call: 0, id: .owned("c"), name: .owned("a_b_12345678")), .toolCallEnded(call: 0), .finish(.toolCalls, stopText: nil), .end],
            plan: plan)
        #expect(checked.content[0]["name"] as? String == "a.b")
    }

    /// Any order of any steps: the stream keeps the rules, and of each call and of the text nothing is lost.
    @Test(arguments: 0..<200)
    func randomStepsKeepTheOrder(_ seed: Int) throws {
        var random = SeededGenerator(UInt64(seed))
        let made = RandomSteps(&random)
        let checked = read(made.events)
        #expect(checked.text() == made.text)
        #expect(checked.text("thinking") == made.thinking)
        let calls = checked.content.filter { $0["type"] as? String == "tool_use" }
        #expect(calls.map { $0["arguments"] as? String } == made.arguments.map { $0.isEmpty ? "{}" : $0 })

        let whole = made.events.written(MessagesWholeWriter(Self.plan))
        #expect(try messageViolations(whole).isEmpty)
        let content = try #require(parsed(Array(whole.utf8))["content"] as? [[String: Any]])
        #expect(content.map { $0["type"] as? String } == checked.types)
        let inputs = content.compactMap { $0["input"] as? [String: Any] }
        #expect(inputs.count == made.arguments.count)
        for (input, text) in zip(inputs, made.arguments) where !text.isEmpty {
            #expect(NSDictionary(dictionary: input) == NSDictionary(dictionary: try parsed(Array(text.utf8))))
        }
    }
}

/// Steps of an answer in an order that no provider would choose.
private struct RandomSteps {
    var events: [AnswerEvent] = [.opened(id: nil, model: nil)]
    var text = ""
    var thinking = ""
    var arguments: [String] = []

    init(_ random: inout SeededGenerator) {
        let samples = ["", "{}", "{\"a\":1}", "{\"q\":\"}{\\\"\\\\\",\"b\":[{}]}", "{ \"ä\": \"\\u007d\" }"]
        var rest: [[Character]] = []
        for _ in 0..<Int.random(in: 5...40, using: &random) {
            switch Int.random(in: 0..<8, using: &random) {
            case 0:
                text += "t"
                events.append(.text(.owned("t")))
            case 1:
                thinking += "h"
                events.append(.thinking(.owned("h")))
            case 2:
                events.append(.signature(ProviderState(Bool.random(using: &random) ? .messages : .gemini, .owned("sig"))))
            case 3:
                let sample = samples.randomElement(using: &random) ?? ""
                events.append(.toolCall(call: arguments.count, id: .owned("c\(arguments.count)"), name: .owned("tool")))
                arguments.append(sample)
                rest.append(Array(sample))
            case 4:
                if let call = rest.indices.filter({ rest[$0].isEmpty }).randomElement(using: &random) { events.append(.toolCallEnded(call: call)) }
            default:
                guard let call = rest.indices.filter({ !rest[$0].isEmpty }).randomElement(using: &random) else { continue }
                let length = Int.random(in: 1...rest[call].count, using: &random)
                events.append(.toolArguments(call: call, .owned(String(rest[call].prefix(length)))))
                rest[call].removeFirst(length)
            }
        }
        for call in rest.indices where !rest[call].isEmpty { events.append(.toolArguments(call: call, .owned(String(rest[call])))) }
        events += [.finish(.toolCalls, stopText: nil), .end]
    }
}
