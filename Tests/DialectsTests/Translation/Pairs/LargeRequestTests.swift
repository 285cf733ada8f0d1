import Foundation
import Streaming
import Testing

@testable import Dialects

/// A request as a coding agent sends it in the middle of its work: two hundred kilobytes of turns, calls and results.
@Suite struct LargeRequestTests {
    private static let rounds = 30

    private func request() throws -> String {
        let line = #"    if let value = table["key"] { print("\t→ \(value)") } // é 漢"#
        let code = Array(repeating: line, count: 70).joined(separator: "\n")
        let system: [[String: Any]] = [
            ["type": "text", "text": "x-billing: one line"],
            ["type": "text", "text": "You are an agent.", "cache_control": ["type": "ephemeral"]],
            ["type": "text", "text": Array(repeating: "Keep to the rules of the house.", count: 250).joined(separator: "\n"), "cache_control": ["type": "ephemeral"]],
        ]
        let tools: [[String: Any]] = (0..<12).map { number in
            let properties: [String: Any] = [
                "path": ["type": "string", "description": "Where the file is"], "limit": ["type": "integer", "minimum": 0],
                "options": ["type": "object", "properties": ["mode": ["type": "string", "enum": ["a", "b"]]], "additionalProperties": false],
            ]
            return [
                "name": "Tool\(number)", "description": String(repeating: "What it does, at length. ", count: 40),
                "input_schema": [
                    "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": properties, "required": ["path"],
                    "additionalProperties": false,
                ],
            ]
        }
        var messages: [[String: Any]] = [["role": "user", "content": "Mend the build."]]
        for round in 0..<Self.rounds {
            messages.append([
                "role": "assistant",
                "content": [
                    ["type": "text", "text": "Step \(round)."],
                    ["type": "tool_use", "id": "toolu_\(round)", "name": "Tool\(round % 12)", "input": ["path": "/a/\(round)", "limit": round]],
                ],
            ])
            messages.append(["role": "user", "content": [["type": "tool_result", "tool_use_id": "toolu_\(round)", "content": code]]])
        }
        let body: [String: Any] = [
            "model": "client-model", "max_tokens": 32_000, "stream": true, "system": system, "tools": tools, "messages": messages,
            "metadata": ["user_id": "{\"device\":\"d\"}"],
        ]
        return String(decoding: try JSONSerialization.data(withJSONObject: body, options: .sortedKeys), as: UTF8.self)
    }

    @Test(arguments: [
        TranslationTarget(dialect: .chat, model: "gpt-4.1"), TranslationTarget(dialect: .responses, model: "gpt-5.1"),
        TranslationTarget(dialect: .gemini, model: "gemini-3-flash-preview", profile: .google),
    ]) func anAgentsRequest(_ target: TranslationTarget) throws {
        let json = try request()
        let bytes = Array(json.utf8)
        #expect((190_000..<260_000).contains(bytes.count), "\(bytes.count) bytes")
        let (tape, reader) = (JSONTape(), JSONReader())
        var best = Duration.seconds(1_000)
        var text: [UInt8] = []
        for _ in 0..<20 {
            let elapsed = try bytes.withUnsafeBytes { bytes in
                let begin = ContinuousClock.now
                let translation = try RequestTranslation(
                    bytes, dialect: .messages, target: target, plan: pairPlan(), tape: tape, reader: reader)
                let elapsed = ContinuousClock.now - begin
                text = Array(translation.body)
                return elapsed
            }
            best = min(best, elapsed)
        }
        print("\(bytes.count) bytes of messages to \(target.dialect), \(text.count) bytes: \(best) at best of 20")
        let body = try parsed(text)
        switch target.dialect {
        case .chat:
            #expect(chatRequestFaults(body, .openAI) == [])
            #expect((body["messages"] as? [Any])?.count == 2 + 2 * Self.rounds)
        case .responses:
            #expect(responsesRequestFaults(body) == [])
            #expect((body["input"] as? [[String: Any]])?.count { $0.text("type") == "function_call" } == Self.rounds)
        case .gemini:
            #expect(geminiRequestFaults(body) == [])
            #expect((body["contents"] as? [Any])?.count == 1 + 2 * Self.rounds)
        case .messages: break
        }
        let back = try TranslatedRequest(
            String(decoding: text, as: UTF8.self), from: target.dialect,
            to: TranslationTarget(dialect: .messages, model: "claude-sonnet-4-5", profile: .anthropic))
        #expect(try RequestDigest(json, .messages).losses(in: RequestDigest(back.text, .messages), renamed: [:]) == [])
    }
}
