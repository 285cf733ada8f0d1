/// Bounds of the metrics. What clients or providers choose must not decide how many series there are.
enum MetricsLimits {
    /// Models with a label of their own; the rest is `other`.
    static let modelsMax = 500
    /// Spellings of models whose label a loop remembers; further ones are looked up each time.
    static let spellingsMax = 2_000
    /// Combinations of endpoint, model and status that a loop counts one by one; further ones count under status `other`.
    static let requestSeriesMax = 5_000
    /// How long a scrape waits for the loops; one that does not answer is shown as it was at the scrape before.
    static let scrapeNanoseconds: Int64 = 1_000_000_000
    /// What stands in the place of a name beyond these bounds.
    static let other = "other"
}
