/// What routing needs to know of a configured provider.
public struct ProviderFacts: Sendable, Hashable {
    /// Which names a provider answers to.
    public enum Models: Sendable, Hashable {
        /// What the catalogue lists for it, new models of its own family, and anything asked for as `name/model`.
        case byCatalogue
        /// Only these. With `alsoRest`, what ``byCatalogue`` gives too, and every name that nothing else claims (`models: ["*"]`).
        case listed([String], alsoRest: Bool)
    }

    /// The operator's name for it: `openai`, `my-vllm`. Unique, compared without case, never containing `/`.
    public var name: String
    /// The provider's name in the catalogue when it is one that the catalogue lists: it decides models, prices and family.
    public var catalogueName: String?
    public var dialects: WireDialects
    public var models: Models

    public init(name: String, catalogueName: String?, dialects: WireDialects, models: Models = .byCatalogue) {
        self.name = name
        self.catalogueName = catalogueName
        self.dialects = dialects
        self.models = models
    }
}

/// An operator's word about a model name: an alias with targets, a model of one provider, or just a price.
public struct ModelOverride: Sendable, Hashable {
    public var name: String
    /// Names to try in this order, each resolved as if it had been asked for (aliases excepted); empty when this is no alias.
    public var targets: [String]
    /// The provider that serves `name`; nil for an alias, or for a price that holds wherever the name is served.
    public var provider: String?
    /// Wins over the catalogue's price.
    public var price: ModelPrice?
    public var contextTokens: Int?

    public init(
        name: String, targets: [String] = [], provider: String? = nil, price: ModelPrice? = nil, contextTokens: Int? = nil
    ) {
        self.name = name
        self.targets = targets
        self.provider = provider
        self.price = price
        self.contextTokens = contextTokens
    }
}
