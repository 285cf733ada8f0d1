import Streaming

/// Reads along an OpenAI chat completions stream.
///
/// Until the first content every event is read exactly. After it most events are text, and `EventScan` tells those without
/// reading them; whatever it is not sure of is read exactly again.
public struct ChatObserver: RelayObserver {
    /// What was found so far.
    public private(set) var answer = ObservedAnswer()
    /// True when the gateway, not the client, asked for the usage chunk: it is then hidden.
    public let hidesUsageChunk: Bool

    private let reader: JSONReader
    private var hasContent = false

    /// - Parameters:
    ///   - hidesUsageChunk: `ForwardEdits.hidesUsageChunk` of the request.
    ///   - reader: shared by all streams of a loop.
    public init(hidesUsageChunk: Bool, reader: JSONReader) {
        self.hidesUsageChunk = hidesUsageChunk
        self.reader = reader
    }

    public var mayHide: Bool { hidesUsageChunk }

    public mutating func observe(_ event: SSEEvent) -> EventVerdict {
        guard event.hasData else { return EventVerdict(.lifecycle) }
        if isEndMark(event.data) {
            answer.isComplete = true
            if answer.usage != nil { answer.usageIsFinal = true }
            return EventVerdict(.terminal)
        }
        let scan = EventScan(event.data)
        if hasContent, !scan.needsExactReading, scan.textBytes > 0, event.name.isEmpty {
            answer.noteContent(textBytes: scan.textBytes)
            return EventVerdict(.content)
        }
        return readExactly(event, textBytes: scan.textBytes)
    }

    private func isEndMark(_ data: UnsafeRawBufferPointer) -> Bool {
        data.count < 32 && Bytes.trimmed(data).equals("[DONE]")
    }

    private mutating func readExactly(_ event: SSEEvent, textBytes: Int) -> EventVerdict {
        let isNamedError = event.name.equals("error")
        let reader = reader
        let verdict = reader.read(event.data) { root in
            judge(root.isArray ? root.firstElement ?? root : root, isNamedError: isNamedError, textBytes: textBytes)
        }
        if let verdict { return verdict }
        guard isNamedError else { return EventVerdict(.lifecycle) }
        fail(AnswerFailure(unreadable: event.data))
        return EventVerdict(.failure)
    }

    private mutating func judge(_ root: JSONValue, isNamedError: Bool, textBytes: Int) -> EventVerdict {
        if let failure = AnswerFailure(inChatChunk: root) {
            takeUsage(of: root, isFinal: true)
            fail(failure)
            return EventVerdict(.failure)
        }
        if isNamedError {
            fail(AnswerFailure(of: root, within: root))
            return EventVerdict(.failure)
        }
        answer.takeNames(from: root)

        let choices = root.present("choices")
        var isContent = false
        var isFinish = false
        if let choices {
            for choice in choices.elements {
                if choice.present("finish_reason") != nil { isFinish = true }
                if let delta = choice.present("delta"), Self.hasContent(delta) { isContent = true }
            }
        }
        let hasChoices = choices.map { !$0.isEmptyContainer } ?? false
        takeUsage(of: root, isFinal: isFinish || !hasChoices)

        if isContent {
            hasContent = true
            answer.noteContent(textBytes: textBytes)
            return EventVerdict(.content)
        }
        let isBareUsage = !hasChoices && (root.present("usage")?.isObject ?? false)
        return EventVerdict(.lifecycle, isHidden: hidesUsageChunk && isBareUsage)
    }

    /// Anything generated: text, reasoning, a refusal, a tool call, audio; whatever its member is called. Not a role.
    private static func hasContent(_ delta: JSONValue) -> Bool {
        for member in delta.members where member.value.isNonEmptyString || member.value.isFilledContainer {
            if let name = member.name.stringBytes, !EventScan.isBookkeeping(name) { return true }
        }
        return false
    }

    private mutating func takeUsage(of root: JSONValue, isFinal: Bool) {
        guard let object = root.present("usage") ?? root.present("x_groq")?.present("usage"), object.isObject else { return }
        answer.usage = TokenUsage(chat: object)
        answer.usageIsFinal = answer.usageIsFinal || isFinal
    }

    private mutating func fail(_ failure: AnswerFailure) {
        if answer.failure == nil { answer.failure = failure }
    }
}
