/// The tokens of one answer, each counted once: cached tokens are not in `input`, whatever the provider's dialect does.
public struct TokenCounts: Sendable, Hashable {
    public var input: Int
    public var cacheRead: Int
    public var cacheWrite5m: Int
    public var cacheWrite1h: Int
    public var output: Int

    public init(input: Int = 0, cacheRead: Int = 0, cacheWrite5m: Int = 0, cacheWrite1h: Int = 0, output: Int = 0) {
        self.input = input
        self.cacheRead = cacheRead
        self.cacheWrite5m = cacheWrite5m
        self.cacheWrite1h = cacheWrite1h
        self.output = output
    }

    /// The whole prompt, which decides the price tier. Saturates.
    public var prompt: Int {
        [cacheRead, cacheWrite5m, cacheWrite1h].reduce(max(0, input)) { sum, count in
            let (total, overflow) = sum.addingReportingOverflow(max(0, count))
            return overflow ? .max : total
        }
    }
}
