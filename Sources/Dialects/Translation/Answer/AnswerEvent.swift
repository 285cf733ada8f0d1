import Streaming

/// One step of a model's answer, in no dialect. Answer parsers make them from a stream's events or from a whole document, answer writers put them in
/// words. What they hold is borrowed: valid during the call.
///
/// The order: `opened` at most once and first; then content in any order; `finish` once; `usage` any number of times, the last one counts; `end` last.
/// A `failure` ends it too. Blocks have no ends of their own: a writer closes one when another kind of content begins. A `signature` closes the
/// thinking that it follows: thinking after it is a new block.
enum AnswerEvent {
    /// The provider's names of the answer and of the model, where it told them.
    case opened(id: JSONText?, model: JSONText?)
    /// A piece of the answer's text.
    case text(JSONText)
    /// A piece of thinking, or of a summary of it.
    case thinking(JSONText)
    /// Begins a new paragraph of thinking: another part of a summary (Responses).
    case thinkingBreak
    /// What the provider wants back with the thinking before it, or (Gemini) with the content that comes next.
    case signature(ProviderState)
    /// A piece of a refusal.
    case refusal(JSONText)
    /// A call of a tool begins. `call` numbers the calls of the answer from 0, in the order in which they begin.
    case toolCall(call: Int, id: JSONText?, name: JSONText)
    /// A piece of a call's arguments: of the text of a JSON object. None at all stands for `{}`. Pieces of several calls may alternate.
    case toolArguments(call: Int, JSONText)
    /// All pieces of this call were given. Not every dialect tells; `finish` says so for all.
    case toolCallEnded(call: Int)
    /// Why the model stopped, and which stop text it met, where that is told.
    case finish(StopReason, stopText: JSONText?)
    case usage(TokenUsage)
    /// The provider says that it failed.
    case failure(AnswerFailure)
    /// The dialect's end mark: the answer is whole.
    case end

    /// Whether it is content: something that the model made. It commits an attempt.
    var isContent: Bool {
        switch self {
        case .text, .thinking, .signature, .refusal, .toolCall, .toolArguments: true
        case .opened, .thinkingBreak, .toolCallEnded, .finish, .usage, .failure, .end: false
        }
    }
}

/// Why a model stopped.
enum StopReason {
    /// It had said everything.
    case complete
    /// The bound of the answer was reached.
    case outputLimit
    /// The model's context is full.
    case contextLimit
    /// One of the client's stop texts came.
    case stopText
    /// It calls tools.
    case toolCalls
    /// A filter, or the model's own refusal.
    case filtered
    /// A long turn is paused; the client sends it back to go on (Anthropic).
    case paused
    /// A call that makes no sense was made (Gemini's `MALFORMED_FUNCTION_CALL`), or anything else that went wrong in the model.
    case broken
}
