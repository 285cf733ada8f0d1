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

    /// How often a tool's name is hashed anew when another tool has the name already.
    public static let toolNameAttemptsMax = 16

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
