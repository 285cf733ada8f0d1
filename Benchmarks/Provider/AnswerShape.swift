/// How long an answer of the mock provider is, and how fast it comes.
struct AnswerShape: Sendable, Equatable {
    var tokens: Int
    var paceMilliseconds: Int
    var firstTokenDelayMilliseconds: Int
    var bytesPerToken: Int

    /// This shape, with what the model's name says in place of tokens and pace: `bench-<tokens>` or `bench-<tokens>-<pace>`.
    func named(_ model: String) -> AnswerShape {
        var shape = self
        let parts = model.split(separator: "-", omittingEmptySubsequences: false).dropFirst()
        if let text = parts.first, let tokens = Int(text), (0...100_000_000).contains(tokens) { shape.tokens = tokens }
        if parts.count > 1, let pace = Int(parts[parts.startIndex + 1]), (0...3_600_000).contains(pace) {
            shape.paceMilliseconds = pace
        }
        return shape
    }
}
