import Streaming

/// Writes what came of a model's calls: one content of the user's, one `functionResponse` for each call, in their order.
struct GeminiResults {
    private let request: GeminiRequest
    private let calls: [ToolCall]
    /// The place of each call by its id, and what came of it.
    private let places: [String: Int]
    private var results: [ToolResult?]

    init(_ request: GeminiRequest, of calls: [ToolCall]) {
        self.request = request
        self.calls = calls
        places = Dictionary(calls.enumerated().map { ($0.element.id.string, $0.offset) }) { first, _ in first }
        results = Array(repeating: nil, count: calls.count)
    }

    /// Takes a result; false when it belongs to none of the calls, or to one that has a result.
    mutating func add(_ result: ToolResult) -> Bool {
        guard let place = places[result.callID.string], results[place] == nil else { return false }
        results[place] = result
        return true
    }

    /// Gives what has no place in a result of this model: media, for a content of the user's.
    func write(plan: inout AnswerPlan, to writer: inout JSONWriter) throws(RequestProblem) -> [ConversationPart] {
        var media: [ConversationPart] = []
        writer.beginGeminiContent(isModel: false)
        for (call, result) in zip(calls, results) {
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
            guard let text = Self.text(of: part), !text.isEmpty else { continue }
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
