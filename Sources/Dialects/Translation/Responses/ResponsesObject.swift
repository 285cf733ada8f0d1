import Streaming

/// The `response` object, which opens a stream, ends it, and is a whole answer.
struct ResponsesObject {
    private(set) var id: String
    private(set) var model: String
    let createdSeconds: Int

    init(_ plan: AnswerPlan) {
        id = "resp_" + plan.idStem
        model = plan.model
        createdSeconds = plan.createdSeconds
    }

    /// Takes the provider's names where it told them.
    mutating func take(id: JSONText?, model: JSONText?) {
        if let id, !id.isEmpty, id.byteCount <= DialectLimits.answerNameBytesMax { self.id = id.string }
        if let model, !model.isEmpty, model.byteCount <= DialectLimits.answerNameBytesMax { self.model = model.string }
    }

    /// How an answer ends.
    enum Outcome {
        case inProgress
        case completed
        /// With the reason as the dialect names it.
        case incomplete(StaticString)
        case failed

        /// - Parameter isCut: it was longer than the gateway keeps.
        init(_ reason: StopReason?, isCut: Bool) {
            switch reason {
            case _ where isCut: self = .incomplete("max_output_tokens")
            case nil, .complete, .stopText, .toolCalls, .paused: self = .completed
            case .outputLimit, .contextLimit: self = .incomplete("max_output_tokens")
            case .filtered: self = .incomplete("content_filter")
            case .broken: self = .failed
            }
        }

        /// The `status`, and behind `response.` the name of the event that says so.
        var name: StaticString {
            switch self {
            case .inProgress: "in_progress"
            case .completed: "completed"
            case .incomplete: "incomplete"
            case .failed: "failed"
            }
        }
    }

    /// Everything that the SDKs' models of a response want to find.
    func write(_ outcome: Outcome, _ items: [ResponsesItem] = [], usage: TokenUsage? = nil, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("id")
        writer.string(id)
        writer.member("object", "response")
        writer.member("created_at", createdSeconds)
        writer.member("status", outcome.name)
        writer.member("background", false)
        writer.name("error")
        if case .failed = outcome {
            writer.json(#"{"code":"server_error","message":"The model broke off its answer: it made a call that makes no sense."}"#)
        } else {
            writer.null()
        }
        writer.name("incomplete_details")
        if case .incomplete(let reason) = outcome {
            writer.beginObject()
            writer.member("reason", reason)
            writer.endObject()
        } else {
            writer.null()
        }
        for name in ["instructions", "max_output_tokens", "max_tool_calls"] as [StaticString] {
            writer.name(name)
            writer.null()
        }
        writer.name("model")
        writer.string(model)
        writer.name("output")
        writer.beginArray()
        for item in items { item.write(to: &writer) }
        writer.endArray()
        writeRest(to: &writer)
        writer.name("usage")
        if let usage { usage.writeResponses(to: &writer) } else { writer.null() }
        writer.endObject()
    }

    /// What the gateway does not repeat of the request, as the dialect writes it when nothing was said.
    private func writeRest(to writer: inout JSONWriter) {
        writer.member("parallel_tool_calls", true)
        writer.name("previous_response_id")
        writer.null()
        writer.name("reasoning")
        writer.json(#"{"effort":null,"summary":null}"#)
        writer.member("store", false)
        for name in ["temperature", "top_p", "user", "service_tier"] as [StaticString] {
            writer.name(name)
            writer.null()
        }
        writer.name("text")
        writer.json(#"{"format":{"type":"text"}}"#)
        writer.member("tool_choice", "auto")
        writer.name("tools")
        writer.json("[]")
        writer.member("truncation", "disabled")
        writer.name("metadata")
        writer.json("{}")
    }
}

extension TokenUsage {
    /// As a Responses answer counts: the input with what the cache gave and took.
    fileprivate func writeResponses(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("input_tokens", input + cacheRead + cacheWrite)
        writer.name("input_tokens_details")
        writer.beginObject()
        writer.member("cached_tokens", cacheRead)
        writer.member("cache_write_tokens", cacheWrite)
        writer.endObject()
        writer.member("output_tokens", output)
        writer.name("output_tokens_details")
        writer.beginObject()
        writer.member("reasoning_tokens", reasoning)
        writer.endObject()
        writer.member("total_tokens", total)
        writer.endObject()
    }
}
