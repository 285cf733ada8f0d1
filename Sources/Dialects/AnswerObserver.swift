import Streaming

/// Reads along a whole (not streamed) answer while it passes in pieces of any size: usage, names, an error.
///
/// Only a few top-level members are kept; the answer itself may have any length. A Gemini answer may be an array of responses.
public struct AnswerObserver: ~Copyable {
    private let dialect: Dialect
    private var capture: JSONMemberCapture
    /// Reads instead of `capture` once `isArray`.
    private var elements = ElementCapture?.none
    private var isArray = false
    private var receivedBytes = 0

    public init(_ dialect: Dialect) {
        self.dialect = dialect
        capture = JSONMemberCapture(
            names: ["usage", "id", "model", "error", "object", "type", "code", "detail", "created_at", "usageMetadata",
                "responseId", "modelVersion"],
            capturedBytesMax: DialectLimits.answerMemberBytesMax)
    }

    /// How the body stands: `complete`, `truncated` …; final once the body has ended.
    public var ending: JSONMemberCapture.Ending {
        switch elements {
        case .some(let elements): elements.ending
        case .none: capture.ending
        }
    }

    /// Takes the next piece of the body.
    public mutating func receive(_ bytes: UnsafeRawBufferPointer) {
        receivedBytes += bytes.count
        if dialect == .gemini, !isArray, capture.ending == .empty, bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") {
            isArray = true
            elements = ElementCapture()
        }
        if isArray { elements?.push(bytes) } else { capture.push(bytes) }
    }

    /// What the pieces told. `isComplete` says that the document is whole; an answer of status 200 that holds an error
    /// (OpenRouter pads its JSON while it waits, and can fail after that) has `failure`.
    ///
    /// A truncated answer has no usage: what came of it counts as text, the best guess there is.
    public func answer(_ reader: JSONReader) -> ObservedAnswer {
        switch elements {
        case .some(let elements): arrayAnswer(elements, reader)
        case .none: documentAnswer(reader)
        }
    }

    private func documentAnswer(_ reader: JSONReader) -> ObservedAnswer {
        var answer = ObservedAnswer()
        answer.isComplete = capture.ending == .complete
        answer.failure = failure(capture, reader)
        takeNames(&answer, capture, reader)
        if let usage = usage(capture, reader) {
            answer.usage = usage
            answer.usageIsFinal = true
        } else if answer.failure == nil {
            answer.contentTextBytes = receivedBytes
        }
        return answer
    }

    /// Counts are cumulative: the last ones told are the answer's, for certain once the array is whole.
    private func arrayAnswer(_ elements: borrowing ElementCapture, _ reader: JSONReader) -> ObservedAnswer {
        var answer = ObservedAnswer()
        answer.isComplete = elements.ending == .complete
        answer.failure = failure(elements.failed, reader)
        answer.contentEvents = elements.responses
        takeNames(&answer, elements.told, reader)
        answer.usage = usage(elements.told, reader)
        answer.usageIsFinal = answer.usage != nil && answer.isComplete && answer.failure == nil
        if answer.usage == nil, answer.failure == nil { answer.contentTextBytes = receivedBytes }
        return answer
    }

    private func takeNames(_ answer: inout ObservedAnswer, _ capture: borrowing JSONMemberCapture, _ reader: JSONReader) {
        answer.responseID = name(dialect == .gemini ? "responseId" : "id", capture, reader)
        answer.model = name(dialect == .gemini ? "modelVersion" : "model", capture, reader)
    }

    private func usage(_ capture: borrowing JSONMemberCapture, _ reader: JSONReader) -> TokenUsage? {
        guard let bytes = capture[dialect == .gemini ? "usageMetadata" : "usage"] else { return nil }
        let usage: TokenUsage?? = reader.read(bytes) { value in
            guard value.isObject else { return nil }
            return switch dialect {
            case .chat: TokenUsage(chat: value)
            case .responses: TokenUsage(responses: value)
            case .messages: TokenUsage(messages: value)
            case .gemini: TokenUsage(gemini: value)
            }
        }
        return usage ?? nil
    }

    private func name(_ member: StaticString, _ capture: borrowing JSONMemberCapture, _ reader: JSONReader) -> String? {
        guard let bytes = capture[member] else { return nil }
        let name: String?? = reader.read(bytes) { $0.answerName }
        return name ?? nil
    }

    /// An `error` that is not null or empty; FastAPI's `detail`; an object that calls itself an error.
    private func failure(_ capture: borrowing JSONMemberCapture, _ reader: JSONReader) -> AnswerFailure? {
        if capture.isOversized("error") { return AnswerFailure(kind: .upstreamFailed) }
        if let bytes = capture["error"] {
            let failure: AnswerFailure?? = reader.read(bytes) { error in
                guard error.isNonEmptyString || error.isFilledContainer else {
                    return nil
                }
                return AnswerFailure(of: error, within: error)
            }
            if let failure, var failure {
                if failure.code == nil, let code = label("code", capture, reader) {
                    failure = AnswerFailure(type: failure.type, code: code, message: failure.message)
                }
                return failure
            }
        }
        let isError = isWord("error", "object", capture, reader) || isWord("error", "type", capture, reader)
        guard isError || (capture["detail"] != nil && capture["id"] == nil) else { return nil }
        return AnswerFailure(type: nil, code: label("code", capture, reader), message: text("detail", capture, reader))
    }

    private func isWord(_ word: StaticString, _ member: StaticString, _ capture: borrowing JSONMemberCapture, _ reader: JSONReader) -> Bool {
        guard let bytes = capture[member] else { return false }
        return reader.read(bytes) { $0.equals(word) } ?? false
    }

    private func text(_ member: StaticString, _ capture: borrowing JSONMemberCapture, _ reader: JSONReader) -> String? {
        guard let bytes = capture[member] else { return nil }
        let text: String?? = reader.read(bytes) { $0.string(bytesMax: DialectLimits.failureMessageBytesMax, cuts: true) }
        return text ?? nil
    }

    private func label(_ member: StaticString, _ capture: borrowing JSONMemberCapture, _ reader: JSONReader) -> String? {
        guard let bytes = capture[member] else { return nil }
        let label: String?? = reader.read(bytes) { $0.label }
        return label ?? nil
    }
}
