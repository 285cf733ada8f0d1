import Streaming

/// Writes the system instruction and the contents of a request to Gemini.
///
/// Gemini wants the results of all calls of a model's content in the user's content behind it, as many as there were calls and in their order. So:
/// neighbouring turns of one side are joined (instructions in the middle of a conversation are the user's), results go first in a content of their own, a
/// call without a result gets one that says so, and a result without a call becomes text.
struct GeminiContents {
    private let request: GeminiRequest
    private let sides: [Side]
    /// Whether there is nothing but instructions: then these are what the user says.
    private let isSystemOnly: Bool

    /// What one side said before the other did.
    private struct Side {
        var isModel: Bool
        var parts: [ConversationPart]

        var calls: [ToolCall] {
            parts.compactMap {
                if case .toolCall(let call) = $0.content { call } else { nil }
            }
        }
    }

    init(_ request: GeminiRequest) {
        self.request = request
        var sides: [Side] = []
        for turn in request.conversation.turns where !turn.parts.isEmpty {
            let isModel = turn.role == .assistant
            if let last = sides.last, last.isModel == isModel {
                sides[sides.count - 1].parts += turn.parts
            } else {
                sides.append(Side(isModel: isModel, parts: turn.parts))
            }
        }
        self.sides = sides
        isSystemOnly = sides.isEmpty
    }

    // MARK: System

    func writeSystem(to writer: inout JSONWriter) {
        let texts = isSystemOnly ? [] : systemTexts
        guard !texts.isEmpty || request.describesFormat else { return }
        writer.name("systemInstruction")
        writer.beginObject()
        writer.name("parts")
        writer.beginArray()
        for text in texts { writer.geminiText(text) }
        if request.describesFormat { writeFormatInstruction(to: &writer) }
        writer.endArray()
        writer.endObject()
    }

    private var systemTexts: [JSONText] {
        request.conversation.system.compactMap {
            if case .text(let text) = $0.content, !text.isEmpty { text } else { nil }
        }
    }

    private func writeFormatInstruction(to writer: inout JSONWriter) {
        guard let format = request.conversation.outputFormat else { return }
        writer.beginObject()
        writer.name("text")
        writer.beginString()
        writer.appendToString("When you give your final answer, and call no tool, answer with JSON only: one object, no fences, no other words.")
        if case .schema(let schema, _, _, _) = format {
            writer.appendToString(" It follows this JSON Schema:\n")
            var written = JSONWriter()
            SchemaWriter.write(schema, isOpenAPI: request.conversation.hasOpenAPIOutputSchema, to: &written)
            writer.appendToString(utf8: written.bytes)
        }
        writer.endString()
        writer.endObject()
    }

    // MARK: Contents

    func write(plan: inout AnswerPlan, to writer: inout JSONWriter) throws(RequestProblem) {
        writer.name("contents")
        writer.beginArray()
        if isSystemOnly {
            writer.beginGeminiContent(isModel: false)
            for text in systemTexts { writer.geminiText(text) }
            if systemTexts.isEmpty { writer.geminiText(JSONText(" ")) }
            writer.endGeminiContent()
        } else if sides[0].isModel {
            // A conversation begins with the user.
            writer.beginGeminiContent(isModel: false)
            writer.geminiText(JSONText(" "))
            writer.endGeminiContent()
        }
        for (place, side) in sides.enumerated() {
            if side.isModel {
                try writeModel(side, plan: &plan, to: &writer)
            } else {
                let calls = place > 0 ? sides[place - 1].calls : []
                try writeUser(side, after: calls, plan: &plan, to: &writer)
            }
        }
        writer.endArray()
    }

    private func writeModel(_ side: Side, plan: inout AnswerPlan, to writer: inout JSONWriter) throws(RequestProblem) {
        var parts = GeminiModelParts(request)
        for part in side.parts { try parts.write(part, plan: &plan, to: &writer) }
        parts.finish(to: &writer)
    }

    private func writeUser(
        _ side: Side, after calls: [ToolCall], plan: inout AnswerPlan, to writer: inout JSONWriter
    ) throws(RequestProblem) {
        var results = GeminiResults(request, of: calls)
        var others: [ConversationPart] = []
        for part in side.parts {
            guard case .toolResult(let result) = part.content else {
                others.append(part)
                continue
            }
            if !results.add(result) { others += Self.loose(result) }
        }
        if !calls.isEmpty { others = try results.write(plan: &plan, to: &writer) + others }
        var isOpen = false
        for part in others {
            guard Self.isSaid(part) else { continue }
            if !isOpen { writer.beginGeminiContent(isModel: false) }
            isOpen = true
            try writer.geminiPart(part)
        }
        if isOpen { writer.endGeminiContent() }
    }

    /// Whether a part of the user's leads to anything in Gemini's words.
    private static func isSaid(_ part: ConversationPart) -> Bool {
        switch part.content {
        case .text(let text), .refusal(let text), .image(.text(let text)), .file(.text(let text), _): !text.isEmpty
        case .image, .file, .audio: true
        case .thinking, .sealedThinking, .toolCall, .toolResult: false
        }
    }

    /// A result whose call is not there (cut from the history): what it says, as the user's words.
    private static func loose(_ result: ToolResult) -> [ConversationPart] {
        guard let object = result.object else { return result.parts }
        return [.text(.plain(object.rawBytes))]
    }
}
