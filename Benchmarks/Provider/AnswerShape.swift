/// How long an answer of the mock provider is, and how fast it comes.
struct AnswerShape: Sendable, Hashable {
    static let tokensMax = 100_000_000
    /// An hour: for pace and for first-token delay.
    static let millisecondsMax = 3_600_000
    static let bytesPerTokenMax = 1_000_000

    var tokens: Int
    var paceMilliseconds: Int
    var firstTokenDelayMilliseconds: Int
    var bytesPerToken: Int
}
