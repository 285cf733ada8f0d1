import Streaming

// The turns, as Anthropic's messages.

extension MessagesRequest {
    mutating func writeMessages(to writer: inout JSONWriter) throws(RequestProblem) {
        writer.name("messages")
        writer.beginArray()
        for turn in turns {
            writer.beginObject()
            switch turn.role {
            case .user: writer.member("role", "user")
            case .assistant: writer.member("role", "assistant")
            case .system: writer.member("role", "system")
            }
            writer.name("content")
            try write(turn.parts, to: &writer)
            writer.endObject()
        }
        writer.endArray()
    }

    /// Parts as content: one text alone as a string.
    private mutating func write(_ parts: [ConversationPart], to writer: inout JSONWriter) throws(RequestProblem) {
        if parts.count == 1, parts[0].cacheControl == nil, case .text(let text) = parts[0].content {
            return writer.string(text)
        }
        writer.beginArray()
        for part in parts { try write(part, to: &writer) }
        writer.endArray()
    }

    private mutating func write(_ part: ConversationPart, to writer: inout JSONWriter) throws(RequestProblem) {
        switch part.content {
        case .text(let text), .refusal(let text):
            writeText(text, mark: part.cacheControl, to: &writer)
        case .image(let source):
            try writeImage(source, mark: part.cacheControl, to: &writer)
        case .file(let source, let name):
            try writeFile(source, name: name, mark: part.cacheControl, to: &writer)
        case .audio:
            throw .notTranslatable(member: "messages", reason: "Anthropic's models take no audio")
        case .thinking(let text, let state):
            if let state { writeThinking(text, state, to: &writer) }
        case .sealedThinking(let state):
            writeSealed(state, to: &writer)
        case .toolCall(let call):
            write(call, mark: part.cacheControl, to: &writer)
        case .toolResult(let result):
            try write(result, mark: part.cacheControl, to: &writer)
        }
    }

    // MARK: Thinking

    private func writeThinking(_ text: JSONText, _ state: ProviderState, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "thinking")
        writer.member("thinking", text)
        writer.member("signature", state.value)
        writer.endObject()
    }

    private func writeSealed(_ state: ProviderState, to writer: inout JSONWriter) {
        if state.origin == .messages { return writeThinking(JSONText(""), state, to: &writer) }
        writer.beginObject()
        writer.member("type", "redacted_thinking")
        writer.member("data", state.value)
        writer.endObject()
    }

    // MARK: Tools

    private mutating func write(_ call: ToolCall, mark: JSONValue?, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "tool_use")
        writer.member("id", call.id)
        writer.member(
            "name",
            ToolNames.providerName(call.name, namespace: call.namespace, isCustom: call.isCustom, for: .messages, plan: &plan))
        writer.name("input")
        MessagesToolInput.write(call.arguments, isCustom: call.isCustom, reader: reader, to: &writer)
        writer.member("cache_control", marks.next(mark))
        writer.endObject()
    }

    /// A result: its texts, images and documents, or the JSON that it is; without content when there is none.
    private mutating func write(_ result: ToolResult, mark: JSONValue?, to writer: inout JSONWriter) throws(RequestProblem) {
        writer.beginObject()
        writer.member("type", "tool_result")
        writer.member("tool_use_id", result.callID)
        if result.isError { writer.member("is_error", true) }
        let parts = result.parts.filter { part in
            switch part.content {
            case .text(let text), .refusal(let text): !text.isBlank
            case .image, .file, .audio: true
            case .thinking, .sealedThinking, .toolCall, .toolResult: false
            }
        }
        if !parts.isEmpty {
            writer.name("content")
            try write(parts, to: &writer)
        } else if let object = result.object {
            writer.member("content", object.isString ? JSONText(object) ?? .owned("") : .plain(object.rawBytes))
        }
        writer.member("cache_control", marks.next(mark))
        writer.endObject()
    }

    // MARK: Media

    private mutating func writeImage(_ source: MediaSource, mark: JSONValue?, to writer: inout JSONWriter) throws(RequestProblem) {
        writer.beginObject()
        writer.member("type", "image")
        writer.name("source")
        switch source {
        case .base64(let mediaType, let data):
            guard let type = Self.imageType(mediaType) else {
                throw .notTranslatable(member: "messages", reason: "Anthropic's models take images as JPEG, PNG, GIF and WebP only")
            }
            writeBase64(type, data, to: &writer)
        case .url(let url):
            writeURL(url, to: &writer)
        case .fileID(let id):
            try writeFileID(id, to: &writer)
        case .text:
            throw .notTranslatable(member: "messages", reason: "an image is no text")
        }
        writer.member("cache_control", marks.next(mark))
        writer.endObject()
    }

    private mutating func writeFile(
        _ source: MediaSource, name: JSONText?, mark: JSONValue?, to writer: inout JSONWriter
    ) throws(RequestProblem) {
        if case .base64(let mediaType, _) = source, Self.imageType(mediaType) != nil {
            return try writeImage(source, mark: mark, to: &writer)
        }
        writer.beginObject()
        writer.member("type", "document")
        writer.name("source")
        switch source {
        case .base64(let mediaType, let data):
            if mediaType.equals("application/pdf") {
                writeBase64("application/pdf", data, to: &writer)
            } else {
                writeTextSource(.owned(try Self.text(of: data, mediaType)), to: &writer)
            }
        case .url(let url):
            writeURL(url, to: &writer)
        case .fileID(let id):
            try writeFileID(id, to: &writer)
        case .text(let text):
            writeTextSource(text, to: &writer)
        }
        if let name, !name.isBlank { writer.member("title", name) }
        writer.member("cache_control", marks.next(mark))
        writer.endObject()
    }

    private func writeBase64(_ mediaType: StaticString, _ data: JSONText, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "base64")
        writer.member("media_type", mediaType)
        writer.member("data", data)
        writer.endObject()
    }

    private func writeURL(_ url: JSONText, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "url")
        writer.member("url", url)
        writer.endObject()
    }

    private func writeTextSource(_ text: JSONText, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "text")
        writer.member("media_type", "text/plain")
        writer.member("data", text)
        writer.endObject()
    }

    /// Anthropic's ids begin with `file_`, OpenAI's with `file-`.
    private func writeFileID(_ id: JSONText, to writer: inout JSONWriter) throws(RequestProblem) {
        guard id.string.hasPrefix("file_") else {
            throw .notTranslatable(member: "messages", reason: "a file that another provider keeps cannot be read by Anthropic")
        }
        writer.beginObject()
        writer.member("type", "file")
        writer.member("file_id", id)
        writer.endObject()
    }

    private static func imageType(_ mediaType: JSONText) -> StaticString? {
        switch true {
        case mediaType.equals("image/png"): "image/png"
        case mediaType.equals("image/jpeg"), mediaType.equals("image/jpg"): "image/jpeg"
        case mediaType.equals("image/gif"): "image/gif"
        case mediaType.equals("image/webp"): "image/webp"
        default: nil
        }
    }

    /// The text of a document that came as base64.
    private static func text(of data: JSONText, _ mediaType: JSONText) throws(RequestProblem) -> String {
        let type = mediaType.string
        let isText = type.hasPrefix("text/") || type == "application/json" || type == "application/xml"
        var encoded = data.string
        let bytes = encoded.withUTF8 { Base64.decoded(UnsafeRawBufferPointer($0)) }
        guard isText, let bytes, let text = String(validating: bytes, as: UTF8.self) else {
            throw .notTranslatable(member: "messages", reason: "Anthropic's models take documents as PDF and as text only")
        }
        return text
    }
}
