import Testing

@testable import Routing

@Suite struct CostTests {
    private let price = ModelPrice(
        base: .init(input: 3_000_000, output: 15_000_000, cacheRead: 300_000, cacheWrite5m: 3_750_000, cacheWrite1h: 6_000_000),
        tiers: [.init(aboveInputTokens: 200_000, rates: .init(input: 6_000_000, output: 22_500_000))])

    @Test func everyPartIsExact() {
        let cost = Cost(
            TokenCounts(input: 7, cacheRead: 11, cacheWrite5m: 13, cacheWrite1h: 17, output: 19), price: price)
        #expect(cost.input == 21_000_000)
        #expect(cost.cacheRead == 3_300_000)
        #expect(cost.cacheWrite == 150_750_000)
        #expect(cost.output == 285_000_000)
        #expect(cost.total == 460_050_000)
        #expect(cost.isKnown)
    }

    @Test func tierHoldsForAllTokensOnceTheWholePromptIsAboveIt() {
        #expect(Cost(TokenCounts(input: 200_000), price: price).input == 600_000_000_000)
        #expect(Cost(TokenCounts(input: 200_001), price: price).input == 1_200_006_000_000)
        let cached = Cost(TokenCounts(input: 1, cacheRead: 200_000, output: 1), price: price)
        #expect(cached.input == 6_000_000)
        #expect(cached.output == 22_500_000)
        #expect(cached.cacheRead == nil)
        #expect(!cached.isKnown)
    }

    @Test func unknownIsNeverFree() {
        let unknown = Cost(TokenCounts(input: 1, output: 1), price: nil)
        #expect(unknown.input == nil && unknown.output == nil && unknown.total == nil && !unknown.isKnown)
        #expect(unknown.cacheRead == 0)
        let partly = Cost(TokenCounts(input: 2, cacheRead: 3), price: ModelPrice(base: .init(input: 5)))
        #expect(partly.input == 10 && partly.cacheRead == nil && !partly.isKnown)
        let nothingUsed = Cost(TokenCounts(), price: nil)
        #expect(nothingUsed.total == 0 && nothingUsed.isKnown)
        #expect(Cost(TokenCounts(input: 5, output: 5), price: ModelPrice(base: .init(input: 0, output: 0))).total == 0)
    }

    @Test func theProvidersOwnFigureWins() {
        let cost = Cost(TokenCounts(input: 7), price: price, reportedTotal: 42)
        #expect(cost.total == 42 && cost.input == 21_000_000 && cost.isKnown)
        #expect(Cost(TokenCounts(input: 7), price: nil, reportedTotal: 42).isKnown)
    }

    @Test func absurdCountsNeitherTrapNorLie() {
        let huge = Cost(TokenCounts(input: .max, cacheRead: .max, cacheWrite5m: .max, cacheWrite1h: .max, output: .max), price: price)
        #expect(huge.total == nil)
        let negative = Cost(TokenCounts(input: .min, cacheRead: -1, output: -5), price: price)
        #expect(negative.total == 0)
    }

    @Test(arguments: [
        ("0.15", 150_000), ("3", 3_000_000), ("600.0", 600_000_000), ("0.000001", 1), ("1.5e1", 15_000_000), ("2.5E-1", 250_000),
        ("0.1500000", 150_000), ("0", 0), ("0.0000000", 0),
    ])
    func pricesReadExactly(_ text: String, _ pico: Int64) {
        #expect(ModelPrice.picoUSDPerToken(usdPerMillion: text) == pico)
    }

    @Test(arguments: ["", "-", ".5", "1.", "1e", "1e+", "0x1", "1,5", " 1", "1 ", "nan", "0.0000001", "-1", "9300000000000", "1e99999999999999999999"])
    func noPriceFromBadText(_ text: String) {
        #expect(ModelPrice.picoUSDPerToken(usdPerMillion: text) == nil)
    }

    @Test(arguments: [
        ("0.00014", 140_000_000), ("1.4e-05", 14_000_000), ("0.0000000000004", 0), ("0.0000000000005", 1),
        ("0.00000000000149999999999999999999999", 1), ("0.12345678901251", 123_456_789_013), ("1e-400", 0),
        ("0.1000000000000000055511151231257827", 100_000_000_000), ("12", 12_000_000_000_000),
        ("9223372.036854775807", .max),
    ])
    func reportedCostsRoundToThePico(_ text: String, _ pico: Int64) {
        #expect(Cost.picoUSD(usd: text) == pico)
        var bytes = text
        #expect(bytes.withUTF8 { Cost.picoUSD(usd: UnsafeRawBufferPointer($0)) } == pico)
    }

    @Test(arguments: ["-0.1", "9223373", "1e300", "99999999999999999999999999", "abc"])
    func reportedNonsenseIsUnknown(_ text: String) {
        #expect(Cost.picoUSD(usd: text) == nil)
    }
}
