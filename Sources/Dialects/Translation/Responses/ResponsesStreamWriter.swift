import Streaming

/// Writes an answer as a Responses stream: what the OpenAI SDKs' helpers and Codex take.
///
/// Every item is announced, grows by deltas and is said once more when it is done; the last event holds all items again. What the model said is
/// therefore kept, up to `DialectLimits.answerKeptBytesMax`; an answer beyond that is cut there and ends as `incomplete`.
struct ResponsesStreamWriter: AnswerWriter {
    private var response: ResponsesObject
    private var items: ResponsesItems
    private var events = ResponsesStreamEvents()
    private var stopReason: StopReason?
    private var usage: TokenUsage?

    init(_ plan: AnswerPlan) {
        response = ResponsesObject(plan)
        items = ResponsesItems(plan)
    }

    var position: ResponsesPosition {
        guard events.sequence > 0 else { return ResponsesPosition() }
        return ResponsesPosition(
            lastSequenceNumber: events.sequence - 1, responseID: response.id, model: response.model, createdAt: response.createdSeconds)
    }

    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) {
        switch event {
        case .opened(let id, let model):
            // The names must not change behind the first event.
            if events.sequence == 0 { response.take(id: id, model: model) }
            open(to: &writer)
        case .finish(let reason, _):
            stopReason = reason
            open(to: &writer)
            closeItems(to: &writer)
        case .usage(let counts):
            usage = counts
        case .failure:
            break
        case .end:
            open(to: &writer)
            closeItems(to: &writer)
            end(to: &writer)
        default:
            open(to: &writer)
            items.take(event, &events, to: &writer)
        }
    }

    private mutating func open(to writer: inout JSONWriter) {
        guard events.sequence == 0 else { return }
        for type in ["response.created", "response.in_progress"] as [StaticString] {
            events.begin(type, to: &writer)
            writer.name("response")
            response.write(.inProgress, to: &writer)
            events.end(to: &writer)
        }
    }

    private mutating func closeItems(to writer: inout JSONWriter) {
        items.closeAll(isCutOff: stopReason?.isCutOff ?? false, &events, to: &writer)
    }

    private mutating func end(to writer: inout JSONWriter) {
        let outcome = ResponsesObject.Outcome(stopReason, isCut: items.isCut)
        let type: StaticString =
            switch outcome {
            case .inProgress, .completed: "response.completed"
            case .incomplete: "response.incomplete"
            case .failed: "response.failed"
            }
        events.begin(type, to: &writer)
        writer.name("response")
        response.write(outcome, items.items, usage: usage, to: &writer)
        events.end(to: &writer)
    }
}

extension StopReason {
    /// Whether the model stopped in the middle of what it wrote last.
    var isCutOff: Bool {
        switch self {
        case .outputLimit, .contextLimit, .filtered, .broken: true
        case .complete, .stopText, .toolCalls, .paused: false
        }
    }
}
