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

    /// How much of a translated stream is written before it is handed on in the middle of a batch, in bytes.
    public static let translatedRunBytes = 32 << 10
    /// Room for writing translated streams that a loop keeps.
    public static let translationScratchBytesRetainedMax = 64 << 10

    /// How often a tool's name is hashed anew when another tool has the name already.
    public static let toolNameAttemptsMax = 16
    /// What a writer keeps of blocks that wait for an unfinished call; beyond it that call is cut, and the answer ends as one that met its bound.
    public static let waitingAnswerBytesMax = 1 << 20
    /// What a writer keeps of opaque states, all together, until it knows that content follows; beyond it they are written at once.
    public static let heldStateBytesMax = 1 << 20
    /// What a block that waits, or a state that is held, counts beside its text.
    public static let waitingBlockBytes = 64
    /// How many blocks of a provider's Messages stream may be open at once; an answer with more is taken for broken.
    public static let openBlocksMax = 1_024
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
    /// What a chat answer's parser keeps of calls whose names have not come, all of them together, in bytes. More is taken for broken.
    public static let chatHeldCallBytesMax = 8 << 20
    /// Longest name of a user or of a prompt cache that OpenAI takes, in bytes; a longer one is sent as a hash.
    public static let chatLabelBytesMax = 64
    /// How many stop texts OpenAI takes; more are cut off.
    public static let chatStopTextsMax = 4

    // MARK: Responses

    /// What a Responses writer keeps of an answer, whose end says all of it again, in bytes as they stand escaped: several times what any model
    /// writes. A longer answer is cut here and ends as incomplete.
    public static let answerKeptBytesMax = 4 << 20
    /// What an item of a Responses answer counts beside its text.
    public static let answerItemBytes = 256
    /// What a part of an item counts beside its text.
    public static let answerPartBytes = 64
    /// How many items of a provider's Responses stream may be open at once; those beyond are read when they come whole.
    public static let openItemsMax = 256
    /// Longest `safety_identifier` or `prompt_cache_key` that OpenAI takes, in bytes; a longer one is sent as a hash.
    public static let responsesLabelBytesMax = 64
    /// The least `max_output_tokens` that OpenAI takes.
    public static let responsesOutputTokensMin = 16

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
    /// What a schema in Gemini's subset may hold of texts, where references repeat them: so many times the schema's own bytes…
    public static let schemaGrowthMax = 8
    /// …and this many bytes more. Texts beyond it are left out, and so are further parts.
    public static let schemaBytesBeside = 4_096
    /// What a schema in Gemini's subset counts beside its texts, in bytes.
    public static let schemaNodeBytes = 64
    /// Stop texts that Gemini takes.
    public static let geminiStopTextsMax = 5
    /// The longest answer of Gemini 2.5 and newer, in tokens.
    public static let geminiOutputTokensMax = 65_536
    /// The longest answer of older models of Google's, in tokens.
    public static let oldGeminiOutputTokensMax = 8_192

    // MARK: Embeddings

    /// How many inputs a request for embeddings that is translated may have: OpenAI's bound.
    public static let embeddingInputsMax = 2_048
}
