import Foundation
import Streaming
import Testing

@testable import Dialects

@Suite struct GeminiAnswerWriterTests {
    private static func plan(_ change: (inout AnswerPlan) -> Void = { _ in }) -> AnswerPlan {
        var plan = AnswerPlan()
        plan.model = "asked"
        plan.idStem = "stem"
        change(&plan)
        return plan
    }

    private static var usage: TokenUsage {
        var usage = TokenUsage()
        usage.input = 10
        usage.cacheRead = 4
        usage.cacheWrite5Minutes = 1
        usage.output = 9
        usage.reasoning = 3
        return usage
    }

    private func text(_ text: String) -> JSONText { .owned(text) }

    private var ending: [AnswerEvent] { [.finish(.complete, stopText: nil), .usage(Self.usage), .end] }

    @Test func goldenStream() {
        let events: [AnswerEvent] = [.opened(id: text("r1"), model: text("m1")), .thinking(text("Hm")), .text(text("Hi \"you\"")), .text(text("!"))] + ending
        func chunk(_ parts: String, _ finish: String = "", _ usage: String = "") -> String {
            #"data: {"candidates":[{"content":{"parts":[\#(parts)],"role":"model"}\#(finish),"index":0}]\#(usage),"modelVersion":"m1","responseId":"r1"}"# + "\r\n\r\n"
        }
        #expect(
            events.written(GeminiStreamWriter(Self.plan()))
                == chunk(#"{"text":"Hm","thought":true}"#) + chunk(#"{"text":"Hi \"you\""}"#) + chunk(#"{"text":"!"}"#)
                + chunk(
                    #"{"text":""}"#, #","finishReason":"STOP""#,
                    #","usageMetadata":{"promptTokenCount":15,"candidatesTokenCount":6,"thoughtsTokenCount":3,"cachedContentTokenCount":4,"totalTokenCount":24}"#))
    }

    @Test func goldenArray() {
        let written = ([.text(text("a"))] + ending).written(GeminiStreamWriter(Self.plan { $0.isJSONArray = true }))
        #expect(written.hasPrefix("[{\"candidates\""))
        #expect(written.contains("}\r\n,\r\n{") && written.hasSuffix("}]"))
        let check = GeminiStreamCheck(written)
        #expect(check.faults == [] && check.text == "a" && check.chunks == 2)
    }

    @Test func goldenDocument() {
        let events: [AnswerEvent] = [
            .opened(id: nil, model: nil), .thinking(text("H")), .thinking(text("m")), .text(text("a")), .text(text("b")),
            .toolCall(call: 0, id: text("c1"), name: text("f")), .toolArguments(call: 0, text("{\"x\"")), .toolArguments(call: 0, text(":1}")),
            .finish(.toolCalls, stopText: nil), .usage(Self.usage), .end,
        ]
        #expect(
            events.written(GeminiWholeWriter(Self.plan()))
                == #"{"candidates":[{"content":{"parts":[{"text":"Hm","thought":true},{"text":"ab"},{"functionCall":{"id":"c1","name":"f","args":{"x":1}}}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":15,"candidatesTokenCount":6,"thoughtsTokenCount":3,"cachedContentTokenCount":4,"totalTokenCount":24},"modelVersion":"asked","responseId":"stem"}"#
        )
    }

    @Test func anAnswerOfNothing() {
        let document = ([] + ending).written(GeminiWholeWriter(Self.plan()))
        #expect(document.contains(#""parts":[{"text":""}]"#))
        let check = GeminiStreamCheck(([] + ending).written(GeminiStreamWriter(Self.plan())))
        #expect(check.faults == [] && check.chunks == 1)
    }

    @Test func withoutAnEndThereIsNoFinish() {
        let events: [AnswerEvent] = [.text(text("a")), .finish(.complete, stopText: nil), .usage(Self.usage)]
        let written = events.written(GeminiStreamWriter(Self.plan()))
        #expect(!written.contains("finishReason") && !written.contains("usageMetadata"))
        #expect(!events.written(GeminiStreamWriter(Self.plan { $0.isJSONArray = true })).hasSuffix("]"))
    }

    @Test(arguments: [
        (StopReason.complete, "STOP"), (.stopText, "STOP"), (.toolCalls, "STOP"), (.paused, "STOP"), (.outputLimit, "MAX_TOKENS"),
        (.contextLimit, "MAX_TOKENS"), (.filtered, "SAFETY"), (.broken, "OTHER"),
    ])
    func finishReasons(_ reason: StopReason, _ word: String) {
        let events: [AnswerEvent] = [.finish(reason, stopText: nil), .usage(Self.usage), .end]
        #expect(GeminiStreamCheck(events.written(GeminiStreamWriter(Self.plan()))).finishReason == word)
        #expect(events.written(GeminiWholeWriter(Self.plan())).contains("\"finishReason\":\"\(word)\""))
    }

    // MARK: Calls

    /// Pieces of two calls alternate, and a character is cut in half between two pieces.
    @Test func callsGoOutWhole() {
        // As a chat provider sends it: the arguments' JSON inside of a string.
        let halves = [#"{\"a\":\"\ud83d"#, #"\ude00\\n\"}"#].map { Array($0.utf8) }
        halves[0].withUnsafeBytes { first in
            halves[1].withUnsafeBytes { second in
                let events: [AnswerEvent] = [
                    .toolCall(call: 0, id: text("c0"), name: text("f")), .toolArguments(call: 0, .escaped(first)),
                    .toolCall(call: 1, id: nil, name: text("g")), .toolArguments(call: 1, text("{\"b\"")), .toolArguments(call: 0, .escaped(second)),
                    .toolArguments(call: 1, text(":[1]}")), .finish(.toolCalls, stopText: nil), .usage(Self.usage), .end,
                ]
                for written in [events.written(GeminiStreamWriter(Self.plan())), "data: " + events.written(GeminiWholeWriter(Self.plan())) + "\r\n\r\n"] {
                    let check = GeminiStreamCheck(written)
                    #expect(check.faults == [] && check.calls.map(\.name) == ["f", "g"] && check.calls.map(\.id) == ["c0", nil])
                    #expect(check.calls[0].arguments as? [String: String] == ["a": "\u{1F600}\n"])
                    #expect(check.calls[1].arguments as? [String: [Int]] == ["b": [1]])
                }
            }
        }
    }

    @Test func aCallGoesOutAtItsEnd() {
        var output = AnswerOutput(GeminiStreamWriter(Self.plan()))
        output.take(.toolCall(call: 0, id: nil, name: text("f")))
        output.take(.toolCall(call: 1, id: nil, name: text("g")))
        output.take(.toolCallEnded(call: 1))
        let held = output.text.count
        #expect(held == 0)
        output.take(.toolCallEnded(call: 0))
        #expect(String(decoding: output.text.bytes, as: UTF8.self).contains(#"{"functionCall":{"name":"f","args":{}}},{"functionCall":{"name":"g","args":{}}}"#))
        output.text.removeAll()
        output.take(.toolCall(call: 2, id: nil, name: text("h")))
        output.take(.text(text("done")))
        #expect(String(decoding: output.text.bytes, as: UTF8.self).contains("\"h\""))
    }

    @Test(arguments: ["", "  ", "no json", "[1]", "7", "{\"a\":", "null"])
    func argumentsThatAreNoObject(_ arguments: String) {
        let events: [AnswerEvent] = [.toolCall(call: 0, id: nil, name: text("f")), .toolArguments(call: 0, text(arguments))] + ending
        let check = GeminiStreamCheck(events.written(GeminiStreamWriter(Self.plan())))
        #expect(check.faults == [] && check.calls.count == 1 && check.calls[0].arguments.isEmpty)
    }

    @Test func argumentsAreBounded() {
        let piece = String(repeating: "x", count: 1 << 20)
        var events: [AnswerEvent] = [.toolCall(call: 0, id: nil, name: text("small")), .toolCall(call: 1, id: nil, name: text("huge"))]
        events += Array(repeating: .toolArguments(call: 1, text(piece)), count: 9)
        events += [.toolArguments(call: 0, text("{\"a\":1}"))] + ending
        let check = GeminiStreamCheck(events.written(GeminiStreamWriter(Self.plan())))
        #expect(check.faults == [] && check.calls.map(\.name) == ["small"] && check.finishReason == "MALFORMED_FUNCTION_CALL")
        #expect(check.calls[0].arguments as? [String: Int] == ["a": 1])

        let many = (0..<300).map { AnswerEvent.toolCall(call: $0, id: nil, name: text("f")) } + ending
        #expect(GeminiStreamCheck(many.written(GeminiStreamWriter(Self.plan()))).calls.count == DialectLimits.bufferedCallsMax)
    }

    @Test func namesAreTheClients() {
        let plan = Self.plan { $0.renamedTools = ["short": AnswerPlan.ClientTool(name: "the.client's")] }
        let events: [AnswerEvent] = [.toolCall(call: 0, id: nil, name: text("short"))] + ending
        #expect(GeminiStreamCheck(events.written(GeminiStreamWriter(plan))).calls.map(\.name) == ["the.client's"])
    }

    // MARK: Thinking

    @Test func thoughtsOnlyForWhoWantsThem() {
        let plan = Self.plan { $0.showsThinking = false }
        let events: [AnswerEvent] = [.thinking(text("secret")), .thinkingBreak, .thinking(text("more")), .text(text("a"))] + ending
        for written in [events.written(GeminiStreamWriter(plan), plan), "data: " + events.written(GeminiWholeWriter(plan), plan) + "\r\n\r\n"] {
            let check = GeminiStreamCheck(written)
            #expect(check.faults == [] && check.thoughts.isEmpty && check.text == "a")
        }
        let shown = GeminiStreamCheck(events.written(GeminiStreamWriter(Self.plan())))
        #expect(shown.thoughts == "secret\n\nmore")
    }

    /// Anthropic's signature of a text that the client does not see goes with it; what stands for itself still reaches the client.
    @Test func signaturesOfHiddenThoughtsAreLeftOut() {
        let plan = Self.plan { $0.showsThinking = false }
        let hidden: [AnswerEvent] = [.thinking(text("secret")), .signature(ProviderState(.messages, text("sig"))), .text(text("a"))] + ending
        let unread: [AnswerEvent] = [.signature(ProviderState(.messages, text("sig"))), .text(text("a"))] + ending
        let own: [AnswerEvent] = [.thinking(text("secret")), .signature(ProviderState(.gemini, text("QQ=="))), .text(text("a"))] + ending
        func checks(_ events: [AnswerEvent]) -> [GeminiStreamCheck] {
            [events.written(GeminiStreamWriter(plan), plan), "data: " + events.written(GeminiWholeWriter(plan), plan) + "\r\n\r\n"].map(GeminiStreamCheck.init)
        }
        for check in checks(hidden) { #expect(check.faults == [] && check.thoughts.isEmpty && check.text == "a" && check.signatures.isEmpty) }
        for check in checks(unread) { #expect(check.faults == [] && check.signatures.count == 1) }
        for check in checks(own) { #expect(check.faults == [] && check.thoughts.isEmpty && check.signatures == ["QQ=="]) }
    }

    @Test func ownSignaturesStandOnThePartBehindThem() {
        let events: [AnswerEvent] = [
            .thinking(text("t")), .signature(ProviderState(.gemini, text("QQ=="))), .toolCall(call: 0, id: nil, name: text("f")), .toolCallEnded(call: 0),
            .signature(ProviderState(.gemini, text("Qg=="))), .text(text("a")), .text(text("b")), .signature(ProviderState(.gemini, text("Qw=="))),
        ] + ending
        let stream = events.written(GeminiStreamWriter(Self.plan()))
        #expect(stream.contains(#"{"functionCall":{"name":"f","args":{}},"thoughtSignature":"QQ=="}"#))
        #expect(stream.contains(#"{"text":"a","thoughtSignature":"Qg=="}"#) && stream.contains(#"{"text":"b"}"#))
        #expect(stream.contains(#"{"text":"","thoughtSignature":"Qw=="}"#))
        let document = events.written(GeminiWholeWriter(Self.plan()))
        #expect(document.contains(#"{"text":"t","thought":true},{"functionCall":{"name":"f","args":{}},"thoughtSignature":"QQ=="},{"text":"ab","thoughtSignature":"Qg=="},{"text":"","thoughtSignature":"Qw=="}"#))
    }

    @Test func anotherProvidersStateStandsOnItsThoughtAndComesBack() throws {
        let signature = "a\"b\\c/+="
        let events: [AnswerEvent] = [
            .thinking(text("I ")), .thinking(text("think")), .signature(ProviderState(.messages, text(signature))),
            .signature(ProviderState(.messagesRedacted, text("sealed"))), .signature(ProviderState(.responses, id: text("rs_1"), text("enc"))),
            .toolCall(call: 0, id: text("c"), name: text("f")),
        ] + ending
        for written in [events.written(GeminiStreamWriter(Self.plan())), "data: " + events.written(GeminiWholeWriter(Self.plan())) + "\r\n\r\n"] {
            #expect(GeminiStreamCheck(written).faults == [])
            // What a client sends back: the parts of all chunks, one after the other.
            let parts = written.components(separatedBy: "\r\n\r\n").dropLast().flatMap { event -> [Any] in
                let response = try? JSONSerialization.jsonObject(with: Data(event.dropFirst(6).utf8)) as? [String: Any]
                let content = (response?["candidates"] as? [[String: Any]])?.first?["content"] as? [String: Any]
                return content?["parts"] as? [Any] ?? []
            }
            let back = try Conversation.gemini(#"{"contents":[{"role":"model","parts":\#(try canonical(parts))}]}"#) { lines($0.turns) }
            #expect(back == [
                "assistant thinking I think messages::\(signature)", "assistant sealed messagesRedacted::sealed", "assistant sealed responses:rs_1:enc",
                "assistant call c f {} -",
            ])
        }
    }

    /// Any sequence of steps that keeps the order makes a stream and a document that say the same.
    @Test(arguments: 1...200)
    func anySequence(_ seed: UInt64) {
        var random = SeededGenerator(seed)
        var events: [AnswerEvent] = [.opened(id: text("r"), model: text("m"))]
        var calls = 0
        for _ in 0..<Int.random(in: 0...24, using: &random) {
            switch Int.random(in: 0...8, using: &random) {
            case 0, 1: events.append(.text(text("t\(events.count)")))
            case 2: events.append(.thinking(text("h\(events.count)")))
            case 3: events.append(.thinkingBreak)
            case 4: events.append(.signature(ProviderState([.gemini, .messages, .responses].randomElement(using: &random)!, text("QUJD"))))
            case 5: events.append(.refusal(text("no")))
            case 6:
                events.append(.toolCall(call: calls, id: nil, name: text("f\(calls)")))
                calls += 1
            case 7 where calls > 0: events.append(.toolCallEnded(call: Int.random(in: 0..<calls, using: &random)))
            default: events.append(.usage(Self.usage))
            }
        }
        events += ending
        let stream = GeminiStreamCheck(events.written(GeminiStreamWriter(Self.plan())))
        let document = GeminiStreamCheck("data: " + events.written(GeminiWholeWriter(Self.plan())) + "\r\n\r\n")
        #expect(stream.faults == [] && document.faults == [])
        #expect(stream.text == document.text && stream.thoughts == document.thoughts && stream.signatures == document.signatures)
        #expect(stream.calls.map(\.name) == document.calls.map(\.name) && stream.calls.count == calls)
        #expect(stream.usage == document.usage && document.chunks == 1)
    }
}
