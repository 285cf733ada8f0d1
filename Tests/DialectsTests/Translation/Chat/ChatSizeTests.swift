import Streaming
import Testing

@testable import Dialects

/// Requests as large as a hostile client makes them. They take well under a second each as long as the work grows with the size; looked up one
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
}
