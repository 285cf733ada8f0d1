import Streaming

/// Writes what the answer shall look like: `response_format`, and the instruction that has to stand for it where a provider knows less.
struct ChatFormatWriting {
    private enum Form {
        case none
        case json
        case schema(JSONValue, name: JSONText?, description: JSONText?, strict: Bool?)
    }

    private let form: Form
    private let isOpenAPISchema: Bool
    /// To be put behind the other instructions; nil when the format says it all.
    let instruction: JSONText?

    init(_ conversation: Conversation, _ accent: ChatAccent) {
        isOpenAPISchema = conversation.hasOpenAPIOutputSchema
        switch conversation.outputFormat {
        case nil:
            form = .none
            instruction = nil
        case .json:
            form = accent.takesJSONMode ? .json : .none
            // JSON mode is refused unless the word stands somewhere.
            instruction = Self.mentionsJSON(conversation) && accent.takesJSONMode ? nil : JSONText("Answer with one JSON object and nothing else.")
        case .schema(let schema, let name, let description, let strict):
            if accent.takesSchemas {
                form = .schema(schema, name: name, description: description, strict: strict)
                instruction = nil
            } else {
                form = accent.takesJSONMode ? .json : .none
                var text = JSONWriter()
                SchemaWriter.write(schema, isOpenAPI: isOpenAPISchema, to: &text)
                let words = "Answer with one JSON object and nothing else. It must follow this JSON Schema:\n"
                instruction = .owned(words + String(decoding: text.bytes, as: UTF8.self))
            }
        }
    }

    func write(to writer: inout JSONWriter) {
        switch form {
        case .none:
            break
        case .json:
            writer.name("response_format")
            writer.json("{\"type\":\"json_object\"}")
        case .schema(let schema, let name, let description, let strict):
            writer.name("response_format")
            writer.beginObject()
            writer.member("type", "json_schema")
            writer.name("json_schema")
            writer.beginObject()
            writer.member("name", Self.legal(name))
            if let description { writer.member("description", description) }
            writer.name("schema")
            SchemaWriter.write(schema, isOpenAPI: isOpenAPISchema, to: &writer)
            if let strict { writer.member("strict", strict) }
            writer.endObject()
            writer.endObject()
        }
    }

    /// A schema's name must be one that a tool could have.
    private static func legal(_ name: JSONText?) -> JSONText {
        guard let name, ToolNames.isLegal(name, for: .chat) else { return JSONText("answer") }
        return name
    }

    private static func mentionsJSON(_ conversation: Conversation) -> Bool {
        conversation.system.contains(where: mentionsJSON) || conversation.turns.contains { $0.parts.contains(where: mentionsJSON) }
    }

    private static func mentionsJSON(_ part: ConversationPart) -> Bool {
        guard case .text(let text) = part.content else { return false }
        switch text {
        case .escaped(let bytes), .plain(let bytes): return mentionsJSON(bytes)
        case .owned(var text): return text.withUTF8 { mentionsJSON(UnsafeRawBufferPointer($0)) }
        }
    }

    /// Whether the word stands in the text, in whichever case.
    private static func mentionsJSON(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= 4 else { return false }
        for index in 0...(bytes.count - 4) where bytes[index] | 0x20 == UInt8(ascii: "j") {
            if bytes[index + 1] | 0x20 == UInt8(ascii: "s"), bytes[index + 2] | 0x20 == UInt8(ascii: "o"),
                bytes[index + 3] | 0x20 == UInt8(ascii: "n")
            {
                return true
            }
        }
        return false
    }
}
