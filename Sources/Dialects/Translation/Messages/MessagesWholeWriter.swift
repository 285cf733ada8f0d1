import Streaming

/// Writes an answer as one Anthropic message. Content goes down as it comes; stop reason and usage follow at the end.
struct MessagesWholeWriter: AnswerWriter {
    private var frame: MessagesAnswerFrame
    private var blocks: MessagesBlockSequence<MessagesWholeForm>
    private var hasStarted = false

    init(_ plan: AnswerPlan) {
        frame = MessagesAnswerFrame(plan)
        blocks = MessagesBlockSequence(MessagesWholeForm(), plan: plan)
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
            if !hasStarted { start(to: &writer) }
            frame.note(reason, stopText: stopText)
            blocks.take(event, to: &writer)
        case .end:
            if !hasStarted { start(to: &writer) }
            blocks.take(event, to: &writer)
            end(to: &writer)
        default:
            if !hasStarted { start(to: &writer) }
            blocks.take(event, to: &writer)
        }
    }

    private mutating func start(to writer: inout JSONWriter) {
        hasStarted = true
        writer.beginObject()
        frame.writeNames(to: &writer)
        writer.name("content")
        writer.beginArray()
    }

    private mutating func end(to writer: inout JSONWriter) {
        writer.endArray()
        frame.writeStop(after: blocks, to: &writer)
        frame.writeUsage(to: &writer)
        writer.endObject()
    }
}
