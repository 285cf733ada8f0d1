import Streaming

/// Writes what came of a model's calls: one content of the user's, one `functionResponse` for each call, in their order.
struct GeminiResults {
    private let request: GeminiRequest

    init(_ request: GeminiRequest) {
        self.request = request
    }

    /// Gives what has no place in a result of this model: media, for a content of the user's.
    func write(
        _ results: [ToolResult], of calls: [ToolCall], plan: inout AnswerPlan, to writer: inout JSONWriter
    ) throws(RequestProblem) -> [ConversationPart] {
        var left = results
        var media: [ConversationPart] = []
        writer.beginGeminiContent(isModel: false)
        for call in calls {
            let id = call.id.string
            let place = left.firstIndex { $0.callID.string == id }
            let result = place.map { left.remove(at: $0) }
            writer.beginObject()
            writer.name("functionResponse")
            writer.beginObject()
            if request.model.isGemini3 { writer.member("id", call.id) }
            writer.member("name", request.name(of: call, plan: &plan))
            writer.name("response")
            writeResponse(result, to: &writer)
            let own = result.map { $0.parts.filter(Self.isMedia) } ?? []
            if request.model.isGemini3, !own.isEmpty {
                writer.name("parts")
                writer.beginArray()
                for part in own { try writer.geminiPart(part) }
                writer.endArray()
            } else {
                media += own
            }
            writer.endObject()
            writer.endObject()
        }
        writer.endGeminiContent()
        return media
    }

    /// An object: the result's own where it is one, else its text as `output` or `error`. Text that looks like JSON stays text: as an object its numbers and
    /// the order of its members would not survive.
    private func writeResponse(_ result: ToolResult?, to writer: inout JSONWriter) {
        guard let result else { return writer.json("{\"error\":\"The call has no result.\"}") }
        if let object = result.object, object.isObject, !result.isError {
            writer.json(object.rawBytes)
            return
        }
        writer.beginObject()
        if let object = result.object {
            writer.member(result.isError ? "error" : "output", object)
        } else {
            writer.name(result.isError ? "error" : "output")
            writeText(of: result, to: &writer)
        }
        writer.endObject()
    }

    private func writeText(of result: ToolResult, to writer: inout JSONWriter) {
        writer.beginString()
        var isFirst = true
        for part in result.parts {
            guard case .some(let text) = Self.text(of: part), !text.isEmpty else { continue }
            if !isFirst { writer.appendToString(JSONText("\n")) }
            isFirst = false
            writer.appendToString(text)
        }
        writer.endString()
    }

    private static func text(of part: ConversationPart) -> JSONText? {
        switch part.content {
        case .text(let text), .refusal(let text), .file(.text(let text), _), .image(.text(let text)): text
        default: nil
        }
    }

    private static func isMedia(_ part: ConversationPart) -> Bool {
        switch part.content {
        case .image, .file, .audio: text(of: part) == nil
        default: false
        }
    }
}

extension GeminiRequest {
    /// A call's tool as the provider knows it.
    func name(of call: ToolCall, plan: inout AnswerPlan) -> JSONText {
        ToolNames.providerName(call.name, namespace: call.namespace, isCustom: call.isCustom, for: .gemini, plan: &plan)
    }

    /// Arguments as an object. A free text is `input`, and so is what was meant to be an object and is none.
    func writeArguments(of call: ToolCall, to writer: inout JSONWriter) {
        switch call.arguments {
        case .object(let object) where object.isObject:
            writer.json(object.rawBytes)
        case .object(let value):
            writeInput(.plain(value.rawBytes), to: &writer)
        case .text(let text):
            if !call.isCustom {
                guard !text.isBlank else { return writer.json("{}") }
                if writeObject(text, to: &writer) { return }
            }
            writeInput(text, to: &writer)
        }
    }

    private func writeInput(_ text: JSONText, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("input", text)
        writer.endObject()
    }

    /// Writes the object that a text holds; false when it holds none.
    private func writeObject(_ text: JSONText, to writer: inout JSONWriter) -> Bool {
        switch text {
        case .plain(let bytes):
            return writeObject(bytes, to: &writer)
        case .owned(var text):
            return text.withUTF8 { writeObject(UnsafeRawBufferPointer($0), to: &writer) }
        case .escaped(let bytes):
            return withUnsafeTemporaryAllocation(byteCount: max(1, bytes.count), alignment: 1) { room in
                let length = JSONString.decode(bytes, into: room)
                return writeObject(UnsafeRawBufferPointer(rebasing: room[..<length]), to: &writer)
            }
        }
    }

    private func writeObject(_ bytes: UnsafeRawBufferPointer, to writer: inout JSONWriter) -> Bool {
        let isObject = reader.read(bytes) { $0.isObject } ?? false
        if isObject { writer.json(Bytes.trimmed(bytes)) }
        return isObject
    }
}
