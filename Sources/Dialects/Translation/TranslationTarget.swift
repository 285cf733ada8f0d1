/// Where a translated request goes: what the writers need to know of model and provider.
public struct TranslationTarget: Sendable {
    public var dialect: Dialect
    /// The model's name at the provider.
    public var model: String
    /// How the provider's chat differs from OpenAI's.
    public var profile: ProviderProfile
    /// Tokens that one answer may have, by the catalogue; nil when unknown.
    public var outputTokensMax: Int?
    /// Whether the model thinks, by the catalogue; nil when unknown.
    public var reasons: Bool?

    public init(
        dialect: Dialect, model: String, profile: ProviderProfile = .openAI, outputTokensMax: Int? = nil, reasons: Bool? = nil
    ) {
        self.dialect = dialect
        self.model = model
        self.profile = profile
        self.outputTokensMax = outputTokensMax
        self.reasons = reasons
    }
}

/// Providers that speak a dialect with an accent. What it means stands with the writers.
public enum ProviderProfile: String, Sendable, CaseIterable {
    case openAI = "openai"
    case anthropic
    case google
    case xai
    case openrouter
    case groq
    case deepseek
    case mistral
    case zai
    case ollama
    /// An OpenAI-compatible server that nothing is known of: the oldest and most common members only.
    case compatible
}
