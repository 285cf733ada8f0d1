/// What a source brings at a time.
public enum ByteBatch {
    /// Bytes of the body, borrowed: valid until the source is asked again.
    case bytes(UnsafeRawBufferPointer)
    /// Silence, long enough to consider a heartbeat.
    case tick
    /// The body has ended.
    case end
}

/// A body as batches of borrowed bytes: what one readiness of a socket brought.
public protocol ByteBatchSource {
    associatedtype Failure: Error
    /// Waits for the next batch, on the caller's executor.
    mutating func nextBatch() async throws(Failure) -> ByteBatch
}

/// The events of a stream, batch by batch: one suspension for each readiness and none for each event.
///
/// `for try await batch in EventBatches(source)` runs where the caller runs, on any executor, and allocates nothing per batch.
/// A batch and its events are valid until the next one is asked for. One iteration for each source.
public struct EventBatches<Source: ByteBatchSource>: AsyncSequence {
    public typealias Element = EventBatch
    public typealias Failure = Source.Failure

    private let source: Source
    private let eventBytesMax: Int

    public init(_ source: Source, eventBytesMax: Int = StreamingLimits.eventBytesMax) {
        self.source = source
        self.eventBytesMax = eventBytesMax
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(source: source, parser: SharedSSEParser(eventBytesMax: eventBytesMax))
    }

    public struct Iterator: AsyncIteratorProtocol {
        private var source: Source
        private let parser: SharedSSEParser
        private var hasEnded = false

        init(source: Source, parser: SharedSSEParser) {
            self.source = source
            self.parser = parser
        }

        public mutating func next() async throws(Source.Failure) -> EventBatch? {
            try await next(isolation: #isolation)
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(Source.Failure) -> EventBatch? {
            guard !hasEnded else { return nil }
            switch try await source.nextBatch() {
            case .bytes(let bytes):
                return EventBatch(kind: .bytes, bytes: bytes, parser: parser)
            case .tick:
                return EventBatch(kind: .tick, bytes: UnsafeRawBufferPointer(start: nil, count: 0), parser: parser)
            case .end:
                hasEnded = true
                return EventBatch(kind: .end, bytes: UnsafeRawBufferPointer(start: nil, count: 0), parser: parser)
            }
        }
    }
}
