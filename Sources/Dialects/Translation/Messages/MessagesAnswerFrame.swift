import Streaming

/// What stands around an Anthropic answer's content: names, stop reason, usage. Noted as the steps come, and written when its place is there.
struct MessagesAnswerFrame {
    private let plan: AnswerPlan
    private var id: String?
    private var model: String?
    private var usage = TokenUsage()
    private var reason: StopReason?
    private var stopText: String?

    init(_ plan: AnswerPlan) {
        self.plan = plan
    }

    mutating func note(id: JSONText?, model: JSONText?) {
        if let id, !id.isEmpty { self.id = id.string }
        if let model, !model.isEmpty { self.model = model.string }
    }

    mutating func note(_ usage: TokenUsage) { self.usage = usage }

    mutating func note(_ reason: StopReason, stopText: JSONText?) {
        self.reason = reason
        self.stopText = stopText?.string
    }

    /// Writes the members of a message up to its content.
    func writeNames(to writer: inout JSONWriter) {
        writer.name("id")
        writer.string(id ?? "msg_" + plan.idStem)
        writer.member("type", "message")
        writer.member("role", "assistant")
        writer.name("model")
        writer.string(model ?? plan.model)
    }

    /// Writes `stop_reason` and `stop_sequence`.
    ///
    /// - Parameter content: some providers say no more than that they stopped; what was said before tells whether tools are called.
    func writeStop<Form>(after content: MessagesBlockSequence<Form>, to writer: inout JSONWriter) {
        writer.name("stop_reason")
        // What a client reads as "cut", so that it does not run a call without its end.
        writer.string(content.hasCutCall ? "max_tokens" : stopReason(hasCalls: content.hasCalls, hasRefusal: content.hasRefusal))
        writer.name("stop_sequence")
        if reason == .stopText, !content.hasCutCall, let stopText {
            writer.string(stopText)
        } else {
            writer.null()
        }
    }

    /// Writes `usage` as a message has it. Counts that are not known yet are 0.
    func writeUsage(to writer: inout JSONWriter) {
        writer.name("usage")
        writer.beginObject()
        writeInputCounts(to: &writer)
        writer.name("cache_creation")
        writer.beginObject()
        writer.member("ephemeral_5m_input_tokens", usage.cacheWrite5Minutes)
        writer.member("ephemeral_1h_input_tokens", usage.cacheWrite1Hour)
        writer.endObject()
        writeOutputCounts(to: &writer)
        writer.endObject()
    }

    /// Writes `usage` as the last event of a stream has it: cumulative.
    func writeFinalUsage(to writer: inout JSONWriter) {
        writer.name("usage")
        writer.beginObject()
        writeInputCounts(to: &writer)
        writeOutputCounts(to: &writer)
        writer.endObject()
    }

    private func writeInputCounts(to writer: inout JSONWriter) {
        writer.member("input_tokens", usage.input)
        writer.member("cache_creation_input_tokens", usage.cacheWrite)
        writer.member("cache_read_input_tokens", usage.cacheRead)
    }

    private func writeOutputCounts(to writer: inout JSONWriter) {
        writer.member("output_tokens", usage.output)
        guard usage.reasoning > 0 else { return }
        writer.name("output_tokens_details")
        writer.beginObject()
        writer.member("thinking_tokens", usage.reasoning)
        writer.endObject()
    }

    /// What went wrong in the model itself (`broken`) has no word here; the turn is over.
    private func stopReason(hasCalls: Bool, hasRefusal: Bool) -> StaticString {
        switch reason {
        case .outputLimit: "max_tokens"
        case .contextLimit: "model_context_window_exceeded"
        case .stopText: "stop_sequence"
        case .filtered: "refusal"
        case .paused: "pause_turn"
        case .complete, .toolCalls, .broken, nil:
            if hasCalls { "tool_use" } else if hasRefusal { "refusal" } else { "end_turn" }
        }
    }
}
