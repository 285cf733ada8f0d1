import Streaming

/// Writes how much the model shall think, in the words of the provider. A budget and an effort stand for each other where only one is known.
struct ChatReasoningWriting {
    private let wish: ReasoningWish
    private let target: TranslationTarget
    private let accent: ChatAccent

    init(_ wish: ReasoningWish, _ target: TranslationTarget, _ accent: ChatAccent) {
        self.wish = wish
        self.target = target
        self.accent = accent
    }

    /// The wished effort; the middle one where thinking is wanted and no measure given.
    private var effort: ReasoningWish.Effort {
        wish.effort ?? wish.budgetTokens.map { ReasoningWish.Effort(budgetTokens: $0) } ?? .medium
    }

    private var isOff: Bool { wish.mode == .off }

    func write(to writer: inout JSONWriter) {
        switch accent.profile {
        case .openAI: writeOpenAI(to: &writer)
        case .openrouter: writeOpenRouter(to: &writer)
        case .groq: writeGroq(to: &writer)
        case .xai: writeXAI(to: &writer)
        case .deepseek, .zai:
            if isOff || wish.isWanted { writeSwitch(to: &writer) }
        case .anthropic:
            if isOff || wish.isWanted { writeSwitch(budget: max(wish.budgetTokens ?? effort.budgetTokens, 1_024), to: &writer) }
        case .google: writeGoogle(to: &writer)
        case .ollama: writeOllama(to: &writer)
        // Mistral refuses members that it does not know; of others nothing is known.
        case .mistral, .compatible: break
        }
    }

    private func writeOpenAI(to writer: inout JSONWriter) {
        guard accent.isReasoningModel else { return }
        let model = OpenAIModel(accent.model)
        if isOff {
            if let least = model.leastEffort { writer.member("reasoning_effort", least) }
        } else if wish.isWanted, let effort = model.effort(effort) {
            writer.member("reasoning_effort", effort)
        }
    }

    private func writeOpenRouter(to writer: inout JSONWriter) {
        guard isOff || wish.isWanted || wish.isShown != nil, target.reasons != false else { return }
        writer.name("reasoning")
        writer.beginObject()
        if isOff {
            writer.member("enabled", false)
        } else if let budget = wish.budgetTokens, wish.effort == nil {
            writer.member("max_tokens", budget)
        } else if let effort = wish.effort {
            writer.member("effort", effort.openAIName)
        } else if wish.isWanted {
            writer.member("enabled", true)
        }
        if let isShown = wish.isShown { writer.member("exclude", !isShown) }
        writer.endObject()
    }

    private func writeGroq(to writer: inout JSONWriter) {
        if accent.model.contains("gpt-oss") {
            if wish.isWanted { writer.member("reasoning_effort", lowToHigh) }
        } else if accent.model.contains("qwen3") {
            if isOff { writer.member("reasoning_effort", "none") }
            // Else the thinking stands within the text, in tags.
            if wish.isWanted { writer.member("reasoning_format", "parsed") }
        }
    }

    /// Of xAI's models one family alone has a measure, of two degrees; the others refuse the member.
    private func writeXAI(to writer: inout JSONWriter) {
        guard accent.model.hasPrefix("grok-3-mini"), wish.isWanted else { return }
        writer.member("reasoning_effort", effort >= .medium ? "high" : "low")
    }

    private func writeSwitch(budget: Int? = nil, to writer: inout JSONWriter) {
        writer.name("thinking")
        writer.beginObject()
        writer.member("type", isOff ? "disabled" : "enabled")
        if let budget, !isOff { writer.member("budget_tokens", budget) }
        writer.endObject()
    }

    private func writeGoogle(to writer: inout JSONWriter) {
        if isOff {
            // The others cannot do without.
            if accent.model.contains("2.5-flash") { writer.member("reasoning_effort", "none") }
        } else if wish.isWanted {
            writer.member("reasoning_effort", lowToHigh)
        }
    }

    private func writeOllama(to writer: inout JSONWriter) {
        guard target.reasons != false else { return }
        if isOff { writer.member("reasoning_effort", "none") } else if wish.isWanted { writer.member("reasoning_effort", lowToHigh) }
    }

    private var lowToHigh: StaticString {
        switch effort {
        case .minimal, .low: "low"
        case .medium: "medium"
        case .high, .xhigh, .max: "high"
        }
    }
}
