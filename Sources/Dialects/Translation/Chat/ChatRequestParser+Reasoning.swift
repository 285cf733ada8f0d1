import Streaming

extension ChatRequestParser {
    /// How much the client wants the model to think: `reasoning_effort` (OpenAI), `reasoning` (OpenRouter), `thinking` (DeepSeek, Z.ai).
    static func reasoning(_ root: JSONValue) throws(RequestProblem) -> ReasoningWish {
        var wish = ReasoningWish()
        if let effort = try text(root, "reasoning_effort") { try take(effort: effort, "reasoning_effort", into: &wish) }
        if let reasoning = root.present("reasoning"), reasoning.isObject { try take(reasoning: reasoning, into: &wish) }
        if let thinking = root.present("thinking"), thinking.isObject { take(thinking: thinking, into: &wish) }
        if let isShown = root.present("include_reasoning")?.bool { wish.isShown = isShown }
        return wish
    }

    private static func take(
        effort: JSONText, _ member: StaticName, into wish: inout ReasoningWish
    ) throws(RequestProblem) {
        if effort.equals("none") {
            wish.mode = .off
            return
        }
        wish.mode = .on
        // "default" is Groq's word for the model's own measure.
        if effort.equals("default") { return }
        guard let level = ReasoningWish.Effort(effort) else {
            throw .invalid(member: member, reason: "it must be none, minimal, low, medium, high or xhigh")
        }
        wish.effort = level
    }

    private static func take(reasoning: JSONValue, into wish: inout ReasoningWish) throws(RequestProblem) {
        if let enabled = reasoning.present("enabled")?.bool { wish.mode = enabled ? .on : .off }
        if let effort = JSONText(reasoning.present("effort")), !effort.isEmpty { try take(effort: effort, "reasoning.effort", into: &wish) }
        if let budget = reasoning.present("max_tokens")?.count {
            wish.mode = budget == 0 ? .off : .on
            wish.budgetTokens = budget == 0 ? nil : budget
        }
        if let excludes = reasoning.present("exclude")?.bool { wish.isShown = !excludes }
        wish.summary = JSONText(reasoning.present("summary"))
    }

    private static func take(thinking: JSONValue, into wish: inout ReasoningWish) {
        guard let type = thinking.present("type") else { return }
        if type.equals("disabled") { wish.mode = .off }
        if type.equals("adaptive") { wish.mode = .adaptive }
        guard type.equals("enabled") else { return }
        wish.mode = .on
        wish.budgetTokens = thinking.present("budget_tokens")?.count ?? wish.budgetTokens
    }
}
