/// What a model costs. Every price is in pico-USD (10^-12 USD) per token, which holds six decimals of the usual "USD per million
/// tokens" exactly; nil means unknown, which is never the same as free.
public struct ModelPrice: Sendable, Hashable {
    /// The price of each kind of token.
    public struct Rates: Sendable, Hashable {
        /// Input tokens that no cache was involved in.
        public var input: Int64?
        public var output: Int64?
        /// Input tokens served from the provider's prompt cache.
        public var cacheRead: Int64?
        /// Input tokens written to a cache that lives five minutes (Anthropic), or to the only kind a provider has.
        public var cacheWrite5m: Int64?
        /// Input tokens written to a cache that lives one hour (Anthropic).
        public var cacheWrite1h: Int64?

        public init(
            input: Int64? = nil, output: Int64? = nil, cacheRead: Int64? = nil,
            cacheWrite5m: Int64? = nil, cacheWrite1h: Int64? = nil
        ) {
            self.input = input
            self.output = output
            self.cacheRead = cacheRead
            self.cacheWrite5m = cacheWrite5m
            self.cacheWrite1h = cacheWrite1h
        }
    }

    /// Other rates for long prompts. They hold for every token of a request whose whole prompt (cached tokens included) is longer
    /// than the threshold; a rate that the tier does not state is unknown there, not the base rate.
    public struct Tier: Sendable, Hashable {
        public var aboveInputTokens: Int
        public var rates: Rates

        public init(aboveInputTokens: Int, rates: Rates) {
            self.aboveInputTokens = aboveInputTokens
            self.rates = rates
        }
    }

    public var base: Rates
    /// In rising order of threshold.
    public var tiers: [Tier]

    public init(base: Rates, tiers: [Tier] = []) {
        self.base = base
        self.tiers = tiers.sorted { $0.aboveInputTokens < $1.aboveInputTokens }
    }

    /// The rates for a prompt of so many tokens in all.
    public func rates(promptTokens: Int) -> Rates {
        tiers.last { promptTokens > $0.aboveInputTokens }?.rates ?? base
    }

    /// Reads "USD per million tokens" (`3.75`) as pico-USD per token.
    ///
    /// - Returns: nil when it is no decimal number, is negative, or has more than six decimals.
    public static func picoUSDPerToken(usdPerMillion text: some StringProtocol) -> Int64? {
        guard let price = ExactDecimal.parse(text, scale: 6), price >= 0 else { return nil }
        return price
    }
}
