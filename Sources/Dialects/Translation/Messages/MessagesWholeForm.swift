import Streaming

/// Content blocks as elements of a document's `content`, written as they come.
struct MessagesWholeForm: MessagesBlockForm {
    /// Arguments of the open call, still escaped.
    private var pieces: [UInt8] = []
    private var reader: JSONReader?

    func beginMessage(_ frame: MessagesAnswerFrame, to writer: inout JSONWriter) {
        writer.beginObject()
        frame.writeNames(to: &writer)
        writer.name("content")
        writer.beginArray()
    }

    func endMessage(_ frame: MessagesAnswerFrame, after blocks: MessagesBlockSequence<Self>, to writer: inout JSONWriter) {
        writer.endArray()
        frame.writeStop(after: blocks, to: &writer)
        frame.writeUsage(to: &writer)
        writer.endObject()
    }

    mutating func beginText(_ index: Int, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "text")
        writer.name("text")
        writer.beginString()
    }

    mutating func beginThinking(_ index: Int, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "thinking")
        writer.name("thinking")
        writer.beginString()
    }

    mutating func beginToolUse(_ index: Int, id: JSONText, name: JSONText, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "tool_use")
        writer.member("id", id)
        writer.member("name", name)
        pieces.removeAll(keepingCapacity: true)
    }

    mutating func text(_ index: Int, _ piece: JSONText, to writer: inout JSONWriter) { writer.appendToString(piece) }

    mutating func thinking(_ index: Int, _ piece: JSONText, to writer: inout JSONWriter) { writer.appendToString(piece) }

    mutating func arguments(_ index: Int, _ piece: JSONText, to writer: inout JSONWriter) { pieces.append(piece) }

    mutating func endText(_ index: Int, to writer: inout JSONWriter) {
        writer.endString()
        writer.endObject()
    }

    mutating func endThinking(_ index: Int, state: ProviderState?, to writer: inout JSONWriter) {
        writer.endString()
        writer.name("signature")
        if let state {
            state.write(to: &writer, own: .messages)
        } else {
            writer.string("")
        }
        writer.endObject()
    }

    mutating func endToolUse(_ index: Int, isEmpty: Bool, to writer: inout JSONWriter) {
        let reader = reader ?? JSONReader()
        self.reader = reader
        writer.name("input")
        pieces.withUnsafeBytes { MessagesToolInput.write(.text(.escaped($0)), isCustom: false, reader: reader, to: &writer) }
        writer.endObject()
    }

    mutating func redacted(_ index: Int, state: ProviderState, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "redacted_thinking")
        writer.name("data")
        state.write(to: &writer, own: .messagesRedacted)
        writer.endObject()
    }
}
