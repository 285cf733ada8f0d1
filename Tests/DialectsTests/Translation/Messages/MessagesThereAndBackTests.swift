import Foundation
import Streaming
import Testing

@testable import Dialects

/// Requests of Anthropic's clients, read and written for Anthropic again: what matters is still there.
@Suite struct MessagesThereAndBackTests {
    struct Recorded: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var path: String
    }

    static let requests: [Recorded] = CorpusRecord.of(.messages).compactMap { recorded in
        let stem = recorded.path.split(separator: ".").dropLast().joined(separator: ".")
        let path = "/" + stem.drop { $0 == "/" } + ".req.json"
        return FileManager.default.fileExists(atPath: path) ? Recorded(testDescription: recorded.id, path: path) : nil
    }

    private func translated(_ body: [String: Any]) throws -> TranslatedRequest {
        let json = String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
        var plan = AnswerPlan()
        plan.isStreaming = body["stream"] as? Bool ?? false
        let target = TranslationTarget(dialect: .messages, model: body["model"] as? String ?? "", profile: .anthropic)
        return try TranslatedRequest(json, from: .messages, to: target, plan: plan)
    }

    @Test(.enabled(if: !requests.isEmpty), arguments: requests)
    func recordedRequests(_ recorded: Recorded) throws {
        let file = try parsed(Array(try Data(contentsOf: URL(fileURLWithPath: recorded.path))))
        let body = try #require(file["body"] as? [String: Any])
        guard body["max_tokens"] != nil else {
            // The counting of tokens needs none.
            #expect(throws: RequestProblem.missing(member: "max_tokens")) { try translated(body) }
            return
        }
        let result = try translated(body).body
        #expect(requestViolations(result).isEmpty, "\(requestViolations(result))")
        #expect(Self.texts(result["system"]) == Self.texts(body["system"]))
        #expect(result["max_tokens"] as? Int == body["max_tokens"] as? Int)
        #expect(result["model"] as? String == body["model"] as? String)
        #expect((result["stream"] as? Bool ?? false) == (body["stream"] as? Bool ?? false))
        #expect(result["stop_sequences"] as? [String] == body["stop_sequences"] as? [String])
        // A budget becomes `adaptive` where the model has that, and an effort alone asks for thinking too.
        if body["output_config"] == nil { #expect((result["thinking"] != nil) == (body["thinking"] != nil)) }
        let names = [result, body].map { ($0["tools"] as? [[String: Any]] ?? []).map { $0["name"] as? String } }
        #expect(names[0] == names[1])

        // The beginning of an answer may have gained a turn behind it, and nothing else has changed.
        let before = body["messages"] as? [[String: Any]] ?? []
        let after = (result["messages"] as? [[String: Any]] ?? []).prefix(before.count)
        for (old, new) in zip(before, after) {
            #expect(old["role"] as? String == new["role"] as? String)
            let (old, new) = (Self.blocks(old), Self.blocks(new))
            #expect(Self.texts(old) == Self.texts(new))
            for type in ["tool_use", "tool_result", "image", "document"] {
                #expect(old.filter { $0["type"] as? String == type }.count == new.filter { $0["type"] as? String == type }.count, "\(type)")
            }
            let kept = new.filter { $0["type"] as? String == "thinking" }
            #expect(kept.allSatisfy { thinking in old.contains { $0["signature"] as? String == thinking["signature"] as? String } })
        }
        #expect(after.count == before.count)
    }

    private static func blocks(_ message: [String: Any]) -> [[String: Any]] {
        if let text = message["content"] as? String { return [["type": "text", "text": text]] }
        return message["content"] as? [[String: Any]] ?? []
    }

    private static func texts(_ value: Any?) -> [String] {
        if let text = value as? String { return [text] }
        return (value as? [[String: Any]] ?? []).compactMap { $0["text"] as? String }
    }

    /// A request as Claude Code makes it for a model that it takes as new.
    @Test func claudeCode() throws {
        let json = #"""
            {"model":"claude-opus-5-5","max_tokens":128000,"stream":true,
            "system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1.330; cc_entrypoint=sdk-cli;"},
            {"type":"text","text":"You are Claude Code.","cache_control":{"type":"ephemeral"}},
            {"type":"text","text":"The prompt.","cache_control":{"type":"ephemeral"}}],
            "messages":[{"role":"user","content":[{"type":"text","text":"<system-reminder>r</system-reminder>"},{"type":"text","text":"hi"}],
            "output_config":{"effort":"low"}},
            {"role":"system","content":[{"type":"text","text":"# Environment","cache_control":{"type":"ephemeral"}}]},
            {"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"sig"},
            {"type":"tool_use","id":"toolu_1","name":"Bash","input":{"command":"ls"}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"file","is_error":false,"cache_control":{"type":"ephemeral"}}]}],
            "tools":[{"name":"Bash","description":"Runs.","input_schema":{"$schema":"https://json-schema.org/draft/2020-12/schema",
            "type":"object","properties":{"command":{"type":"string"}},"required":["command"],"additionalProperties":false}},
            {"name":"Later","defer_loading":true,"input_schema":{"type":"object","properties":{}}}],
            "thinking":{"type":"adaptive","display":"omitted"},"output_config":{"effort":"medium"},
            "context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]},
            "metadata":{"user_id":"{\"device_id\":\"d\",\"session_id\":\"s\"}"}}
            """#
        let result = try translated(try parsed(Array(json.utf8)))
        #expect(requestViolations(result.body).isEmpty, "\(requestViolations(result.body))")
        var expected = try parsed(Array(json.utf8))
        // What only Anthropic's own clients say to it stays with the pass-through.
        expected["context_management"] = nil
        var messages = try #require(expected["messages"] as? [[String: Any]])
        messages[0]["output_config"] = nil
        var results = try #require(messages[3]["content"] as? [[String: Any]])
        results[0]["is_error"] = nil
        messages[3]["content"] = results
        expected["messages"] = messages
        var tools = try #require(expected["tools"] as? [[String: Any]])
        tools[1]["defer_loading"] = nil
        expected["tools"] = tools
        #expect(NSDictionary(dictionary: result.body) == NSDictionary(dictionary: expected), "\(result.text)")
    }

    /// Bytes in any state of disorder are refused or translated; nothing traps, and what is written is JSON.
    @Test(arguments: 0..<300) func disorderlyRequests(_ seed: Int) throws {
        var random = SeededGenerator(UInt64(seed))
        let body: [String: Any] = [
            "model": "m", "max_tokens": 10, "messages": (0..<Int.random(in: 1...6, using: &random)).map { _ in Self.message(&random) },
            "tools": [["name": "n", "input_schema": Self.value(&random, 3)], ["type": Self.value(&random, 1), "name": "x_20250101"]],
            "thinking": ["type": "enabled", "budget_tokens": 2_000], "system": Self.value(&random, 2), "tool_choice": ["type": "any"],
        ]
        do {
            let result = try translated(body)
            let violations = requestViolations(result.body).filter { !$0.hasPrefix("id ") }
            #expect(violations.isEmpty, "\(violations): \(result.text)")
        } catch let problem as RequestProblem {
            #expect(!problem.message.isEmpty)
        }
    }

    private static func message(_ random: inout SeededGenerator) -> [String: Any] {
        let role = ["user", "assistant", "system"].randomElement(using: &random) ?? "user"
        let blocks: [[String: Any]] = (0..<Int.random(in: 0...4, using: &random)).map { _ in
            let id = ["a", "b", "ä"].randomElement(using: &random) ?? "a"
            switch Int.random(in: 0..<7, using: &random) {
            case 0: return ["type": "text", "text": ["", " ", "x ", "y"].randomElement(using: &random) ?? ""]
            case 1: return ["type": "tool_use", "id": id, "name": "n", "input": value(&random, 2)]
            case 2: return ["type": "tool_result", "tool_use_id": id, "content": "r"]
            case 3: return ["type": "thinking", "thinking": "h", "signature": ["", "s", "ekai1:g::x", "ekai1:"].randomElement(using: &random) ?? ""]
            case 4: return ["type": "tool_result", "tool_use_id": id, "content": [["type": "text", "text": ""]]]
            case 5: return ["type": "redacted_thinking", "data": "d"]
            default: return ["type": "server_tool_use", "id": id]
            }
        }
        return ["role": role, "content": Int.random(in: 0..<20, using: &random) == 0 ? value(&random, 1) : blocks]
    }

    private static func value(_ random: inout SeededGenerator, _ depth: Int) -> Any {
        let scalars: [Any] = ["object", "ARRAY", 1, true, NSNull(), "x", ""]
        guard depth > 0, Int.random(in: 0..<3, using: &random) > 0 else { return scalars.randomElement(using: &random) ?? 0 }
        if Bool.random(using: &random) { return (0..<2).map { _ in value(&random, depth - 1) } }
        let names = ["type", "properties", "items", "anyOf", "additionalProperties", "nullable"]
        var object: [String: Any] = [:]
        for _ in 0..<3 { object[names.randomElement(using: &random) ?? "type"] = value(&random, depth - 1) }
        return object
    }
}
