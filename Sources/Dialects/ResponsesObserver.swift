import Streaming

/// Reads along an OpenAI Responses stream. The event's name says what it is (data without names is taken by its `type`),
/// so that deltas are never parsed; their `sequence_number` is picked out, for the events that an error of ours would add.
public struct ResponsesObserver: RelayObserver {
    /// What was found so far.
    public private(set) var answer = ObservedAnswer()

    private let reader: JSONReader
    private var lastSequenceNumber: Int?
    private var createdAt: Int?

    /// - Parameter reader: shared by all streams of a loop.
    public init(reader: JSONReader) {
        self.reader = reader
    }

    public var mayHide: Bool { false }

    /// Where the stream stands, for `ErrorBody.streamEnding`.
    public var position: ResponsesPosition {
        ResponsesPosition(
            lastSequenceNumber: lastSequenceNumber, responseID: answer.responseID, model: answer.model, createdAt: createdAt)
    }

    public mutating func observe(_ event: SSEEvent) -> EventVerdict {
        guard event.hasData else { return EventVerdict(.lifecycle) }
        if let kind = Kind(event.name) {
            noteSequence(event.data, typeLength: event.name.count)
            return judge(kind, event.data)
        }
        if let type = Bytes.frontType(of: event.data), let kind = Kind(type) {
            noteSequence(event.data, typeLength: type.count)
            return judge(kind, event.data)
        }
        noteSequence(event.data, typeLength: 0)
        let kind = reader.read(event.data) { root in
            root.present("type")?.stringBytes.flatMap { Kind($0) } ?? (root.present("error") == nil ? nil : .error)
        }
        guard let kind, let kind else { return EventVerdict(.lifecycle) }
        return judge(kind, event.data)
    }

    private mutating func judge(_ kind: Kind, _ data: UnsafeRawBufferPointer) -> EventVerdict {
        switch kind {
        case .delta:
            answer.noteContent(textBytes: EventScan.deltaTextBytes(data))
            return EventVerdict(.content)
        case .content:
            answer.noteContent(textBytes: 0)
            return EventVerdict(.content)
        case .frame:
            return EventVerdict(.lifecycle)
        case .opening:
            if answer.responseID == nil { takeResponse(data) }
            return EventVerdict(.lifecycle)
        case .end:
            takeResponse(data)
            answer.isComplete = true
            if answer.usage != nil { answer.usageIsFinal = true }
            return EventVerdict(.terminal)
        case .failed, .error:
            takeFailure(data)
            return EventVerdict(.failure)
        }
    }

    private mutating func takeResponse(_ data: UnsafeRawBufferPointer) {
        let reader = reader
        _ = reader.read(data) { root in
            if let response = root.present("response") { take(response) }
        }
    }

    private mutating func take(_ response: JSONValue) {
        answer.takeNames(from: response)
        if let created = response.present("created_at")?.count { createdAt = created }
        guard let usage = response.present("usage"), usage.isObject else { return }
        answer.usage = TokenUsage(responses: usage)
        answer.usageIsFinal = true
    }

    private mutating func takeFailure(_ data: UnsafeRawBufferPointer) {
        let reader = reader
        let failure = reader.read(data) { root in
            let response = root.present("response")
            if let response { take(response) }
            return AnswerFailure(of: response?.present("error") ?? root.present("error") ?? root, within: root)
        }
        if answer.failure == nil { answer.failure = failure ?? AnswerFailure(unreadable: data) }
    }

    /// OpenAI writes `{"type":"<name>","sequence_number":<n>`; others put the member anywhere.
    private mutating func noteSequence(_ data: UnsafeRawBufferPointer, typeLength: Int) {
        let expected = 9 + typeLength + 2
        var value: Int?
        if data.count > expected + 18 {
            let rest = UnsafeRawBufferPointer(rebasing: data[expected...])
            if rest.hasPrefix("\"sequence_number\":") { value = Bytes.digits(rest, from: 18) }
        }
        if value == nil, let start = Bytes.memberValue("\"sequence_number\"", in: data) {
            value = Bytes.digits(data, from: start)
        }
        if let value { lastSequenceNumber = max(value, lastSequenceNumber ?? 0) }
    }
}

extension ResponsesObserver {
    /// The events of a Responses stream, as far as the gateway tells them apart.
    private enum Kind {
        /// A piece of text, reasoning, arguments, code.
        case delta
        /// Other content: a finished part or item, an annotation, a partial image.
        case content
        /// Progress that says nothing by itself.
        case frame
        /// `response.created`, `.queued`, `.in_progress`: holds the response's names.
        case opening
        /// `response.completed`, `response.incomplete`: holds the whole response.
        case end
        case failed
        case error

        @inline(__always)
        init?(_ name: UnsafeRawBufferPointer) {
            if name.hasSuffix(".delta") {
                self = .delta
            } else {
                self.init(rare: name)
            }
        }

        private init?(rare name: UnsafeRawBufferPointer) {
            switch true {
            case name.equals("error"): self = .error
            case !name.hasPrefix("response."): return nil
            case name.equals("response.created"), name.equals("response.queued"), name.equals("response.in_progress"):
                self = .opening
            case name.equals("response.completed"), name.equals("response.incomplete"): self = .end
            case name.equals("response.failed"): self = .failed
            case name.hasSuffix(".done"), name.hasSuffix(".annotation.added"), name.hasSuffix(".partial_image"):
                self = .content
            default: self = .frame
            }
        }
    }
}
