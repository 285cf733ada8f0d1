import Foundation
import Streaming
import Testing

@testable import Dialects

/// Members of a request to Anthropic.
@Suite struct MessagesRequestWriterTests {
    private let hi = #"[{"role":"user","content":"hi"}]"#

    private func written(
        _ members: String = "", messages: String? = nil, model: String = "claude-sonnet-4-5", reasons: Bool? = nil, outputTokensMax: Int? = nil,
        change: (inout Conversation) -> Void = { _ in }
    ) throws -> WrittenMessages {
        let written = try WrittenMessages(
            messages ?? hi, members, model: model, reasons: reasons, outputTokensMax: outputTokensMax, change: change)
        #expect(requestViolations(written.body).isEmpty, "\(requestViolations(written.body)): \(written.text)")
        return written
    }

    @Test func aPlainRequestIsPlain() throws {
        let result = try written(#""system":"Be brief.","stream":true"#)
        #expect(
            result.text
                == #"{"model":"claude-sonnet-4-5","max_tokens":5000,"stream":true,"system":"Be brief.","messages":[{"role":"user","content":"hi"}]}"#)
    }

    // MARK: Bounds

    @Test(arguments: [
        ("claude-3-opus-20240229", 4_096), ("claude-3-5-haiku-latest", 8_192), ("claude-sonnet-4-5", 32_000), ("claude-opus-5", 32_000), ("glm-5", 8_192),
    ])
    func anAnswersBoundIsAlwaysThere(_ model: String, _ bound: Int) throws {
        #expect(try written(model: model) { $0.maxOutputTokens = nil }.body["max_tokens"] as? Int == bound)
        #expect(try written(model: model, outputTokensMax: 2_000) { $0.maxOutputTokens = nil }.body["max_tokens"] as? Int == 2_000)
    }

    @Test func theClientsBoundStays() throws {
        #expect(try written().body["max_tokens"] as? Int == 5_000)
        #expect(try written(outputTokensMax: 4_000).body["max_tokens"] as? Int == 4_000)
    }

    @Test func sampling() throws {
        let members = #""temperature":1.7,"top_p":0.9,"top_k":5,"stop_sequences":["a"," ","b"]"#
        let old = try written(members, model: "claude-3-7-sonnet-20250219").body
        #expect(old["temperature"] as? Int == 1 && old["top_p"] as? Double == 0.9 && old["top_k"] as? Int == 5)
        #expect(old["stop_sequences"] as? [String] == ["a", "b"])
        let one = try written(members).body
        #expect(one["temperature"] as? Int == 1 && one["top_p"] == nil)
        let new = try written(members, model: "claude-opus-4-7").body
        #expect(new["temperature"] == nil && new["top_p"] == nil && new["top_k"] == nil)
        let thinking = try written(members + #","thinking":{"type":"enabled","budget_tokens":2000}"#).body
        #expect(thinking["temperature"] == nil && thinking["top_p"] == nil && thinking["top_k"] == nil)
        for (given, written) in [("0.70", "0.70"), ("1", "1"), ("1.0", "1.0"), ("1e1", "1"), ("-0.5", "0"), ("10e-1", "10e-1")] {
            #expect(try self.written(#""temperature":\#(given)"#).text.contains(#""temperature":\#(written),"#), "\(given)")
        }
    }

    @Test func theRest() throws {
        let result = try written(#""metadata":{"user_id":"u"},"service_tier":"default""#)
        #expect(try result.json("metadata") == #"{"user_id":"u"}"#)
        #expect(result.body["service_tier"] as? String == "standard_only")
        #expect(throws: RequestProblem.notTranslatable(member: "n", reason: "Anthropic's models give one answer")) {
            try WrittenMessages(hi) { $0.sampling.candidateCount = 2 }
        }
    }

    // MARK: Thinking

    @Test func budgetsForOldModels() throws {
        let given = try written(#""thinking":{"type":"enabled","budget_tokens":2000,"display":"summarized"}"#)
        #expect(try given.json("thinking") == #"{"budget_tokens":2000,"display":"summarized","type":"enabled"}"#)
        let clamped = try written(#""thinking":{"type":"enabled","budget_tokens":50000}"#)
        #expect(try clamped.json("thinking") == #"{"budget_tokens":4999,"display":"summarized","type":"enabled"}"#)
        let effort = try written { $0.reasoning.effort = .high; $0.maxOutputTokens = nil }
        #expect(try effort.json("thinking") == #"{"budget_tokens":24576,"type":"enabled"}"#)
        #expect(effort.body["max_tokens"] as? Int == 32_000 && effort.body["output_config"] == nil)
        let raised = try written { $0.reasoning.effort = .xhigh; $0.maxOutputTokens = nil }
        #expect(raised.body["max_tokens"] as? Int == 36_864)
        let small = try written { $0.reasoning.effort = .high; $0.maxOutputTokens = 1_000 }
        #expect(small.body["thinking"] == nil && small.body["max_tokens"] as? Int == 1_000)
        #expect(try written(model: "claude-3-5-sonnet-20241022") { $0.reasoning.effort = .high }.body["thinking"] == nil)
        #expect(try written(reasons: false) { $0.reasoning.effort = .high }.body["thinking"] == nil)
    }

    @Test func effortsForNewModels() throws {
        let cases: [(String, ReasoningWish.Effort, String)] = [
            ("claude-opus-4-6", .xhigh, "high"), ("claude-opus-4-6", .max, "max"), ("claude-sonnet-4-6", .minimal, "low"),
            ("claude-opus-4-7", .xhigh, "xhigh"), ("anthropic/claude-opus-4.8", .medium, "medium"), ("claude-opus-5-5", .max, "max"),
        ]
        for (model, effort, word) in cases {
            let result = try written(model: model) { $0.reasoning.effort = effort }
            #expect(try result.json("thinking") == #"{"type":"adaptive"}"#)
            #expect(try result.json("output_config") == #"{"effort":"\#(word)"}"#)
        }
        let budget = try written(#""thinking":{"type":"enabled","budget_tokens":9000,"display":"omitted"}"#, model: "claude-sonnet-5")
        #expect(try budget.json("thinking") == #"{"display":"omitted","type":"adaptive"}"#)
        #expect(try budget.json("output_config") == #"{"effort":"medium"}"#)
    }

    @Test func off() throws {
        #expect(try written(#""thinking":{"type":"disabled"}"#, model: "claude-opus-4-6").body["thinking"] == nil)
        #expect(try written(#""thinking":{"type":"disabled"}"#, model: "claude-sonnet-5").json("thinking") == #"{"type":"disabled"}"#)
        #expect(try written(model: "claude-sonnet-5").body["thinking"] == nil)
    }

    private let toolTurn = #"""
        [{"role":"user","content":"go"},{"role":"assistant","content":[THINKING{"type":"tool_use","id":"t","name":"n","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"1"}]}]
        """#
    private let thinks = #""thinking":{"type":"enabled","budget_tokens":2000},"tools":[{"name":"n"}]"#

    @Test(arguments: ["claude-sonnet-4-5", "claude-opus-4-6", "claude-opus-5"]) func thinkingNeedsItsSignedHistory(_ model: String) throws {
        func types(_ thinking: String) throws -> ([String], Bool) {
            let result = try written(thinks, messages: toolTurn.replacingOccurrences(of: "THINKING", with: thinking), model: model)
            let type = (result.body["thinking"] as? [String: Any])?["type"] as? String
            return (result.types(1), type != nil && type != "disabled")
        }
        #expect(try types(#"{"type":"thinking","thinking":"hm","signature":"s"},"#) == (["thinking", "tool_use"], true))
        #expect(try types(#"{"type":"thinking","thinking":"","signature":"s"},"#) == (["thinking", "tool_use"], true))
        #expect(try types(#"{"type":"redacted_thinking","data":"s"},"#) == (["redacted_thinking", "tool_use"], true))
        #expect(try types("") == (["tool_use"], false))
        #expect(try types(#"{"type":"thinking","thinking":"hm","signature":""},"#) == (["tool_use"], false))
        #expect(try types(#"{"type":"thinking","thinking":"hm","signature":"ekai1:g::x"},"#) == (["tool_use"], false))
        #expect(try types(#"{"type":"thinking","thinking":"hm","signature":"ekai1:m::s"},"#) == (["thinking", "tool_use"], true))
    }

    @Test func withoutThinkingItsHistoryIsLeftOut() throws {
        let messages = toolTurn.replacingOccurrences(of: "THINKING", with: #"{"type":"thinking","thinking":"hm","signature":"s"},"#)
        #expect(try written(#""tools":[{"name":"n"}]"#, messages: messages).types(1) == ["tool_use"])
        // New models think by themselves.
        #expect(try written(#""tools":[{"name":"n"}]"#, messages: messages, model: "claude-opus-5").types(1) == ["thinking", "tool_use"])
    }

    // MARK: Cache marks

    @Test func marksStayAndAreFourAtMost() throws {
        func block(_ text: String) -> String { #"{"type":"text","text":"\#(text)","cache_control":{"type":"ephemeral","ttl":"1h"}}"# }
        let messages = #"[{"role":"user","content":[\#(block("u")),\#(block("v")),\#(block("w"))]}]"#
        let members = #""system":[\#(block("a")),\#(block("b"))],"tools":[{"name":"n","cache_control":{"type":"ephemeral"}}]"#
        let result = try written(members, messages: messages)
        let system = try #require(result.body["system"] as? [[String: Any]])
        #expect(system.map { $0["cache_control"] != nil } == [false, true])
        #expect(result.blocks(0).allSatisfy { ($0["cache_control"] as? [String: String])?["ttl"] == "1h" })
        #expect((result.body["tools"] as? [[String: Any]])?[0]["cache_control"] == nil)
    }

    // MARK: Media

    @Test func media() throws {
        let messages = #"""
            [{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/jpg","data":"QUJD"}},
            {"type":"image","source":{"type":"url","url":"https://x/y"}},
            {"type":"document","title":"T","source":{"type":"base64","media_type":"application/pdf","data":"UERG"}},
            {"type":"document","source":{"type":"url","url":"https://x/z.pdf"}},
            {"type":"document","source":{"type":"base64","media_type":"text/markdown","data":"SMOpIQ=="}},
            {"type":"document","source":{"type":"base64","media_type":"image/webp","data":"QUJD"}},
            {"type":"document","source":{"type":"file","file_id":"file_1"}}]}]
            """#
        let blocks = try written(messages: messages).blocks(0)
        let sources = blocks.map { $0["source"] as? [String: String] ?? [:] }
        #expect(blocks.map { $0["type"] as? String } == ["image", "image", "document", "document", "document", "image", "document"])
        #expect(sources[0] == ["type": "base64", "media_type": "image/jpeg", "data": "QUJD"])
        #expect(sources[1] == ["type": "url", "url": "https://x/y"])
        #expect(blocks[2]["title"] as? String == "T")
        #expect(sources[4] == ["type": "text", "media_type": "text/plain", "data": "Hé!"])
        #expect(sources[6] == ["type": "file", "file_id": "file_1"])
    }

    @Test(arguments: [
        #"{"type":"image","source":{"type":"base64","media_type":"image/tiff","data":"QUJD"}}"#,
        #"{"type":"image","source":{"type":"file","file_id":"file-abc"}}"#,
        #"{"type":"document","source":{"type":"base64","media_type":"application/zip","data":"QUJD"}}"#,
        #"{"type":"document","source":{"type":"base64","media_type":"text/plain","data":"%%"}}"#,
    ])
    func whatCannotBeShownIsRefused(_ block: String) {
        #expect(throws: RequestProblem.self) { try WrittenMessages(#"[{"role":"user","content":[\#(block)]}]"#) }
    }
}
