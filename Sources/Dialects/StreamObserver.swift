import Streaming

/// The observer of whichever dialect a stream speaks: one type for the relay, without generics at its user or existentials.
public enum StreamObserver: RelayObserver {
    case chat(ChatObserver)
    case responses(ResponsesObserver)
    case messages(MessagesObserver)

    /// - Parameters:
    ///   - hidesUsageChunk: `ForwardEdits.hidesUsageChunk` of the request; only chat streams know such a chunk.
    ///   - reader: shared by all streams of a loop.
    public init(_ dialect: Dialect, hidesUsageChunk: Bool, reader: JSONReader) {
        self =
            switch dialect {
            case .chat: .chat(ChatObserver(hidesUsageChunk: hidesUsageChunk, reader: reader))
            case .responses: .responses(ResponsesObserver(reader: reader))
            case .messages: .messages(MessagesObserver(reader: reader))
            }
    }

    /// What was found so far.
    public var answer: ObservedAnswer {
        switch self {
        case .chat(let observer): observer.answer
        case .responses(let observer): observer.answer
        case .messages(let observer): observer.answer
        }
    }

    /// Where a Responses stream stands; empty for the other dialects.
    public var position: ResponsesPosition {
        if case .responses(let observer) = self { observer.position } else { ResponsesPosition() }
    }

    public var mayHide: Bool {
        if case .chat(let observer) = self { observer.mayHide } else { false }
    }

    public mutating func observe(_ event: SSEEvent) -> EventVerdict {
        // The payload is moved out and in again, so that nothing is retained on the way.
        switch consume self {
        case .chat(var observer):
            let verdict = observer.observe(event)
            self = .chat(observer)
            return verdict
        case .responses(var observer):
            let verdict = observer.observe(event)
            self = .responses(observer)
            return verdict
        case .messages(var observer):
            let verdict = observer.observe(event)
            self = .messages(observer)
            return verdict
        }
    }
}
