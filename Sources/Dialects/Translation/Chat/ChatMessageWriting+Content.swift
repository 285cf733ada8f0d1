import Streaming

extension ChatMessageWriting {
    /// Writes a content: one string where there are texts only, which every provider takes, else a list of parts.
    func writeContent(_ parts: [ConversationPart], to writer: inout JSONWriter) throws(RequestProblem) {
        let hasMarks = accent.takesCacheControl && parts.contains { $0.cacheControl != nil }
        guard hasMarks || parts.contains(where: \.isAttachment) else {
            writer.beginString()
            var isFirst = true
            for text in parts.lazy.compactMap(\.plainText) {
                if !isFirst { writer.appendToString("\n\n") }
                isFirst = false
                writer.appendToString(text)
            }
            writer.endString()
            return
        }
        writer.beginArray()
        for part in parts { try write(part, to: &writer) }
        writer.endArray()
    }

    private func write(_ part: ConversationPart, to writer: inout JSONWriter) throws(RequestProblem) {
        if let text = part.plainText {
            guard !text.isEmpty else { return }
            writer.beginObject()
            writer.member("type", "text")
            writer.member("text", text)
        } else {
            switch part.content {
            case .image(let source): try writeImage(source, to: &writer)
            case .file(let source, let name): try writeFile(source, name: name, to: &writer)
            case .audio(let data, let format): try writeAudio(data, format, to: &writer)
            default: return
            }
        }
        if accent.takesCacheControl { writer.member("cache_control", part.cacheControl) }
        writer.endObject()
    }

    private func writeImage(_ source: MediaSource, to writer: inout JSONWriter) throws(RequestProblem) {
        if case .fileID = source { throw .notTranslatable(member: "file_id", reason: "the file is kept by another provider") }
        writer.beginObject()
        writer.member("type", "image_url")
        writer.name("image_url")
        writer.beginObject()
        writer.name("url")
        writeURL(of: source, to: &writer)
        writer.endObject()
    }

    private func writeFile(_ source: MediaSource, name: JSONText?, to writer: inout JSONWriter) throws(RequestProblem) {
        if case .fileID = source { throw .notTranslatable(member: "file_id", reason: "the file is kept by another provider") }
        if accent.profile == .mistral {
            writer.beginObject()
            writer.member("type", "document_url")
            writer.name("document_url")
            writeURL(of: source, to: &writer)
            if let name { writer.member("document_name", name) }
            return
        }
        guard accent.takesFiles else { throw .notTranslatable(member: "file", reason: "its chat has no documents") }
        if case .url = source, accent.profile == .openAI {
            throw .notTranslatable(member: "file", reason: "it takes documents as data only, not by their URL")
        }
        writer.beginObject()
        writer.member("type", "file")
        writer.name("file")
        writer.beginObject()
        writer.member("filename", name ?? JSONText("document.pdf"))
        writer.name("file_data")
        writeURL(of: source, to: &writer)
        writer.endObject()
    }

    private func writeAudio(_ data: JSONText, _ format: JSONText, to writer: inout JSONWriter) throws(RequestProblem) {
        guard accent.takesAudio else { throw .notTranslatable(member: "input_audio", reason: "its chat takes no sound") }
        writer.beginObject()
        writer.member("type", "input_audio")
        writer.name("input_audio")
        writer.beginObject()
        writer.member("data", data)
        writer.member("format", format)
        writer.endObject()
    }

    /// The URL as it is, or a data URL (RFC 2397).
    private func writeURL(of source: MediaSource, to writer: inout JSONWriter) {
        switch source {
        case .base64(let mediaType, let data):
            writer.beginString()
            writer.appendToString("data:")
            writer.appendToString(mediaType)
            writer.appendToString(";base64,")
            writer.appendToString(data)
            writer.endString()
        case .url(let text), .fileID(let text), .text(let text):
            writer.string(text)
        }
    }
}
