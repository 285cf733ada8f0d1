import Streaming
import Testing

@testable import Dialects

/// Requests as large as a hostile client makes them. They take a second or two as long as the work grows with the size; looked up one
/// by one in each other's lists, calls and results would take minutes.
@Suite struct ChatSizeTests {
    private let count = 30_000

    @Test func manyResultsInTheirCallsOrder() throws {
        let calls = (0..<count).map { ConversationPart(.toolCall(ToolCall(id: .owned("c\($0)"), name: .owned("f"), arguments: .text(.owned("{}"))))) }
        let results = (0..<count).reversed().map {
            ConversationPart(.toolResult(ToolResult(callID: .owned("c\($0)"), parts: [.text(.owned("r\($0)"))])))
        }
        var conversation = Conversation()
        conversation.turns = [ConversationTurn(role: .assistant, parts: calls), ConversationTurn(role: .user, parts: results)]
        let messages = try #require(try written(conversation, profile: .openAI)["messages"] as? [[String: Any]])
        #expect(messages.dropFirst().map { $0["content"] as? String } == (0..<count).map { "r\($0)" })
    }

    @Test func manyAllowedTools() throws {
        let source = Array("{}".utf8)
        try source.withUnsafeBytes { source in
            let tape = JSONTape()
            let root = try tape.parse(source)
            var conversation = Conversation()
            conversation.turns = [ConversationTurn(role: .user, parts: [.text(.owned("Hi"))])]
            conversation.tools = (0..<count).map { ToolDefinition(kind: .function, name: .owned("f\($0)"), source: root) }
            conversation.toolChoice = .allowed(names: (0..<count).reversed().map { .owned("f\($0)") }, isRequired: true)
            let body = try written(conversation, profile: .openAI)
            let allowed = try #require(body.at("tool_choice.allowed_tools.tools") as? [[String: Any]])
            #expect(allowed.count == count)
            #expect(allowed.first?.text("function.name") == "f\(count - 1)" && allowed.last?.text("function.name") == "f0")
        }
    }

    @Test func manyStatesOfCalls() throws {
        let details = (0..<count).reversed().map { #"{"type":"reasoning.encrypted","id":"c\#($0)","data":"ekai1:g::Q\#($0)"}"# }
        let message = Array(#"{"reasoning_details":[\#(details.joined(separator: ","))]}"#.utf8)
        try message.withUnsafeBytes { message in
            var calls = (0..<count).map { ToolCall(id: .owned("c\($0)"), name: .owned("f"), arguments: .text(.owned("{}"))) }
            let tape = JSONTape()
            let parts = ChatReasoningReading.parts(of: try tape.parse(message), calls: &calls)
            #expect(parts.isEmpty)
            #expect(calls.map { $0.state?.value.string } == (0..<count).map { "Q\($0)" })
        }
    }
}
