import Streaming

/// Writes a conversation as a chat completions request, in the accent of the provider that gets it.
enum ChatRequestWriter: RequestWriter {
    static func write(
        _ conversation: Conversation, for target: TranslationTarget, plan: inout AnswerPlan, reader: JSONReader, to writer: inout JSONWriter
    ) throws(RequestProblem) {
        guard (conversation.sampling.candidateCount ?? 1) == 1 else {
            throw .notTranslatable(member: "n", reason: "a translated answer has one choice")
        }
        let accent = ChatAccent(target)
        var conversation = conversation
        let format = ChatFormatWriting(conversation, accent)
        if let instruction = format.instruction { conversation.system.append(.text(instruction)) }
        if accent.foldsLaterInstructions { foldLaterInstructions(&conversation) }

        writer.beginObject()
        writer.name("model")
        writer.string(target.model)
        var messages = ChatMessageWriting(conversation, accent, reader)
        try messages.write(to: &writer, plan: &plan)
        ChatToolWriting(conversation, accent).write(to: &writer, plan: &plan)
        format.write(to: &writer)
        writeBounds(conversation, target, accent, to: &writer)
        ChatReasoningWriting(conversation.reasoning, target, accent).write(to: &writer)
        writeSampling(conversation.sampling, accent, to: &writer)
        writeAccount(conversation, accent, to: &writer)
        if conversation.isStreaming {
            writer.member("stream", true)
            // Without it a provider does not tell what the answer cost.
            if accent.takesStreamOptions { writer.name("stream_options"); writer.json("{\"include_usage\":true}") }
        }
        writer.endObject()
    }

    private static func foldLaterInstructions(_ conversation: inout Conversation) {
        for index in conversation.turns.indices where conversation.turns[index].role == .system { conversation.turns[index].role = .user }
        conversation.joinTurns()
    }

    private static func writeBounds(
        _ conversation: Conversation, _ target: TranslationTarget, _ accent: ChatAccent, to writer: inout JSONWriter
    ) {
        if let bound = conversation.maxOutputTokens {
            writer.member(accent.outputBound, min(bound, target.outputTokensMax ?? bound))
        }
        guard accent.takesStop, !conversation.stop.isEmpty else { return }
        writer.name("stop")
        writer.beginArray()
        for text in conversation.stop.prefix(DialectLimits.chatStopTextsMax) { writer.string(text) }
        writer.endArray()
    }

    private static func writeSampling(_ sampling: SamplingOptions, _ accent: ChatAccent, to writer: inout JSONWriter) {
        if accent.takesTemperature {
            if let temperature = sampling.temperature {
                writer.name("temperature")
                if accent.limitsTemperatureToOne, isAboveOne(temperature) { writer.integer(1) } else { writer.json(temperature.rawBytes) }
            }
            writer.member("top_p", sampling.topP)
        }
        if accent.takesTopK { writer.member("top_k", sampling.topK) }
        if let name = accent.seed { writer.member(name, sampling.seed) }
        if accent.takesPenalties {
            writer.member("frequency_penalty", sampling.frequencyPenalty)
            writer.member("presence_penalty", sampling.presencePenalty)
        }
        if accent.takesLogitBias { writer.member("logit_bias", sampling.logitBias) }
    }

    private static func isAboveOne(_ number: JSONValue) -> Bool {
        (Double(String(decoding: number.rawBytes, as: UTF8.self)) ?? 0) > 1
    }

    /// Who asks, and how the provider shall treat it.
    private static func writeAccount(_ conversation: Conversation, _ accent: ChatAccent, to writer: inout JSONWriter) {
        if let user = conversation.user, accent.takesUser { writer.member("user", label(user, prefix: "user_")) }
        if accent.takesPlatformMembers {
            if let key = conversation.cacheKey { writer.member("prompt_cache_key", label(key, prefix: "cache_")) }
            if let stores = conversation.stores { writer.member("store", stores) }
            // OpenAI takes metadata of stored answers only.
            if conversation.stores == true { writer.member("metadata", conversation.metadata) }
        }
        if let tier = conversation.serviceTier, accent.takesServiceTier(tier) { writer.member("service_tier", tier) }
        if let verbosity = conversation.verbosity, accent.takesVerbosity { writer.member("verbosity", verbosity) }
    }

    /// A name that is too long for OpenAI (Claude Code's is a whole JSON text) goes as its hash.
    private static func label(_ text: JSONText, prefix: String) -> JSONText {
        text.byteCount <= DialectLimits.chatLabelBytesMax ? text : .owned(CallID.hashed(text, prefix: prefix))
    }
}
