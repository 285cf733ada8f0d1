import Streaming

/// The observer of whichever dialect a stream speaks: one type for the relay, without generics at its user.
///
/// The dialect's own observer lies in a box that it fills: side by side the four would cost each stream the room of all. It is changed in place.
public struct StreamObserver: RelayObserver {
    private var observer: any DialectObserver

    /// - Parameters:
    ///   - hidesUsageChunk: `ForwardEdits.hidesUsageChunk` of the request; only chat streams know such a chunk.
    ///   - reader: shared by all streams of a loop.
    public init(_ dialect: Dialect, hidesUsageChunk: Bool, reader: JSONReader) {
        observer =
            switch dialect {
            case .chat: ChatObserver(hidesUsageChunk: hidesUsageChunk, reader: reader)
            case .responses: ResponsesObserver(reader: reader)
            case .messages: MessagesObserver(reader: reader)
            case .gemini: GeminiObserver(reader: reader)
            }
    }

    /// What was found so far.
    public var answer: ObservedAnswer { observer.answer }

    /// Where a Responses stream stands; empty for the other dialects.
    public var position: ResponsesPosition { observer.position }

    public var mayHide: Bool { observer.mayHide }

    public mutating func observe(_ event: SSEEvent) -> EventVerdict { observer.observe(event) }
}

/// What the observers of all dialects tell.
protocol DialectObserver: RelayObserver {
    var answer: ObservedAnswer { get }
    var position: ResponsesPosition { get }
}

extension DialectObserver {
    var position: ResponsesPosition { ResponsesPosition() }
}

extension ChatObserver: DialectObserver {}
extension ResponsesObserver: DialectObserver {}
extension MessagesObserver: DialectObserver {}
extension GeminiObserver: DialectObserver {}
