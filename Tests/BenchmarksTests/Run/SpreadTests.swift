import Testing

@testable import Benchmarks

@Suite struct SpreadTests {
    @Test func findsMedianLeastAndGreatest() {
        let odd = Spread([5, 1, 3])
        #expect((odd?.median, odd?.min, odd?.max) == (3, 1, 5))
        let even = Spread([4, 1, 2, 9])
        #expect((even?.median, even?.min, even?.max) == (3, 1, 9))
        let one = Spread([7])
        #expect((one?.median, one?.min, one?.max) == (7, 7, 7))
        #expect(Spread([]) == nil)
    }

    /// A slow round is slow for both: the ratio of each round counts, not the ratio of the medians.
    @Test func takesRatiosWithinARound() {
        let ratios = Spread.ratios([20, 200, 40], to: [10, 100, 10])
        #expect((ratios?.median, ratios?.min, ratios?.max) == (2, 2, 4))
    }

    @Test func leavesOutRoundsThatOneLacks() {
        #expect(Spread.ratios([20, nil, 60], to: [10, 1, nil])?.max == 2)
        #expect(Spread.ratios([20, 30], to: [10])?.max == 2)
        #expect(Spread.ratios([20], to: [0]) == nil)
        #expect(Spread.ratios([nil], to: [1]) == nil)
        #expect(Spread.differences([20, nil, 60], to: [15, 1, 70])?.median == -2.5)
    }
}
