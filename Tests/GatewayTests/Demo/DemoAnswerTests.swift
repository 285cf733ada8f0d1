import Dialects
import Foundation
import Testing

@testable import Gateway

/// The demo provider's events: exactly these, in this order, each with JSON that parses.
@Suite struct DemoAnswerTests {
    private static func answer(_ dialect: Dialect, includesUsage: Bool = true) -> DemoAnswer {
        DemoAnswer(
            dialect: dialect, model: "demo/echo", tokens: ["a", " \"b\""], inputTokens: 3, includesUsage: includesUsage,
            createdSeconds: 7)
    }

    private static func stream(_ answer: DemoAnswer) -> String {
        answer.opening() + answer.tokens.indices.map(answer.token).joined() + answer.closing()
    }

    private static func chunk(_ delta: String, finish: String = "null") -> String {
        #"data: {"id":"chatcmpl-demo","object":"chat.completion.chunk","created":7,"model":"demo/echo","choices":[{"index":0,"delta":\#(delta),"logprobs":null,"finish_reason":\#(finish)}]}"#
            + "\n\n"
    }

    @Test func streamsChat() {
        let events = [
            Self.chunk(#"{"role":"assistant","content":""}"#), Self.chunk(#"{"content":"a"}"#), Self.chunk(#"{"content":" \"b\""}"#),
            Self.chunk("{}", finish: #""stop""#),
        ]
        let usage =
            #"data: {"id":"chatcmpl-demo","object":"chat.completion.chunk","created":7,"model":"demo/echo","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"#
            + "\n\n"
        #expect(Self.stream(Self.answer(.chat)) == events.joined() + usage + "data: [DONE]\n\n")
        #expect(Self.stream(Self.answer(.chat, includesUsage: false)) == events.joined() + "data: [DONE]\n\n")
    }

    @Test(arguments: [
        (
            Dialect.messages,
            [
                "message_start", "content_block_start", "content_block_delta", "content_block_delta", "content_block_stop",
                "message_delta", "message_stop",
            ]
        ),
        (
            .responses,
            [
                "response.created", "response.output_item.added", "response.content_part.added", "response.output_text.delta",
                "response.output_text.delta", "response.output_text.done", "response.content_part.done", "response.output_item.done",
                "response.completed",
            ]
        ),
    ]) func streamsNamedEvents(_ dialect: Dialect, _ names: [String]) throws {
        var seen: [String] = []
        var numbers: [Int] = []
        for event in Self.stream(Self.answer(dialect)).split(separator: "\n\n") {
            let lines = event.split(separator: "\n")
            #expect(lines.count == 2 && lines[0].hasPrefix("event: ") && lines[1].hasPrefix("data: "))
            let data = try JSONSerialization.jsonObject(with: Data(lines[1].dropFirst(6).utf8)) as? [String: Any]
            #expect(data?["type"] as? String == String(lines[0].dropFirst(7)))
            seen.append(String(lines[0].dropFirst(7)))
            if let number = data?["sequence_number"] as? Int { numbers.append(number) }
        }
        #expect(seen == names)
        #expect(numbers == (dialect == .responses ? Array(0..<names.count) : []))
    }

    @Test func streamsGemini() throws {
        let events = Self.stream(Self.answer(.gemini))
        let pieces = events.components(separatedBy: "\r\n\r\n")
        #expect(pieces.count == 4 && pieces.last == "")
        #expect(pieces.dropLast().allSatisfy { $0.hasPrefix("data: {") })
        var answer = Self.answer(.gemini)
        answer.isJSONArray = true
        let list = try #require(try JSONSerialization.jsonObject(with: Data(Self.stream(answer).utf8)) as? [[String: Any]])
        let candidates = list.compactMap { ($0["candidates"] as? [[String: Any]])?.first }
        let texts = candidates.map { (($0["content"] as? [String: Any])?["parts"] as? [[String: Any]])?.first?["text"] as? String }
        #expect(texts == ["a", " \"b\"", ""])
        #expect(candidates.map { $0["finishReason"] as? String } == [nil, nil, "STOP"])
        #expect((list.last?["usageMetadata"] as? [String: Any])?["candidatesTokenCount"] as? Int == 2)
        let empty = DemoAnswer(
            dialect: .gemini, model: "demo/echo", tokens: [], inputTokens: 3, includesUsage: false, createdSeconds: 7, isJSONArray: true)
        #expect(try (JSONSerialization.jsonObject(with: Data(Self.stream(empty).utf8)) as? [Any])?.count == 1)
    }

    @Test(arguments: Dialect.allCases) func answersInOneDocument(_ dialect: Dialect) throws {
        let text = Self.answer(dialect).json()
        #expect(try JSONSerialization.jsonObject(with: Data(text.utf8)) is [String: Any])
        #expect(text.contains(#""a \"b\"""#))
    }

    @Test(arguments: [("", []), ("a", ["a"]), ("a b", ["a", " b"]), (" a  b ", [" a", " ", " b", " "])] as [(String, [String])])
    func cutsWords(_ text: String, _ tokens: [String]) {
        #expect(DemoAnswer.tokens(of: text) == tokens)
        #expect(DemoAnswer.tokens(of: text).joined() == text)
    }
}
