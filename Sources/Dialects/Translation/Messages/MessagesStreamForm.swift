import Streaming

/// Content blocks as server-sent events. Holds nothing: a delta is written without an allocation.
struct MessagesStreamForm: MessagesBlockForm {
    func beginMessage(_ frame: MessagesAnswerFrame, to writer: inout JSONWriter) {
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

    func endMessage(_ frame: MessagesAnswerFrame, after blocks: MessagesBlockSequence<Self>, to writer: inout JSONWriter) {
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

    mutating func beginText(_ index: Int, to writer: inout JSONWriter) {
        begin(index, "{\"type\":\"text\",\"text\":\"\"}", to: &writer)
    }

    mutating func beginThinking(_ index: Int, to writer: inout JSONWriter) {
        begin(index, "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}", to: &writer)
    }

    mutating func beginToolUse(_ index: Int, id: JSONText, name: JSONText, to writer: inout JSONWriter) {
        openStart(index, to: &writer)
        writer.beginObject()
        writer.member("type", "tool_use")
        writer.member("id", id)
        writer.member("name", name)
        writer.name("input")
        writer.json("{}")
        writer.endObject()
        writer.frame("}\n\n")
    }

    @inline(__always)
    mutating func text(_ index: Int, _ piece: JSONText, to writer: inout JSONWriter) {
        delta(index, "{\"type\":\"text_delta\",\"text\":", piece, to: &writer)
    }

    mutating func thinking(_ index: Int, _ piece: JSONText, to writer: inout JSONWriter) {
        delta(index, "{\"type\":\"thinking_delta\",\"thinking\":", piece, to: &writer)
    }

    mutating func arguments(_ index: Int, _ piece: JSONText, to writer: inout JSONWriter) {
        delta(index, "{\"type\":\"input_json_delta\",\"partial_json\":", piece, to: &writer)
    }

    mutating func endText(_ index: Int, to writer: inout JSONWriter) { end(index, to: &writer) }

    /// An empty signature for thinking that has none: SDKs take it as they take any, and the echo is recognised by it.
    mutating func endThinking(_ index: Int, state: ProviderState?, to writer: inout JSONWriter) {
        openDelta(index, to: &writer)
        writer.frame("{\"type\":\"signature_delta\",\"signature\":")
        if let state {
            state.write(to: &writer, own: .messages)
        } else {
            writer.string("")
        }
        writer.frame("}}\n\n")
        end(index, to: &writer)
    }

    mutating func endToolUse(_ index: Int, isEmpty: Bool, to writer: inout JSONWriter) {
        if isEmpty { arguments(index, JSONText("{}"), to: &writer) }
        end(index, to: &writer)
    }

    mutating func redacted(_ index: Int, state: ProviderState, to writer: inout JSONWriter) {
        openStart(index, to: &writer)
        writer.frame("{\"type\":\"redacted_thinking\",\"data\":")
        state.write(to: &writer, own: .messagesRedacted)
        writer.frame("}}\n\n")
        end(index, to: &writer)
    }

    // MARK: Events

    private func openStart(_ index: Int, to writer: inout JSONWriter) {
        writer.frame("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":")
        writer.integer(index)
        writer.frame(",\"content_block\":")
    }

    private func begin(_ index: Int, _ block: StaticString, to writer: inout JSONWriter) {
        openStart(index, to: &writer)
        writer.json(block)
        writer.frame("}\n\n")
    }

    @inline(__always)
    private func openDelta(_ index: Int, to writer: inout JSONWriter) {
        writer.frame("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":")
        writer.integer(index)
        writer.frame(",\"delta\":")
    }

    @inline(__always)
    private func delta(_ index: Int, _ head: StaticString, _ piece: JSONText, to writer: inout JSONWriter) {
        openDelta(index, to: &writer)
        writer.frame(head)
        writer.string(piece)
        writer.frame("}}\n\n")
    }

    private func end(_ index: Int, to writer: inout JSONWriter) {
        writer.frame("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":")
        writer.integer(index)
        writer.frame("}\n\n")
    }
}
