import Streaming

/// Reads along a Gemini stream: each event is a whole response with what is new in it. Gemini has no end mark: an answer is whole once every
/// candidate has its finish reason, or the prompt was blocked. What comes after that is read all the same: usage is cumulative.
public struct GeminiObserver: RelayObserver {
    /// What was found so far.
    public private(set) var answer = ObservedAnswer()

    private let reader: JSONReader
    /// Candidates that have begun and not finished: a bit each, by their index. Those beyond the last bit share it.
    private var openCandidates: UInt64 = 0

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
        var hasFinish = false
        if let candidates = root.present("candidates") {
            for candidate in candidates.elements {
                hasFinish = takeFinish(candidate) || hasFinish
                hasContent = takeContent(candidate) || hasContent
            }
        }
        if hasContent { answer.contentEvents += 1 }
        let isLast = hasFinish && openCandidates == 0 || root.present("promptFeedback")?.present("blockReason") != nil
        guard isLast || answer.isComplete else { return EventVerdict(hasContent ? .content : .lifecycle) }
        answer.isComplete = true
        if answer.usage != nil { answer.usageIsFinal = true }
        return EventVerdict(hasContent ? .terminalContent : .terminal)
    }

    /// Whether the candidate has its finish reason.
    private mutating func takeFinish(_ candidate: JSONValue) -> Bool {
        let bit: UInt64 = 1 << UInt64(min(candidate.present("index")?.count ?? 0, 63))
        guard candidate.present("finishReason") != nil else {
            openCandidates |= bit
            return false
        }
        openCandidates &= ~bit
        return true
    }

    private mutating func takeContent(_ candidate: JSONValue) -> Bool {
        guard let parts = candidate.present("content")?.present("parts") else { return false }
        var isContent = false
        for part in parts.elements { isContent = takePart(part) || isContent }
        return isContent
    }

    /// Whether the part holds anything; an empty text, which often comes last, is nothing. A signature is content and no text; the bytes of an
    /// image say nothing of its tokens.
    private mutating func takePart(_ part: JSONValue) -> Bool {
        var isContent = false
        for member in part.members {
            let value = member.value
            guard value.stringBytes?.isEmpty == false || value.isFilledContainer else { continue }
            isContent = true
            guard !member.name.equals("thoughtSignature"), !member.name.equals("inlineData") else { continue }
            answer.contentTextBytes += value.stringBytes?.count ?? value.rawBytes.count
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
