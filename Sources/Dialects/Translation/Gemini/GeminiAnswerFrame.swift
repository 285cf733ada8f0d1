import Streaming

/// What stands around the content of a Gemini answer: its names, its counts, and why it ended.
struct GeminiAnswerFrame {
    private var id: String
    private var model: String
    private var usage: TokenUsage?
    private var reason: StopReason?
    /// A call had to be left out.
    var hasBrokenCall = false

    init(_ plan: AnswerPlan) {
        id = plan.idStem
        model = plan.model
    }

    mutating func note(id: JSONText?, model: JSONText?) {
        if let id, !id.isEmpty { self.id = id.string }
        if let model, !model.isEmpty { self.model = model.string }
    }

    mutating func note(_ usage: TokenUsage) { self.usage = usage }

    mutating func note(_ reason: StopReason) { self.reason = reason }

    /// Begins a response: the next parts are the content's.
    func begin(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("candidates")
        writer.beginArray()
        writer.beginObject()
        writer.name("content")
        writer.beginObject()
        writer.name("parts")
        writer.beginArray()
    }

    /// Ends a response; the last one of an answer says why it ended and what it took.
    func end(_ writer: inout JSONWriter, isLast: Bool) {
        writer.endArray()
        writer.member("role", "model" as StaticString)
        writer.endObject()
        if isLast { writer.member("finishReason", finishReason) }
        writer.member("index", 0)
        writer.endObject()
        writer.endArray()
        if isLast, let usage { Self.write(usage, to: &writer) }
        writer.member("modelVersion", .owned(model))
        writer.member("responseId", .owned(id))
        writer.endObject()
    }

    /// Gemini stops for calls as it stops for anything else. An end without any reason is none of Gemini's reasons.
    private var finishReason: StaticString {
        if hasBrokenCall { return "MALFORMED_FUNCTION_CALL" }
        return switch reason {
        case .complete, .stopText, .toolCalls, .paused: "STOP"
        case .outputLimit, .contextLimit: "MAX_TOKENS"
        case .filtered: "SAFETY"
        case .broken, nil: "OTHER"
        }
    }

    private static func write(_ usage: TokenUsage, to writer: inout JSONWriter) {
        writer.name("usageMetadata")
        writer.beginObject()
        writer.member("promptTokenCount", usage.input + usage.cacheRead + usage.cacheWrite)
        let reasoning = min(usage.reasoning, usage.output)
        writer.member("candidatesTokenCount", usage.output - reasoning)
        if reasoning > 0 { writer.member("thoughtsTokenCount", reasoning) }
        if usage.cacheRead > 0 { writer.member("cachedContentTokenCount", usage.cacheRead) }
        writer.member("totalTokenCount", usage.total)
        writer.endObject()
    }
}

extension JSONWriter {
    /// A part that is a thought.
    mutating func geminiThought(_ text: JSONText, signature: JSONText? = nil) {
        beginObject()
        member("text", text)
        member("thought", true)
        if let signature { member("thoughtSignature", signature) }
        endObject()
    }
}
