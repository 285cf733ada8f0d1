/// Every bound of this module in one place.
public enum DialectLimits {
    /// Longest model name that a request may carry, in UTF-8 bytes.
    public static let modelNameBytesMax = 256
    /// Longest user or session hint that is kept; a longer one is cut off here, at a character.
    public static let hintBytesMax = 256
    /// Longest identifier or model name kept from an answer; a longer one counts as absent.
    public static let answerNameBytesMax = 512
    /// Longest failure message kept from an answer; the rest is cut off at a character.
    public static let failureMessageBytesMax = 2_048
    /// Largest count that a usage member is believed to hold; greater ones are cut to it, so that sums never overflow.
    public static let tokensMax = 1_000_000_000_000
    /// Largest cost kept from an answer: one million USD, in 10^-12 USD.
    public static let costPicodollarsMax: Int64 = 1_000_000_000_000_000_000
    /// Largest part of a whole (not streamed) answer that is kept for reading: the usage object, an error.
    public static let answerMemberBytesMax = 16 * 1_024

    // MARK: Translation

    /// How often a tool's name is hashed anew when another tool has the name already.
    public static let toolNameAttemptsMax = 16
    /// What a writer keeps of blocks that wait for an unfinished call; beyond it the calls before them count as finished.
    public static let waitingAnswerBytesMax = 1 << 20
    /// The largest opaque state that a writer keeps until it knows that content follows; a larger one is written at once.
    public static let heldStateBytesMax = 1 << 20
    /// Anthropic's bound for cache marks in a request.
    public static let cacheMarksMax = 4
    /// Anthropic's least budget for thinking, in tokens.
    public static let thinkingBudgetMin = 1_024
    /// Room for the answer itself beside a budget of thinking, where the client set no bound, in tokens.
    public static let answerTokensBesideThinking = 4_096
    /// The bound of an Anthropic answer whose client set none, in tokens; less for models that have less.
    public static let messagesOutputTokensMax = 32_000
    /// The same for a model that nothing is known of.
    public static let messagesOutputTokensDefault = 8_192
    /// Longest `metadata.user_id` that Anthropic takes, in bytes.
    public static let messagesUserBytesMax = 256
    /// How many tools with strict schemas one request to Anthropic may have.
    public static let strictToolsMax = 20

    // MARK: Chat

    /// How many calls of tools one chat answer may make; an answer with more is taken for broken.
    public static let chatToolCallsMax = 1_024
    /// What a chat answer's parser or writer keeps of one call: arguments before a name, the input of a custom tool. More is taken for broken.
    public static let chatHeldCallBytesMax = 8 << 20
    /// Longest name of a user or of a prompt cache that OpenAI takes, in bytes; a longer one is sent as a hash.
    public static let chatLabelBytesMax = 64
    /// How many stop texts OpenAI takes; more are cut off.
    public static let chatStopTextsMax = 4
}
