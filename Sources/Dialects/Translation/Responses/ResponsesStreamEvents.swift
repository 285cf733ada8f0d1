import Streaming

/// Writes the events of a Responses stream: named as their `type`, numbered without a gap.
struct ResponsesStreamEvents: ResponsesItemListener {
    /// The number of the next event.
    private(set) var sequence = 0

    /// Opens an event; `end` closes it.
    mutating func begin(_ type: StaticString, to writer: inout JSONWriter) {
        writer.frame("event: ")
        writer.frame(type)
        writer.frame("\ndata: ")
        writer.beginObject()
        writer.member("type", type)
        writer.member("sequence_number", sequence)
        sequence += 1
    }

    func end(to writer: inout JSONWriter) {
        writer.endObject()
        writer.frame("\n\n")
    }

    mutating func itemOpened(_ item: ResponsesItem, at index: Int, to writer: inout JSONWriter) {
        begin("response.output_item.added", to: &writer)
        writer.member("output_index", index)
        writer.name("item")
        item.write(isBare: true, to: &writer)
        end(to: &writer)
    }

    mutating func partOpened(_ item: ResponsesItem, at index: Int, to writer: inout JSONWriter) {
        begin(item.kind == .reasoning ? "response.reasoning_summary_part.added" : "response.content_part.added", to: &writer)
        place(item, index, to: &writer)
        writer.name("part")
        item.writePart(item.lastPart, isBare: true, to: &writer)
        end(to: &writer)
    }

    mutating func textGrew(_ item: ResponsesItem, at index: Int, by range: Range<Int>, to writer: inout JSONWriter) {
        begin(item.kind.deltaType, to: &writer)
        place(item, index, to: &writer)
        writer.name("delta")
        item.writeText(range, to: &writer)
        if item.kind == .message {
            writer.name("logprobs")
            writer.json("[]")
        }
        end(to: &writer)
    }

    mutating func partClosed(_ item: ResponsesItem, at index: Int, to writer: inout JSONWriter) {
        let isReasoning = item.kind == .reasoning
        begin(item.kind.doneType, to: &writer)
        place(item, index, to: &writer)
        writer.name(item.kind == .refusal ? "refusal" : "text")
        item.writeText(item.range(of: item.lastPart), to: &writer)
        if item.kind == .message {
            writer.name("logprobs")
            writer.json("[]")
        }
        end(to: &writer)
        begin(isReasoning ? "response.reasoning_summary_part.done" : "response.content_part.done", to: &writer)
        place(item, index, to: &writer)
        writer.name("part")
        item.writePart(item.lastPart, to: &writer)
        end(to: &writer)
    }

    mutating func itemClosed(_ item: ResponsesItem, at index: Int, to writer: inout JSONWriter) {
        if item.kind.isCall {
            begin(item.kind.doneType, to: &writer)
            place(item, index, to: &writer)
            writer.name(item.kind == .customCall ? "input" : "arguments")
            item.writeText(0..<item.text.count, to: &writer)
            if item.kind == .functionCall {
                writer.name("name")
                writer.string(item.name)
            }
            end(to: &writer)
        }
        begin("response.output_item.done", to: &writer)
        writer.member("output_index", index)
        writer.name("item")
        item.write(to: &writer)
        end(to: &writer)
    }

    /// Which item, and which part of it.
    private func place(_ item: ResponsesItem, _ index: Int, to writer: inout JSONWriter) {
        writer.name("item_id")
        writer.string(item.id)
        writer.member("output_index", index)
        switch item.kind {
        case .message, .refusal: writer.member("content_index", item.lastPart)
        case .reasoning: writer.member("summary_index", item.lastPart)
        case .functionCall, .customCall: break
        }
    }
}

extension ResponsesItem.Kind {
    fileprivate var deltaType: StaticString {
        switch self {
        case .message: "response.output_text.delta"
        case .refusal: "response.refusal.delta"
        case .reasoning: "response.reasoning_summary_text.delta"
        case .functionCall: "response.function_call_arguments.delta"
        case .customCall: "response.custom_tool_call_input.delta"
        }
    }

    fileprivate var doneType: StaticString {
        switch self {
        case .message: "response.output_text.done"
        case .refusal: "response.refusal.done"
        case .reasoning: "response.reasoning_summary_text.done"
        case .functionCall: "response.function_call_arguments.done"
        case .customCall: "response.custom_tool_call_input.done"
        }
    }
}
