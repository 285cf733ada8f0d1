import Streaming

/// The input of an Anthropic call, which is always an object.
enum MessagesToolInput {
    /// Writes arguments as the value of `input`.
    ///
    /// What is no JSON object (a model's broken arguments, a list) is not lost: it stands in an object of one member, `raw_arguments`, so that the
    /// tool refuses it and the model reads what it wrote. Free text of a custom tool stands in `input`, as its schema says.
    static func write(_ arguments: ToolArguments, isCustom: Bool, reader: JSONReader, to writer: inout JSONWriter) {
        switch arguments {
        case .object(let value) where value.isObject:
            writer.json(value.rawBytes)
        case .object(let value):
            wrap("raw_arguments", .plain(value.rawBytes), to: &writer)
        case .text(let text) where isCustom:
            wrap("input", text, to: &writer)
        case .text(let text) where text.isBlank:
            writer.json("{}")
        case .text(let text):
            if !writeObject(text, reader: reader, to: &writer) { wrap("raw_arguments", text, to: &writer) }
        }
    }

    private static func wrap(_ name: StaticString, _ text: JSONText, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member(name, text)
        writer.endObject()
    }

    /// Writes a text that is a JSON object; false when it is none.
    private static func writeObject(_ text: JSONText, reader: JSONReader, to writer: inout JSONWriter) -> Bool {
        switch text {
        case .plain(let bytes):
            return writeObject(bytes, reader: reader, to: &writer)
        case .owned(var text):
            return text.withUTF8 { writeObject(UnsafeRawBufferPointer($0), reader: reader, to: &writer) }
        case .escaped(let bytes):
            return withUnsafeTemporaryAllocation(byteCount: bytes.count, alignment: 1) { room in
                let length = JSONString.decode(bytes, into: room)
                return writeObject(UnsafeRawBufferPointer(rebasing: room[..<length]), reader: reader, to: &writer)
            }
        }
    }

    private static func writeObject(_ bytes: UnsafeRawBufferPointer, reader: JSONReader, to writer: inout JSONWriter) -> Bool {
        guard reader.read(bytes, { $0.isObject }) ?? false else { return false }
        writer.json(Bytes.trimmed(bytes))
        return true
    }
}
