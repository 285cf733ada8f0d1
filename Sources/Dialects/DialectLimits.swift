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
    /// What a Responses writer keeps of an answer, whose end says all of it again, in bytes as they stand escaped: several times what any model
    /// writes. A longer answer is cut here and ends as incomplete.
    public static let answerKeptBytesMax = 4 << 20
    /// What an item of a Responses answer counts beside its text.
    public static let answerItemBytes = 256
    /// How many items of a provider's Responses stream may be open at once; those beyond are read when they come whole.
    public static let openItemsMax = 256
    /// Longest `safety_identifier` that OpenAI takes, in bytes; a longer one is replaced by its hash.
    public static let responsesUserBytesMax = 64
    /// The least `max_output_tokens` that OpenAI takes.
    public static let responsesOutputTokensMin = 16
}
