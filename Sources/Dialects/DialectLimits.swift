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

    // MARK: Gemini

    /// Arguments of all calls that a Gemini writer keeps until they are whole, in bytes; a call beyond is left out, and the answer counts as malformed.
    public static let bufferedCallBytesMax = 8 << 20
    /// Calls that a Gemini writer keeps at the same time.
    public static let bufferedCallsMax = 256
    /// How deep arguments that a Gemini provider streams in pieces may be nested.
    public static let partialArgumentsDepthMax = 64
    /// How deep a schema is followed when it is put in Gemini's subset of OpenAPI; what lies deeper is left out.
    public static let schemaDepthMax = 32
    /// Members and elements of lists that are read for one schema in Gemini's subset, again for each reference to them; further ones are left out.
    public static let schemaPartsMax = 65_536
    /// Stop texts that Gemini takes.
    public static let geminiStopTextsMax = 5
    /// The longest answer of Gemini 2.5 and newer, in tokens.
    public static let geminiOutputTokensMax = 65_536
    /// The longest answer of older models of Google's, in tokens.
    public static let oldGeminiOutputTokensMax = 8_192
}
