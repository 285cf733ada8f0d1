import Streaming

/// The observer of whichever dialect a stream speaks: one type for the relay, without generics at its user or existentials.
///
/// Exactly one of the four is there. They lie side by side, not in an enum: a payload would be moved out and in again for
/// each event, which costs as much as judging it.
public struct StreamObserver: RelayObserver {
    private var chat: ChatObserver?
    private var responses: ResponsesObserver?
    private var messages: MessagesObserver?
    private var gemini: GeminiObserver?

    /// - Parameters:
    ///   - hidesUsageChunk: `ForwardEdits.hidesUsageChunk` of the request; only chat streams know such a chunk.
    ///   - reader: shared by all streams of a loop.
    public init(_ dialect: Dialect, hidesUsageChunk: Bool, reader: JSONReader) {
        switch dialect {
        case .chat: chat = ChatObserver(hidesUsageChunk: hidesUsageChunk, reader: reader)
        case .responses: responses = ResponsesObserver(reader: reader)
        case .messages: messages = MessagesObserver(reader: reader)
        case .gemini: gemini = GeminiObserver(reader: reader)
        }
    }

    /// What was found so far.
    public var answer: ObservedAnswer {
        chat?.answer ?? responses?.answer ?? messages?.answer ?? gemini?.answer ?? ObservedAnswer()
    }

    /// Where a Responses stream stands; empty for the other dialects.
    public var position: ResponsesPosition {
        responses?.position ?? ResponsesPosition()
    }

    public var mayHide: Bool { chat?.mayHide ?? false }

    public mutating func observe(_ event: SSEEvent) -> EventVerdict {
        if let verdict = chat?.observe(event) { return verdict }
        if let verdict = responses?.observe(event) { return verdict }
        if let verdict = messages?.observe(event) { return verdict }
        if let verdict = gemini?.observe(event) { return verdict }
        return EventVerdict(.lifecycle)
    }
}
