import Streaming

// What a chat answer's two writers, of streams and of documents, have in common.

/// Names of an answer and its calls, as a chat client sees them.
struct ChatAnswerNames {
    private let plan: AnswerPlan

    init(_ plan: AnswerPlan) {
        self.plan = plan
    }

    /// Writes the members that each chunk and the document begin with.
    func write(id: JSONText?, model: JSONText?, object: StaticString, to writer: inout JSONWriter) {
        writer.member("id", Self.usable(id) ?? .owned("chatcmpl-" + plan.idStem))
        writer.member("object", object)
        writer.member("created", plan.createdSeconds)
        writer.member("model", Self.usable(model) ?? .owned(plan.model))
        // OpenRouter's SDK will not do without.
        writer.name("system_fingerprint")
        writer.null()
    }

    /// A name that the provider told. One beyond the bound counts as absent: it would be repeated with each chunk.
    private static func usable(_ name: JSONText?) -> JSONText? {
        guard let name, !name.isEmpty, name.byteCount <= DialectLimits.answerNameBytesMax else { return nil }
        return name
    }

    /// A call's id: the provider's, or one that is minted.
    func callID(_ id: JSONText?, call: Int) -> JSONText {
        if let id, !id.isEmpty { return id }
        return .owned("call_\(plan.idStem)_\(call)")
    }

    /// The tool as the client knows it. It takes free text where it is custom.
    func tool(_ name: JSONText) -> (name: JSONText, isCustom: Bool) {
        guard !plan.renamedTools.isEmpty, let tool = plan.renamedTools[name.string] else { return (name, false) }
        return (.owned(tool.name), tool.isCustom)
    }
}

extension StopReason {
    /// `finish_reason`. Chat has no word for what is broken: the filter's is the one that no client takes for success.
    ///
    /// - Parameter hasRefused: a refusal was told, which says it by itself.
    func chatName(hasRefused: Bool) -> StaticString {
        switch self {
        case .complete, .stopText, .paused: "stop"
        case .outputLimit, .contextLimit: "length"
        case .toolCalls: "tool_calls"
        case .filtered: hasRefused ? "stop" : "content_filter"
        case .broken: "content_filter"
        }
    }
}

extension TokenUsage {
    /// Writes the value of `usage`: the prompt's tokens include what the cache gave and took.
    func writeChat(to writer: inout JSONWriter) {
        let prompt = input + cacheRead + cacheWrite
        writer.beginObject()
        writer.member("prompt_tokens", prompt)
        writer.member("completion_tokens", output)
        writer.member("total_tokens", prompt + output)
        writer.name("prompt_tokens_details")
        writer.beginObject()
        writer.member("cached_tokens", cacheRead)
        if cacheWrite > 0 { writer.member("cache_write_tokens", cacheWrite) }
        writer.endObject()
        writer.name("completion_tokens_details")
        writer.beginObject()
        writer.member("reasoning_tokens", reasoning)
        writer.endObject()
        writer.endObject()
    }
}

extension ProviderState {
    /// The state with texts of its own, to be kept beyond the call.
    var kept: ProviderState { ProviderState(origin, id: id.map { .owned($0.string) }, .owned(value.string)) }

    /// Whether it stands in a `reasoning.text` element, as the signature of its text; else in a `reasoning.encrypted` one.
    var signsText: Bool { origin == .messages }

    /// Writes an element of `reasoning_details`. `index` is what clients join the pieces of an element by.
    ///
    /// - Parameters:
    ///   - text: the inside of a string, escaped; written where the state signs a text.
    ///   - callID: the call that a Gemini signature belongs to.
    func writeDetail(index: Int, text: UnsafeRawBufferPointer, callID: JSONText?, to writer: inout JSONWriter) {
        // Chat's own is an element already.
        if origin == .chat { return writer.json(value.string) }
        writer.beginObject()
        writer.member("type", signsText ? "reasoning.text" : "reasoning.encrypted")
        writer.member("index", index)
        if let callID { writer.member("id", callID) }
        if signsText { writer.member("text", .escaped(text)) }
        writer.name(signsText ? "signature" : "data")
        writer.beginString()
        appendMarked(to: &writer)
        writer.endString()
        writer.endObject()
    }
}
