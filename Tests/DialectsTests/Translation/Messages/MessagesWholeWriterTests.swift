import Foundation
import Streaming
import Testing

@testable import Dialects

@Suite struct MessagesWholeWriterTests {
    @Test func aMessageIsWrittenToTheLetter() {
        var plan = AnswerPlan()
        plan.model = "m"
        plan.idStem = "s"
        var usage = TokenUsage()
        usage.input = 5
        usage.cacheRead = 4
        usage.cacheWrite1Hour = 3
        usage.output = 2
        let events: [AnswerEvent] = [
            .opened(id: .owned("chatcmpl-1"), model: nil), .thinking(.owned("h")), .thinking(.owned("m")), .text(.owned("a")), .text(.owned("\"b")),
            .toolCall(call: 0, id: .owned("c0"), name: .owned("t")), .toolArguments(call: 0, .owned("{\"x\":")),
            .toolArguments(call: 0, .owned(" 1}")), .toolCall(call: 1, id: .owned("c1"), name: .owned("u")),
            .finish(.toolCalls, stopText: nil), .usage(usage), .end,
        ]
        #expect(
            events.written(MessagesWholeWriter(plan)) == """
                {"id":"chatcmpl-1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"hm","signature":""},\
                {"type":"text","text":"a\\"b"},{"type":"tool_use","id":"c0","name":"t","input":{"x": 1}},\
                {"type":"tool_use","id":"c1","name":"u","input":{}}],"stop_reason":"tool_use","stop_sequence":null,\
                "usage":{"input_tokens":5,"cache_creation_input_tokens":3,"cache_read_input_tokens":4,\
                "cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":3},"output_tokens":2}}
                """)
    }

    @Test func brokenArgumentsAreNotLost() throws {
        let text = [
            .toolCall(call: 0, id: .owned("c"), name: .owned("t")), .toolArguments(call: 0, .owned("{\"x\": ")), .finish(.outputLimit, stopText: nil), .end,
        ].written(MessagesWholeWriter(AnswerPlan()))
        let content = try #require(parsed(Array(text.utf8))["content"] as? [[String: Any]])
        #expect(content[0]["input"] as? [String: String] == ["raw_arguments": "{\"x\": "])
    }

    @Test func anEmptyAnswerIsAMessage() throws {
        let text = [.opened(id: nil, model: nil), .finish(.filtered, stopText: nil), .end].written(MessagesWholeWriter(AnswerPlan()))
        #expect(try messageViolations(text).isEmpty)
        #expect(try parsed(Array(text.utf8))["stop_reason"] as? String == "refusal")
    }
}
