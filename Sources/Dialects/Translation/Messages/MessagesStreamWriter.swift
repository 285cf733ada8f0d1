import Streaming

/// Writes an answer as an Anthropic Messages stream: `message_start`, blocks one by one, `message_delta`, `message_stop`, each event named.
///
/// `message_start` waits for the first content, so that it holds what a provider tells before (its names, the prompt's tokens).
struct MessagesStreamWriter: AnswerWriter {
    private var frame: MessagesAnswerFrame
    private var blocks: MessagesBlockSequence<MessagesStreamForm>
    private var hasStarted = false

    init(_ plan: AnswerPlan) {
        frame = MessagesAnswerFrame(plan)
        blocks = MessagesBlockSequence(MessagesStreamForm(), plan: plan)
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
        writer.frame("event: message_start\ndata: ")
        writer.beginObject()
        writer.member("type", "message_start")
        writer.name("message")
        writer.beginObject()
        frame.writeNames(to: &writer)
        writer.name("content")
        writer.json("[]")
        writer.name("stop_reason")
        writer.null()
        writer.name("stop_sequence")
        writer.null()
        frame.writeUsage(to: &writer)
        writer.endObject()
        writer.endObject()
        writer.frame("\n\n")
    }

    private mutating func end(to writer: inout JSONWriter) {
        writer.frame("event: message_delta\ndata: ")
        writer.beginObject()
        writer.member("type", "message_delta")
        writer.name("delta")
        writer.beginObject()
        frame.writeStop(after: blocks, to: &writer)
        writer.endObject()
        frame.writeFinalUsage(to: &writer)
        writer.endObject()
        writer.frame("\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
    }
}
