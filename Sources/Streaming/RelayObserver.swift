/// What one event means for the relay that carries it.
public enum EventMeaning: Sendable, Equatable {
    /// A role, an opening frame, a ping, a comment: no text yet, so another provider could still take over.
    case lifecycle
    /// Text, thinking, a signature, a refusal or a tool call: from here on the answer is this provider's.
    case content
    /// The end mark of the dialect (`[DONE]`, `message_stop`, `response.completed` …): the answer is whole.
    case terminal
    /// Content, and the end of the answer with it: where the end is no event of its own (Gemini).
    case terminalContent
    /// A failure inside the stream, in whichever shape the provider gave it.
    case failure
}

/// What the relay does with one event.
public struct EventVerdict: Sendable, Equatable {
    public var meaning: EventMeaning
    /// True when the client must not see this event: a usage chunk that only the gateway asked for.
    public var isHidden: Bool

    public init(_ meaning: EventMeaning, isHidden: Bool = false) {
        self.meaning = meaning
        self.isHidden = isHidden
    }
}

/// Reads along while a stream passes: usage, identifiers, the boundary of first content. A value of one dialect and one stream.
public protocol RelayObserver {
    /// True when `observe` may hide events: only then does the relay hold back the bytes of an unfinished event.
    var mayHide: Bool { get }
    /// Judges the next event. Called once per event, in order, for every block that ended with a blank line.
    mutating func observe(_ event: SSEEvent) -> EventVerdict
}
