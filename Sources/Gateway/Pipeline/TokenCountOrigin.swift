/// Where a count of tokens comes from: the value of `x-ekai-token-count`.
enum TokenCountOrigin: String {
    /// The model's provider counted.
    case exact
    /// The gateway judged (`TokenEstimate`).
    case estimate
}
