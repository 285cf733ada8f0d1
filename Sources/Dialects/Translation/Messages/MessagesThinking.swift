import Streaming

/// Whether and how an Anthropic model shall think, and how long its answer may be: the two depend on each other.
struct MessagesThinking {
    enum Mode: Equatable {
        /// Nothing is said.
        case unsaid
        case disabled
        case adaptive
        case budget(Int)
    }

    private(set) var mode = Mode.unsaid
    /// `output_config.effort`.
    private(set) var effort: StaticString?
    /// `thinking.display`.
    private(set) var display: StaticString?
    private(set) var maxTokens: Int

    /// Whether thinking is asked for.
    var isOn: Bool {
        switch mode {
        case .adaptive, .budget: true
        case .unsaid, .disabled: false
        }
    }

    /// Whether signed thinking of the history goes along: without thinking it is of no use.
    private(set) var keepsHistory = false

    /// - Parameter conversation: its turns joined.
    init(_ conversation: Conversation, target: TranslationTarget, model: MessagesModel) {
        let wish = conversation.reasoning
        let bound = conversation.maxOutputTokens.map { min($0, target.outputTokensMax ?? $0) }
        maxTokens = bound ?? min(target.outputTokensMax ?? model.outputTokensDefault, max(model.outputTokensDefault, DialectLimits.messagesOutputTokensMax))
        let thinks = target.reasons ?? model.thinks
        let isBroken = thinks && (wish.isWanted || model.thinksByDefault) && Self.lacksSignedThinking(conversation.turns)
        if wish.isWanted, thinks, !isBroken {
            if model.isAdaptive {
                mode = .adaptive
                let effort = wish.effort ?? wish.budgetTokens.map { ReasoningWish.Effort(budgetTokens: $0) }
                self.effort = effort.map { model.effort($0) }
            } else {
                takeBudget(wish, isBounded: bound != nil, most: target.outputTokensMax ?? model.outputTokensMax)
            }
        } else if model.thinksByDefault, thinks, isBroken || wish.mode == .off {
            mode = .disabled
        }
        switch mode {
        case .adaptive, .budget:
            keepsHistory = true
            if model.hasThinkingDisplay { display = wish.isShown.map { $0 ? "summarized" : "omitted" } }
        case .disabled:
            keepsHistory = false
        case .unsaid:
            keepsHistory = model.thinksByDefault && thinks
        }
    }

    /// A budget below the answer's bound. The client's own bound stands, and the budget gives way; ours makes room.
    private mutating func takeBudget(_ wish: ReasoningWish, isBounded: Bool, most: Int?) {
        var budget = wish.budgetTokens ?? (wish.effort ?? .medium).budgetTokens
        budget = max(budget, DialectLimits.thinkingBudgetMin)
        if !isBounded {
            let wanted = max(maxTokens, budget + DialectLimits.answerTokensBesideThinking)
            maxTokens = min(wanted, most ?? wanted)
        }
        budget = min(budget, maxTokens - 1)
        if budget >= DialectLimits.thinkingBudgetMin { mode = .budget(budget) }
    }

    /// Whether the history calls tools without the signed thinking that led there: a client of another dialect cannot always carry it, and
    /// Anthropic refuses such a turn once thinking is on.
    private static func lacksSignedThinking(_ turns: [ConversationTurn]) -> Bool {
        turns.contains { turn in
            guard turn.role == .assistant else { return false }
            var isLed: Bool?
            for part in turn.parts {
                switch part.content {
                case .thinking(_, let state):
                    if isLed == nil, state?.origin == .messages { isLed = true }
                case .sealedThinking(let state):
                    if isLed == nil, state.origin.dialect == .messages { isLed = true }
                case .text(let text):
                    if isLed == nil, !text.isBlank { isLed = false }
                case .toolCall:
                    if isLed != true { return true }
                default:
                    if isLed == nil { isLed = false }
                }
            }
            return false
        }
    }
}
