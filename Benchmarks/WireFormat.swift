/// An API that the mock provider answers and the load generator asks: the gateway's `Dialect`, with what only a load test needs of it.
enum WireFormat: String, CaseIterable, Codable, Sendable {
    /// OpenAI chat completions.
    case chat
    /// OpenAI Responses.
    case responses
    /// Anthropic Messages.
    case messages
    /// Gemini `generateContent` and `streamGenerateContent`: model and streaming stand in the path.
    case gemini

    /// The path behind a base such as `/v1`.
    func path(model: String, isStreaming: Bool) -> String {
        switch self {
        case .chat: "/chat/completions"
        case .responses: "/responses"
        case .messages: "/messages"
        case .gemini: "/models/\(model):" + (isStreaming ? "streamGenerateContent?alt=sse" : "generateContent")
        }
    }
}
