import Streaming

/// Writes an answer as one Responses document.
struct ResponsesWholeWriter: AnswerWriter {
    private var response: ResponsesObject
    private var items: ResponsesItems
    private var silence = Silence()
    private var stopReason: StopReason?
    private var usage: TokenUsage?

    init(_ plan: AnswerPlan) {
        response = ResponsesObject(plan)
        items = ResponsesItems(plan)
    }

    var position: ResponsesPosition { ResponsesPosition() }

    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) {
        switch event {
        case .opened(let id, let model):
            response.take(id: id, model: model)
        case .finish(let reason, _):
            stopReason = reason
        case .usage(let counts):
            usage = counts
        case .failure:
            break
        case .end:
            items.closeAll(isCutOff: stopReason?.isCutOff ?? false, &silence, to: &writer)
            response.write(.init(stopReason, isCut: items.isCut), items.items, usage: usage, to: &writer)
        default:
            items.take(event, &silence, to: &writer)
        }
    }

    /// Nobody hears of items before the end.
    private struct Silence: ResponsesItemListener {
        func itemOpened(_ item: ResponsesItem, at index: Int, to writer: inout JSONWriter) {}
        func partOpened(_ item: ResponsesItem, at index: Int, to writer: inout JSONWriter) {}
        func textGrew(_ item: ResponsesItem, at index: Int, by range: Range<Int>, to writer: inout JSONWriter) {}
        func partClosed(_ item: ResponsesItem, at index: Int, to writer: inout JSONWriter) {}
        func itemClosed(_ item: ResponsesItem, at index: Int, to writer: inout JSONWriter) {}
    }
}
