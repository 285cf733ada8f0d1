import Streaming

/// Reads along a Gemini stream: each event is a whole response with what is new in it. Gemini has no end mark; the event with the finish reason,
/// or with the reason why the prompt was blocked, is the last one that matters.
public struct GeminiObserver: RelayObserver {
    /// What was found so far.
    public private(set) var answer = ObservedAnswer()

    private let reader: JSONReader

    /// - Parameter reader: shared by all streams of a loop.
    public init(reader: JSONReader) {
        self.reader = reader
    }

    public var mayHide: Bool { false }

    public mutating func observe(_ event: SSEEvent) -> EventVerdict {
        guard event.hasData else { return EventVerdict(.lifecycle) }
        let isNamedError = event.name.equals("error")
        let reader = reader
        if let verdict = reader.read(event.data, { root in judge(root.isArray ? root.firstElement ?? root : root, isNamedError) }) {
            return verdict
        }
        guard isNamedError else { return EventVerdict(.lifecycle) }
        fail(AnswerFailure(unreadable: event.data))
        return EventVerdict(.failure)
    }

    private mutating func judge(_ root: JSONValue, _ isNamedError: Bool) -> EventVerdict {
        if let error = root.present("error"), error.isNonEmptyString || error.isFilledContainer {
            fail(AnswerFailure(of: error, within: root))
            return EventVerdict(.failure)
        }
        if isNamedError {
            fail(AnswerFailure(of: root, within: root))
            return EventVerdict(.failure)
        }
        takeNames(root)
        if let usage = root.present("usageMetadata"), usage.isObject {
            answer.usage = TokenUsage(gemini: usage)
        }
        var hasContent = false
        var isLast = root.present("promptFeedback")?.present("blockReason") != nil
        if let candidates = root.present("candidates") {
            for candidate in candidates.elements {
                if candidate.present("finishReason") != nil { isLast = true }
                guard let parts = candidate.present("content")?.present("parts") else { continue }
                for part in parts.elements { hasContent = takePart(part) || hasContent }
            }
        }
        if hasContent { answer.contentEvents += 1 }
        guard isLast || answer.isComplete else { return EventVerdict(hasContent ? .content : .lifecycle) }
        answer.isComplete = true
        if answer.usage != nil { answer.usageIsFinal = true }
        return EventVerdict(.terminal)
    }

    /// Whether the part holds anything; an empty text, which often comes last, is nothing.
    private mutating func takePart(_ part: JSONValue) -> Bool {
        var isContent = false
        for member in part.members where !member.name.equals("thought") {
            if let text = member.value.stringBytes {
                answer.contentTextBytes += text.count
                isContent = isContent || !text.isEmpty
            } else if member.value.isFilledContainer {
                answer.contentTextBytes += member.value.rawBytes.count
                isContent = true
            }
        }
        return isContent
    }

    private mutating func takeNames(_ root: JSONValue) {
        if answer.responseID == nil { answer.responseID = root.present("responseId")?.answerName }
        if answer.model == nil { answer.model = root.present("modelVersion")?.answerName }
    }

    private mutating func fail(_ failure: AnswerFailure) {
        if answer.failure == nil { answer.failure = failure }
    }
}
