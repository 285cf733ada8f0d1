/// What an API says around the tokens of an answer, in its own words.
protocol AnswerText {
    /// - Parameter model: as the client asked for it; it needs no escaping in JSON.
    init(model: String)

    /// The events before the first token.
    /// - Parameter includesUsage: the client asked for usage in a chat stream; other formats always tell it.
    func opening(includesUsage: Bool) -> String
    /// A token's event.
    func token(includesUsage: Bool) -> [TokenTemplate.Piece]
    /// The events after the last token.
    /// - Parameter text: what stands where a format repeats the whole text.
    func closing(tokens: Int, text: String, includesUsage: Bool) -> String
    /// The answer in one piece.
    func whole(tokens: Int, text: String) -> String
}

/// What all formats say alike.
enum AnswerFigures {
    /// Input tokens of any request.
    static let inputTokens = 16
    /// When every answer was made, seconds since 1970.
    static let created = 1_700_000_000

    /// A named event whose data begins with its name as `type`.
    static func event(_ name: String, _ members: String = "") -> String {
        "event: \(name)\ndata: {\"type\":\"\(name)\"\(members.isEmpty ? "" : ",")\(members)}\n\n"
    }
}

extension WireFormat {
    func text(model: String) -> any AnswerText {
        switch self {
        case .chat: ChatText(model: model)
        case .responses: ResponsesText(model: model)
        case .messages: MessagesText(model: model)
        case .gemini: GeminiText(model: model)
        }
    }
}
