/// What one answer consumed, in the gateway's own terms: the four token columns do not overlap, whatever the provider's do.
public struct TokenUsage: Sendable, Equatable {
    /// Prompt tokens that came neither from a cache nor went into one.
    public var input = 0
    /// Prompt tokens that the provider read from its cache.
    public var cacheRead = 0
    /// Prompt tokens written to a cache for five minutes, or for a time that the provider does not tell.
    public var cacheWrite5Minutes = 0
    /// Prompt tokens written to a cache for one hour (Anthropic).
    public var cacheWrite1Hour = 0
    /// Everything that was generated, reasoning included.
    public var output = 0
    /// The part of `output` that was reasoning, as far as the provider tells.
    public var reasoning = 0
    /// The price that the provider itself reports (OpenRouter `usage.cost`), in 10^-12 USD.
    public var reportedCostPicodollars: Int64?
    /// True when a count is the gateway's estimate because the answer broke off before the provider told.
    public var isEstimated = false

    public init() {}

    /// Both kinds of cache writes.
    public var cacheWrite: Int { cacheWrite5Minutes + cacheWrite1Hour }
    /// The sum of the four columns.
    public var total: Int { input + cacheRead + cacheWrite + output }
}
