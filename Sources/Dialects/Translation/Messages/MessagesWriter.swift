import Streaming

/// Writes an answer as an Anthropic message, in one of its two forms.
///
/// The message begins with the first content, so that it holds what a provider tells before: its names, the prompt's tokens.
struct MessagesWriter<Form: MessagesBlockForm>: AnswerWriter {
    private let form = Form()
    private var frame: MessagesAnswerFrame
    private var blocks: MessagesBlockSequence<Form>
    private var hasStarted = false

    init(_ plan: AnswerPlan) {
        frame = MessagesAnswerFrame(plan)
        blocks = MessagesBlockSequence(Form(), plan: plan)
    }

    var position: ResponsesPosition { ResponsesPosition() }

    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) {
        switch event {
        case .opened(let id, let model):
            frame.note(id: id, model: model)
        case .usage(let usage):
            frame.note(usage)
        case .failure:
            break
        case .finish(let reason, let stopText):
            start(to: &writer)
            frame.note(reason, stopText: stopText)
            blocks.take(event, to: &writer)
        case .end:
            start(to: &writer)
            blocks.take(event, to: &writer)
            form.endMessage(frame, after: blocks, to: &writer)
        default:
            start(to: &writer)
            blocks.take(event, to: &writer)
        }
    }

    private mutating func start(to writer: inout JSONWriter) {
        guard !hasStarted else { return }
        hasStarted = true
        form.beginMessage(frame, to: &writer)
    }
}

/// As a stream: `message_start`, blocks one by one, `message_delta`, `message_stop`, each event named.
typealias MessagesStreamWriter = MessagesWriter<MessagesStreamForm>

/// As one document: content goes down as it comes; stop reason and usage follow at the end.
typealias MessagesWholeWriter = MessagesWriter<MessagesWholeForm>
