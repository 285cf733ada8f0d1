import Streaming

/// Writes a Responses request for a provider: OpenAI, and those that follow it.
///
/// The gateway keeps no answers, so that `store` is false unless the client says otherwise, and a model that thinks is asked for its reasoning in a form
/// that can be sent back (`reasoning.encrypted_content`). Left out, because the dialect has no words for it: stop texts, `top_k`, seed, penalties, biases,
/// log probabilities (which no answer could carry on).
enum ResponsesRequestWriter: RequestWriter {
    static func write(
        _ conversation: Conversation, for target: TranslationTarget, plan: inout AnswerPlan, reader: JSONReader, to writer: inout JSONWriter
    ) throws(RequestProblem) {
        if let count = conversation.sampling.candidateCount, count > 1 {
            throw .notTranslatable(member: "n", reason: "it gives one answer to a request")
        }
        var conversation = conversation
        if conversation.turns.isEmpty, !conversation.system.isEmpty {
            // OpenAI refuses a request without any input.
            conversation.turns = [ConversationTurn(role: .system, parts: conversation.system)]
            conversation.system = []
        }
        let model = OpenAIModel(target.model)
        let reasons = target.reasons ?? model.isReasoning
        writer.beginObject()
        writer.name("model")
        writer.string(target.model)
        if conversation.isStreaming { writer.member("stream", true) }
        writer.member("store", conversation.stores ?? false)
        if reasons, conversation.stores != true {
            writer.name("include")
            writer.json(#"["reasoning.encrypted_content"]"#)
        }
        writeInstructions(conversation.system, to: &writer)
        try writeInput(conversation, target, plan: &plan, to: &writer)
        writeTools(conversation, plan: &plan, to: &writer)
        writeText(conversation, model, to: &writer)
        if reasons { writeReasoning(conversation.reasoning, model, to: &writer) }
        writeBounds(conversation, target, model, to: &writer)
        writeLabels(conversation, to: &writer)
        writer.endObject()
    }

    /// The texts one under the other, as one.
    private static func writeInstructions(_ parts: [ConversationPart], to writer: inout JSONWriter) {
        var isFirst = true
        for part in parts {
            guard case .text(let text) = part.content, !text.isEmpty else { continue }
            if isFirst {
                writer.name("instructions")
                writer.beginString()
            } else {
                writer.appendToString(JSONText("\n\n"))
            }
            isFirst = false
            writer.appendToString(text)
        }
        if !isFirst { writer.endString() }
    }

    // MARK: The answer's form

    private static func writeText(_ conversation: Conversation, _ model: OpenAIModel, to writer: inout JSONWriter) {
        let verbosity = model.isGPT5 ? conversation.verbosity : nil
        guard conversation.outputFormat != nil || verbosity != nil else { return }
        writer.name("text")
        writer.beginObject()
        switch conversation.outputFormat {
        case nil: break
        case .json:
            writer.name("format")
            writer.json(#"{"type":"json_object"}"#)
        case .schema(let schema, let name, let description, let strict):
            writer.name("format")
            writer.beginObject()
            writer.member("type", "json_schema")
            let name = name.flatMap { ToolNames.isLegal($0, for: .responses) ? $0 : nil }
            writer.member("name", name ?? JSONText("output"))
            if let description { writer.member("description", description) }
            writer.name("schema")
            SchemaWriter.write(schema, isOpenAPI: conversation.hasOpenAPIOutputSchema, to: &writer)
            if let strict { writer.member("strict", strict) }
            writer.endObject()
        }
        if let verbosity { writer.member("verbosity", verbosity) }
        writer.endObject()
    }

    /// A summary is asked for only where the client wants to read the thinking: OpenAI refuses it to organisations that it has not verified, and a
    /// client that merely lets the model think shall not fail for that.
    private static func writeReasoning(_ wish: ReasoningWish, _ model: OpenAIModel, to writer: inout JSONWriter) {
        let effort = effort(wish, model)
        let summary = wish.isShown == true ? wish.summary ?? JSONText("auto") : nil
        guard effort != nil || summary != nil else { return }
        writer.name("reasoning")
        writer.beginObject()
        if let effort { writer.member("effort", effort) }
        if let summary { writer.member("summary", summary) }
        writer.endObject()
    }

    private static func effort(_ wish: ReasoningWish, _ model: OpenAIModel) -> StaticString? {
        guard wish.mode != .off else {
            // Other providers' models go by their own default: `none` is a word of OpenAI's.
            return model.isReasoning ? model.leastEffort : nil
        }
        guard let effort = wish.effort ?? wish.budgetTokens.map({ ReasoningWish.Effort(budgetTokens: $0) }) else { return nil }
        return model.isReasoning ? model.effort(effort) : effort.openAIName
    }

    private static func writeBounds(
        _ conversation: Conversation, _ target: TranslationTarget, _ model: OpenAIModel, to writer: inout JSONWriter
    ) {
        if let tokens = conversation.maxOutputTokens {
            let most = max(target.outputTokensMax ?? Int.max, DialectLimits.responsesOutputTokensMin)
            writer.member("max_output_tokens", min(max(tokens, DialectLimits.responsesOutputTokensMin), most))
        }
        // Models that think refuse to be varied.
        guard !model.isReasoning else { return }
        writer.member("temperature", conversation.sampling.temperature)
        writer.member("top_p", conversation.sampling.topP)
    }

    private static func writeLabels(_ conversation: Conversation, to writer: inout JSONWriter) {
        if let user = conversation.user, !user.isEmpty { writer.member("safety_identifier", label(user, prefix: "user_")) }
        if let key = conversation.cacheKey { writer.member("prompt_cache_key", label(key, prefix: "cache_")) }
        if let metadata = conversation.metadata, metadata.isObject { writer.member("metadata", metadata) }
        let tiers: [StaticString] = ["auto", "default", "flex", "scale", "priority"]
        if let tier = conversation.serviceTier, tiers.contains(where: { tier.equals($0) }) { writer.member("service_tier", tier) }
    }

    private static func label(_ text: JSONText, prefix: String) -> JSONText {
        text.byteCount <= DialectLimits.responsesLabelBytesMax ? text : .owned(CallID.hashed(text, prefix: prefix))
    }
}
