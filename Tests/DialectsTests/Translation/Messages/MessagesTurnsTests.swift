import Foundation
import Streaming
import Testing

@testable import Dialects

/// Turns in the shape that Anthropic insists on.
@Suite struct MessagesTurnsTests {
    private let call = #"{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"n","input":{"a":1}}]}"#
    private let tools = #""tools":[{"name":"n","input_schema":{"type":"object","properties":{}}}]"#

    private func written(
        _ messages: String, _ members: String = "", model: String = "claude-sonnet-4-5", change: (inout Conversation) -> Void = { _ in }
    ) throws -> WrittenMessages {
        let written = try WrittenMessages(messages, members, model: model, change: change)
        #expect(requestViolations(written.body).isEmpty, "\(requestViolations(written.body)): \(written.text)")
        return written
    }

    @Test func theFirstTurnIsTheUsers() throws {
        let first = try written(#"[{"role":"assistant","content":"Hello"},{"role":"user","content":"hi"}]"#)
        #expect(first.roles == ["user", "assistant", "user"])
        let alone = try written(#"[{"role":"user","content":" "}]"#, #""system":"Be brief.""#)
        #expect(alone.roles == ["user"])
    }

    @Test func nothingAtAllIsRefused() {
        #expect(throws: RequestProblem.empty(member: "messages")) { try WrittenMessages(#"[{"role":"user","content":"\n "}]"#) }
    }

    @Test func blankTextsGoAndTurnsJoin() throws {
        let result = try written(
            #"[{"role":"user","content":[{"type":"text","text":""},{"type":"text","text":"a"}]},{"role":"assistant","content":"\n"},{"role":"user","content":"b"}]"#)
        #expect(result.roles == ["user"])
        #expect(result.blocks(0).map { $0["text"] as? String } == ["a", "b"])
    }

    @Test func whiteSpaceBehindTheLastTurnIsCut() throws {
        let result = try written(#"[{"role":"user","content":"a"},{"role":"assistant","content":"{\\n \n\t "}]"#)
        #expect(result.blocks(1)[0]["text"] as? String == #"{\n"#)
    }

    @Test(arguments: ["claude-opus-4-6", "claude-sonnet-5"]) func whoRefusesABeginningIsAskedToGoOn(_ model: String) throws {
        let result = try written(#"[{"role":"user","content":"a"},{"role":"assistant","content":"{ "}]"#, model: model)
        #expect(result.roles == ["user", "assistant", "user"])
    }

    // MARK: Calls and results

    @Test func resultsStandFirstInTheOrderOfTheCalls() throws {
        let result = try written(
            #"""
            [{"role":"user","content":"go"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"n","input":{}},{"type":"tool_use","id":"b","name":"n","input":{}}]},
            {"role":"user","content":[{"type":"text","text":"and"},{"type":"tool_result","tool_use_id":"b","content":"B"}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":" "}],"is_error":true},{"type":"text","text":"then"}]}]
            """#, tools)
        let blocks = result.blocks(2)
        #expect(blocks.map { $0["tool_use_id"] as? String ?? $0["text"] as? String } == ["a", "b", "and", "then"])
        #expect(blocks[0]["content"] == nil && blocks[0]["is_error"] as? Bool == true)
        #expect(blocks[1]["content"] as? String == "B")
    }

    @Test func aMissingResultIsMadeUp() throws {
        let middle = try written(#"[{"role":"user","content":"go"},\#(call),{"role":"user","content":"never mind"}]"#, tools)
        #expect(middle.types(2) == ["tool_result", "text"])
        #expect(middle.blocks(2)[0]["is_error"] as? Bool == true)
        let end = try written(#"[{"role":"user","content":"go"},\#(call)]"#, tools)
        #expect(end.roles == ["user", "assistant", "user"])
    }

    @Test func aResultOfNoCallIsText() throws {
        let result = try written(
            #"""
            [{"role":"user","content":[{"type":"tool_result","tool_use_id":"x","content":"lost"}]},\#(call),
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"1"},{"type":"tool_result","tool_use_id":"t","content":"2"}]}]
            """#, tools)
        #expect(result.blocks(0).map { $0["text"] as? String } == ["Result of the tool call x:", "lost"])
        #expect(result.types(2) == ["tool_result", "text", "text"])
    }

    @Test func idsAreLegalAndDiffer() throws {
        let result = try written(
            #"""
            [{"role":"user","content":"go"},{"role":"assistant","content":[{"type":"tool_use","id":"f.n:0","name":"n","input":{}},{"type":"tool_use","id":"t","name":"n","input":{}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"f.n:0","content":"1"},{"type":"tool_result","tool_use_id":"t","content":"2"}]},\#(call),
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"3"}]}]
            """#, tools)
        #expect(result.blocks(3)[0]["id"] as? String == "t_2")
        #expect(result.blocks(4)[0]["content"] as? String == "3")
    }

    @Test func argumentsInTextBecomeObjects() throws {
        let cases: [(JSONText, Bool, [String: Any])] = [
            (.owned(""), false, [:]), (.owned(#"{"a":[1]}"#), false, ["a": [1]]), (.owned("[1]"), false, ["raw_arguments": "[1]"]),
            (.owned(#"{"a":"#), false, ["raw_arguments": #"{"a":"#]), (.owned("free {text"), true, ["input": "free {text"]),
        ]
        for (text, isCustom, input) in cases {
            let result = try written(#"[{"role":"user","content":"go"},\#(call)]"#, tools) {
                $0.turns[1].parts = [
                    ConversationPart(.toolCall(ToolCall(id: .owned("t"), name: .owned("n"), arguments: .text(text), isCustom: isCustom)))
                ]
            }
            #expect(NSDictionary(dictionary: result.blocks(1)[0]["input"] as? [String: Any] ?? [:]) == NSDictionary(dictionary: input))
        }
    }

    @Test func aConversationOfCallsWithoutToolsNamesThem() throws {
        let result = try written(#"[{"role":"user","content":"go"},\#(call),{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"1"}]}]"#)
        #expect(try result.json("tools") == #"[{"input_schema":{"properties":{},"type":"object"},"name":"n"}]"#)
        #expect(try result.json("tool_choice") == #"{"type":"none"}"#)
    }

    // MARK: Instructions in the middle

    private let middle = #"[{"role":"user","content":"a"},{"role":"system","content":"be brief"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]"#

    @Test func newModelsTakeThemAsTurns() throws {
        #expect(try written(middle, model: "claude-opus-4-8").roles == ["user", "system", "assistant", "user"])
        #expect(try written(middle, model: "claude-opus-5-5").roles == ["user", "system", "assistant", "user"])
    }

    @Test func othersTakeThemAsTheUsersWords() throws {
        let old = try written(middle)
        #expect(old.roles == ["user", "assistant", "user"])
        #expect(old.blocks(0).map { $0["text"] as? String } == ["a", "be brief"])
    }

    @Test func whereATurnCannotStandTheyAreTheUsersWordsToo() throws {
        let between = #"[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"system","content":"s"},{"role":"user","content":"c"}]"#
        #expect(try written(between, model: "claude-opus-4-8").blocks(2).map { $0["text"] as? String } == ["s", "c"])
        let results = #"[{"role":"user","content":"go"},\#(call),{"role":"system","content":"s"},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"1"}]}]"#
        #expect(try written(results, tools, model: "claude-opus-4-8").types(2) == ["tool_result", "text"])
    }
}
