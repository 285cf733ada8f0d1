import Streaming

/// What becomes of an answer's steps: noted for the books, and put in the client's words.
struct AnswerOutput: ~Copyable {
    /// What the steps told.
    private(set) var answer = ObservedAnswer()
    /// The client's bytes: of a stream what was written since the last emptying, of a whole answer all of it.
    var text = JSONWriter()

    private var writer: any AnswerWriter
    private var outputTool: OutputToolFilter
    private var hidden: HiddenThinking
    private(set) var hasFailed = false
    /// Whether the event that is being read told counts.
    private var hasUsageInEvent = false
    private var hasFinished = false

    init(_ writer: any AnswerWriter, _ plan: AnswerPlan = AnswerPlan()) {
        self.writer = writer
        outputTool = OutputToolFilter(plan)
        hidden = HiddenThinking(plan)
    }

    /// Where a Responses stream stands.
    var position: ResponsesPosition { writer.position }

    /// True once the answer's end mark passed.
    var hasEnded: Bool { answer.isComplete }

    /// The steps that follow are those of another event.
    mutating func beginEvent() { hasUsageInEvent = false }

    /// Takes the next step. After a failure or the end nothing more is written. A failure is not put in words here: whoever drives the answer
    /// decides whether another provider takes over.
    mutating func take(_ event: AnswerEvent) {
        guard !hasFailed, !hasEnded else { return note(late: event) }
        var event = event
        switch event {
        case .text(let text), .thinking(let text), .refusal(let text), .toolArguments(_, let text):
            guard !text.isEmpty else { return }
            answer.noteContent(textBytes: text.byteCount)
        case .toolCall, .signature:
            answer.noteContent(textBytes: 0)
        case .opened(let id, let model):
            // A client hears them again with each piece of the answer: none of any length.
            event = .opened(id: Self.bounded(id), model: Self.bounded(model))
            if answer.responseID == nil { answer.responseID = Self.bounded(id)?.string }
            if answer.model == nil { answer.model = Self.bounded(model)?.string }
        case .usage(let usage):
            answer.usage = usage
            hasUsageInEvent = true
        case .failure(let failure):
            answer.failure = failure
            hasFailed = true
            // Counts from before (Anthropic's opening ones) say nothing of what came until now.
            if answer.usage != nil, hasUsageInEvent || hasFinished { answer.usageIsFinal = true }
            return
        case .end:
            answer.isComplete = true
            if answer.usage != nil { answer.usageIsFinal = true }
        case .finish:
            hasFinished = true
        case .thinkingBreak, .toolCallEnded:
            break
        }
        if !hidden.hides(event), let event = outputTool.apply(event) { writer.write(event, to: &text) }
    }

    /// A count that comes behind the end, or with the failure, still counts.
    private mutating func note(late event: AnswerEvent) {
        guard case .usage(let usage) = event else { return }
        answer.usage = usage
        answer.usageIsFinal = true
    }

    private static func bounded(_ text: JSONText?) -> JSONText? {
        guard let text, !text.isEmpty, text.byteCount <= DialectLimits.answerNameBytesMax else { return nil }
        return text
    }
}
