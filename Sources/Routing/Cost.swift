/// What one answer cost, in pico-USD (10^-12 USD). A part is nil when its price is unknown and tokens of its kind were used; a kind
/// of which there were none costs 0, whatever is known of its price.
public struct Cost: Sendable, Hashable {
    public var input: Int64?
    public var cacheWrite: Int64?
    public var cacheRead: Int64?
    public var output: Int64?
    /// The provider's own figure when it gave one, else the sum of the parts; nil when one of them is unknown.
    public var total: Int64?

    /// False when the total is not a fact: such a request is shown as unknown, never as free.
    public var isKnown: Bool { total != nil }

    /// Prices token counts. Negative counts, which only a broken provider sends, count as none; a product or sum beyond
    /// 9.2 million USD is unknown.
    ///
    /// - Parameter reportedTotal: what the provider says the request cost (OpenRouter's `usage.cost`), in pico-USD; it wins over
    ///   the sum, and the parts stay what the catalogue makes of them.
    public init(_ tokens: TokenCounts, price: ModelPrice?, reportedTotal: Int64? = nil) {
        let rates = price?.rates(promptTokens: tokens.prompt) ?? ModelPrice.Rates()
        input = Self.product(tokens.input, rates.input)
        cacheRead = Self.product(tokens.cacheRead, rates.cacheRead)
        cacheWrite = Self.sum([
            Self.product(tokens.cacheWrite5m, rates.cacheWrite5m), Self.product(tokens.cacheWrite1h, rates.cacheWrite1h),
        ])
        output = Self.product(tokens.output, rates.output)
        total = reportedTotal ?? Self.sum([input, cacheWrite, cacheRead, output])
    }

    /// Reads an amount of USD (`0.00014`, `1.4e-05`) to the nearest pico-USD.
    ///
    /// - Returns: nil when it is no number, negative, or beyond 9.2 million USD.
    public static func picoUSD(usd text: some StringProtocol) -> Int64? {
        nonNegative(ExactDecimal.parse(text, scale: 12, excess: .round))
    }

    /// The same from ASCII bytes, such as a number's slice of a provider's answer.
    public static func picoUSD(usd bytes: UnsafeRawBufferPointer) -> Int64? {
        nonNegative(ExactDecimal.parse(bytes, scale: 12, excess: .round))
    }

    private static func nonNegative(_ amount: Int64?) -> Int64? {
        guard let amount, amount >= 0 else { return nil }
        return amount
    }

    private static func product(_ tokens: Int, _ rate: Int64?) -> Int64? {
        guard tokens > 0 else { return 0 }
        guard let rate else { return nil }
        let (cost, overflow) = Int64(tokens).multipliedReportingOverflow(by: rate)
        return overflow ? nil : cost
    }

    private static func sum(_ parts: [Int64?]) -> Int64? {
        var total: Int64 = 0
        for part in parts {
            guard let part else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            if overflow { return nil }
            total = sum
        }
        return total
    }
}
