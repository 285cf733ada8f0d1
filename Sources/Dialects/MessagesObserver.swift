import Streaming

/// Reads along an Anthropic Messages stream. The event's name says what it is (data without names is taken by its `type`),
/// so that deltas are never parsed.
public struct MessagesObserver: RelayObserver {
    /// What was found so far.
    public private(set) var answer = ObservedAnswer()

    private let reader: JSONReader
    private var counts = MessagesCounts()

    /// - Parameter reader: shared by all streams of a loop.
    public init(reader: JSONReader) {
        self.reader = reader
    }

    public var mayHide: Bool { false }

    public mutating func observe(_ event: SSEEvent) -> EventVerdict {
        guard event.hasData else { return EventVerdict(.lifecycle) }
        if let kind = Kind(event.name) { return judge(kind, event.data) }
        if let type = Bytes.frontType(of: event.data), let kind = Kind(type) { return judge(kind, event.data) }
        let kind = reader.read(event.data) { root in
            // A bare error object, without names at all, is what some proxies write.
            root.present("type")?.stringBytes.flatMap { Kind($0) } ?? (root.present("error") == nil ? nil : .error)
        }
        guard let kind, let kind else { return EventVerdict(.lifecycle) }
        return judge(kind, event.data)
    }

    private mutating func judge(_ kind: Kind, _ data: UnsafeRawBufferPointer) -> EventVerdict {
        switch kind {
        case .blockDelta:
            answer.noteContent(textBytes: EventScan.deltaTextBytes(data))
            return EventVerdict(.content)
        case .blockStart:
            guard startsWithContent(data) else { return EventVerdict(.lifecycle) }
            answer.noteContent(textBytes: 0)
            return EventVerdict(.content)
        case .blockStop, .ping:
            return EventVerdict(.lifecycle)
        case .messageStart:
            takeStart(data)
            return EventVerdict(.lifecycle)
        case .messageDelta:
            takeDelta(data)
            return EventVerdict(.lifecycle)
        case .messageStop:
            answer.isComplete = true
            if answer.usage != nil { answer.usageIsFinal = true }
            return EventVerdict(.terminal)
        case .error:
            takeError(data)
            return EventVerdict(.failure)
        }
    }

    /// A block that opens empty (text, thinking) is a frame; any other is content by itself: a tool call, a search result.
    private func startsWithContent(_ data: UnsafeRawBufferPointer) -> Bool {
        reader.read(data) { root in
            guard let block = root.present("content_block") else { return false }
            let isFrame = block["type"].map { $0.equals("text") || $0.equals("thinking") } ?? false
            guard isFrame else { return true }
            return block.present("text")?.isNonEmptyString ?? block.present("thinking")?.isNonEmptyString ?? false
        } ?? false
    }

    private mutating func takeStart(_ data: UnsafeRawBufferPointer) {
        let reader = reader
        _ = reader.read(data) { root in
            guard let message = root.present("message") else { return }
            answer.takeNames(from: message)
            counts = MessagesCounts()
            answer.usageIsFinal = false
            if let usage = message.present("usage") { counts.take(usage) }
            answer.usage = counts.usage
        }
    }

    private mutating func takeDelta(_ data: UnsafeRawBufferPointer) {
        let reader = reader
        _ = reader.read(data) { root in
            guard let usage = root.present("usage"), usage.isObject else { return }
            counts.take(usage)
            answer.usage = counts.usage
            answer.usageIsFinal = true
        }
    }

    private mutating func takeError(_ data: UnsafeRawBufferPointer) {
        guard answer.failure == nil else { return }
        answer.failure =
            reader.read(data) { root in AnswerFailure(of: root.present("error") ?? root, within: root) }
            ?? AnswerFailure(unreadable: data)
    }
}

extension MessagesObserver {
    /// The events of a Messages stream.
    private enum Kind {
        case messageStart, blockStart, blockDelta, blockStop, messageDelta, messageStop, ping, error

        @inline(__always)
        init?(_ name: UnsafeRawBufferPointer) {
            if name.equals("content_block_delta") {
                self = .blockDelta
            } else {
                self.init(rare: name)
            }
        }

        private init?(rare name: UnsafeRawBufferPointer) {
            switch true {
            case name.equals("content_block_start"): self = .blockStart
            case name.equals("content_block_stop"): self = .blockStop
            case name.equals("ping"): self = .ping
            case name.equals("message_start"): self = .messageStart
            case name.equals("message_delta"): self = .messageDelta
            case name.equals("message_stop"): self = .messageStop
            case name.equals("error"): self = .error
            default: return nil
            }
        }
    }
}
