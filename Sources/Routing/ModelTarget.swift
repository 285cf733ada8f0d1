/// One place where a requested model can be had.
public struct ModelTarget: Sendable, Hashable {
    /// The provider's position in the list that the resolver was made with.
    public var providerIndex: Int
    /// The operator's name of the provider.
    public var provider: String
    public var dialects: WireDialects
    /// The name to send upstream: the requested one wherever the provider knows it under that name.
    public var upstreamModel: String
    /// Nil when nothing is known; the override's price wins over the catalogue's.
    public var price: ModelPrice?
    public var contextTokens: Int?
    /// Tokens that one answer may have, by the catalogue; nil when unknown.
    public var outputTokensMax: Int?
    /// Whether the model thinks, by the catalogue; nil when unknown.
    public var reasons: Bool?

    public init(
        providerIndex: Int, provider: String, dialects: WireDialects, upstreamModel: String, price: ModelPrice?,
        contextTokens: Int?, outputTokensMax: Int? = nil, reasons: Bool? = nil
    ) {
        self.providerIndex = providerIndex
        self.provider = provider
        self.dialects = dialects
        self.upstreamModel = upstreamModel
        self.price = price
        self.contextTokens = contextTokens
        self.outputTokensMax = outputTokensMax
        self.reasons = reasons
    }
}

/// The answer to "who has this model?".
public enum ModelResolution: Sendable, Hashable {
    /// At least one target, in the order in which to try them; each provider at most once per alias target.
    case targets([ModelTarget])
    /// Nobody: the nearest names that somebody has, best first.
    case unknown(nearest: [String])
}

/// A line of the model list.
public struct ServedModel: Sendable, Hashable {
    /// The name to ask for.
    public var id: String
    /// The provider that is asked first; nil for an alias of several.
    public var provider: String?
    public var facts: ModelFacts?
    public var price: ModelPrice?
    /// What its providers speak, taken together.
    public var dialects: WireDialects

    public init(id: String, provider: String?, facts: ModelFacts?, price: ModelPrice?, dialects: WireDialects = []) {
        self.id = id
        self.provider = provider
        self.facts = facts
        self.price = price
        self.dialects = dialects
    }
}
