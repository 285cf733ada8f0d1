import Streaming

// `generationConfig`.

extension GeminiRequest {
    func writeOptions(to writer: inout JSONWriter) throws(RequestProblem) {
        writer.name("generationConfig")
        writer.beginObject()
        if let bound = outputTokens { writer.member("maxOutputTokens", bound) }
        if !conversation.stop.isEmpty {
            guard conversation.stop.count <= DialectLimits.geminiStopTextsMax else {
                throw .notTranslatable(member: "stop_sequences", reason: "Gemini takes at most five")
            }
            writer.name("stopSequences")
            writer.beginArray()
            for text in conversation.stop { writer.string(text) }
            writer.endArray()
        }
        writeSampling(to: &writer)
        writeFormat(to: &writer)
        writeThinking(to: &writer)
        writer.endObject()
    }

    /// The client's bound, cut to what the model has: Gemini refuses a greater one.
    private var outputTokens: Int? {
        conversation.maxOutputTokens.map { min($0, target.outputTokensMax ?? model.outputTokensMax) }
    }

    private func writeSampling(to writer: inout JSONWriter) {
        let sampling = conversation.sampling
        writer.member("temperature", sampling.temperature)
        writer.member("topP", sampling.topP)
        if let count = sampling.topK?.count { writer.member("topK", count) }
        // Gemini's seed has 32 bits.
        if let seed = sampling.seed?.int64, let seed = Int32(exactly: seed) { writer.member("seed", Int(seed)) }
        // Some models refuse penalties altogether: those that change nothing are left out.
        if !Self.isZero(sampling.presencePenalty) { writer.member("presencePenalty", sampling.presencePenalty) }
        if !Self.isZero(sampling.frequencyPenalty) { writer.member("frequencyPenalty", sampling.frequencyPenalty) }
    }

    private static func isZero(_ value: JSONValue?) -> Bool { value?.decimal?.significand == 0 }

    private func writeFormat(to writer: inout JSONWriter) {
        guard let format = conversation.outputFormat, !describesFormat else { return }
        writer.member("responseMimeType", "application/json" as StaticString)
        guard case .schema(let schema, _, _, _) = format else { return }
        if model.takesJSONSchema {
            writer.name("responseJsonSchema")
            writeSchema(schema, isOpenAPI: conversation.hasOpenAPIOutputSchema, to: &writer)
        } else if let subset = GeminiSchema(schema) {
            writer.name("responseSchema")
            subset.write(to: &writer)
        }
    }

    // MARK: Thinking

    private func writeThinking(to writer: inout JSONWriter) {
        let wish = conversation.reasoning
        guard target.reasons ?? true, wish.isWanted || wish.mode == .off || wish.isShown == true else { return }
        switch model.thinking {
        case .fixed:
            return
        case .budget(let range, let canBeOff):
            writer.name("thinkingConfig")
            writer.beginObject()
            if let budget = budget(wish, range, canBeOff: canBeOff) { writer.member("thinkingBudget", budget) }
        case .level(let hasMinimal, let hasMedium):
            writer.name("thinkingConfig")
            writer.beginObject()
            if let level = level(wish, hasMinimal: hasMinimal, hasMedium: hasMedium) { writer.member("thinkingLevel", level) }
        }
        if wish.mode != .off, wish.isShown ?? wish.isWanted { writer.member("includeThoughts", true) }
        writer.endObject()
    }

    /// Tokens of thinking; -1 leaves it to the model, as does nil.
    private func budget(_ wish: ReasoningWish, _ range: ClosedRange<Int>, canBeOff: Bool) -> Int? {
        switch wish.mode {
        case .off: return canBeOff ? 0 : range.lowerBound
        case .adaptive where wish.effort == nil && wish.budgetTokens == nil: return -1
        case .unset, .on, .adaptive: break
        }
        guard let wanted = wish.budgetTokens ?? wish.effort?.budgetTokens else { return wish.mode == .on ? -1 : nil }
        // Thinking counts into the bound of the answer: it may not take all of it.
        let room = outputTokens.map { $0 - 1 } ?? range.upperBound
        return max(range.lowerBound, min(wanted, room, range.upperBound))
    }

    /// Gemini 3 cannot be told not to think: the least level comes nearest. Nil leaves it to the model.
    private func level(_ wish: ReasoningWish, hasMinimal: Bool, hasMedium: Bool) -> StaticString? {
        let least: StaticString = hasMinimal ? "minimal" : "low"
        guard wish.mode != .off else { return least }
        guard let effort = wish.effort ?? wish.budgetTokens.map(ReasoningWish.Effort.init(budgetTokens:)) else { return nil }
        switch effort {
        case .minimal: return least
        case .low: return "low"
        case .medium: return hasMedium ? "medium" : "high"
        case .high, .xhigh, .max: return "high"
        }
    }
}
