/// Keeps thinking from a client that does not want to read it, though its provider sends it.
///
/// What belongs to the thinking still reaches the client, as it has to come back; but a signature of Anthropic's over a text that the client never saw
/// would not be believed.
struct HiddenThinking {
    private let isOn: Bool
    private var hasHidden = false

    init(_ plan: AnswerPlan) {
        isOn = !plan.showsThinking
    }

    /// Whether the writer shall pass over the step.
    mutating func hides(_ event: AnswerEvent) -> Bool {
        guard isOn else { return false }
        switch event {
        case .thinking(let text):
            hasHidden = hasHidden || !text.isEmpty
            return true
        case .thinkingBreak:
            return true
        case .signature(let state):
            defer { hasHidden = false }
            return state.origin == .messages && hasHidden
        default:
            return false
        }
    }
}
