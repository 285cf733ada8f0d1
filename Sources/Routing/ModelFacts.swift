/// What the catalogue knows about one model at one provider.
public struct ModelFacts: Sendable, Hashable {
    /// What the model is for.
    public enum Mode: String, Sendable, Hashable {
        case chat
        case embedding
    }

    /// The catalogue's name of the provider: `openai`, `openrouter`, …
    public var provider: String
    /// The id that the provider itself uses, such as `gpt-4o` or, at OpenRouter, `openai/gpt-4o`.
    public var model: String
    public var mode: Mode
    public var price: ModelPrice
    /// Tokens that prompt and answer may have together; nil when unknown.
    public var contextTokens: Int?
    /// Tokens that one answer may have; nil when unknown.
    public var outputTokensMax: Int?
    /// Nil when the catalogue does not say.
    public var seesImages: Bool?
    /// Nil when the catalogue does not say.
    public var callsTools: Bool?
    /// Nil when the catalogue does not say.
    public var reasons: Bool?
    /// The day, as `YYYY-MM-DD`, on which the provider switches the model off or did; nil when none is announced.
    public var deprecatedOn: String?

    public init(
        provider: String, model: String, mode: Mode = .chat, price: ModelPrice, contextTokens: Int? = nil,
        outputTokensMax: Int? = nil, seesImages: Bool? = nil, callsTools: Bool? = nil, reasons: Bool? = nil,
        deprecatedOn: String? = nil
    ) {
        self.provider = provider
        self.model = model
        self.mode = mode
        self.price = price
        self.contextTokens = contextTokens
        self.outputTokensMax = outputTokensMax
        self.seesImages = seesImages
        self.callsTools = callsTools
        self.reasons = reasons
        self.deprecatedOn = deprecatedOn
    }
}
