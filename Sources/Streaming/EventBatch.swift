/// What one readiness brought: bytes, and a way to walk the events that they complete. Valid until the next batch is asked for.
///
/// The parsing is done by the walk: who only hands the bytes on (to a `StreamRelay`, which parses for itself) pays nothing for it.
/// Who walks, walks every batch.
public struct EventBatch {
    public enum Kind: Sendable, Equatable {
        case bytes
        /// Silence: nothing came, and a heartbeat may be due.
        case tick
        /// The body has ended; always the last batch. Walking it hands out an event that lacks its blank line.
        case end
    }

    public let kind: Kind
    /// The bytes as they came; empty for a tick and at the end.
    public let bytes: UnsafeRawBufferPointer
    private let parser: SharedSSEParser

    init(kind: Kind, bytes: UnsafeRawBufferPointer, parser: SharedSSEParser) {
        self.kind = kind
        self.bytes = bytes
        self.parser = parser
    }

    /// Calls `body` for each event that this batch completes, in order. Walk a batch once.
    public func forEachEvent(_ body: (SSEEvent) -> Void) throws(SSEParserError) {
        switch kind {
        case .bytes:
            try parser.parser.parse(bytes) { event, _ in body(event) }
        case .tick:
            return
        case .end:
            if let event = parser.parser.finish() { body(event) }
        }
    }
}

/// The one parser of a stream, shared between its iterator and its batches.
final class SharedSSEParser {
    var parser: SSEParser

    init(eventBytesMax: Int) {
        parser = SSEParser(eventBytesMax: eventBytesMax)
    }
}
