/// What reading along a stream, or a whole answer, has found so far.
public struct ObservedAnswer: Sendable, Equatable {
    /// The provider's counts; nil while it gave none. Before the end of a Messages stream these are its opening counts.
    public var usage: TokenUsage?
    /// True once `usage` holds the provider's final counts.
    public var usageIsFinal = false
    /// The provider's identifier of the answer (`chatcmpl-…`, `msg_…`, `resp_…`).
    public var responseID: String?
    /// The model that the provider says answered.
    public var model: String?
    /// The first failure that the provider reported inside the answer.
    public var failure: AnswerFailure?
    /// True once the dialect's end mark passed: the answer is whole.
    public var isComplete = false
    /// How many events carried content.
    public var contentEvents = 0
    /// Bytes of generated text, thinking and tool arguments that passed, as they stand escaped in the JSON.
    public var contentTextBytes = 0

    public init() {}

    /// Tokens generated, judged by what passed: at least one for each content event, and one for every four bytes of text.
    /// OpenAI sends about a token an event, Anthropic and Gemini several; four bytes a token is the usual rule of thumb.
    public var estimatedOutputTokens: Int { max(contentEvents, (contentTextBytes + 3) / 4) }

    /// The counts to book at the end, whichever way it came: the provider's where it told them, else estimates, marked so.
    /// A failure before any content counts nothing: providers do not bill it.
    ///
    /// - Parameter estimatedInputTokens: the caller's guess at the prompt, for an answer that broke off before its usage.
    public func settledUsage(estimatedInputTokens: Int = 0) -> TokenUsage {
        if let usage, usageIsFinal { return usage }
        if failure != nil, contentEvents == 0 { return TokenUsage() }
        var settled: TokenUsage
        if let usage {
            settled = usage
            settled.output = max(usage.output, estimatedOutputTokens)
        } else {
            settled = TokenUsage()
            settled.input = max(0, estimatedInputTokens)
            settled.output = estimatedOutputTokens
        }
        settled.isEstimated = true
        return settled
    }

    mutating func noteContent(textBytes: Int) {
        contentEvents += 1
        contentTextBytes += textBytes
    }
}
