/// What the mock provider will do for a model's name.
struct AnswerPlan: Sendable, Hashable {
    /// A name that means nothing here, with a sentence for its author.
    struct UnknownModel: Error, Equatable {
        let message: String
    }

    var shape: AnswerShape
    var fault: AnswerFault?

    /// Reads a model's name:
    /// `bench[-<tokens>[-<pace ms>[-<first token delay ms>[-<bytes per token>]]]]` or `fault-<name>[-<tokens before it>]`.
    ///
    /// What it does not say is taken from `defaults`. What stands before the last `/` is a gateway's business. Any name that begins
    /// otherwise is answered as the defaults say.
    /// - Throws: `UnknownModel` for a name that begins like ours and goes on unlike it.
    init(model: String, defaults: AnswerShape) throws(UnknownModel) {
        shape = defaults
        let name = model.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        if name.hasPrefix("fault-") {
            guard let fault = AnswerFault(name.dropFirst("fault-".count)) else {
                let known = AnswerFault.Kind.allCases.map { "fault-\($0.rawValue)" }.joined(separator: ", ")
                throw UnknownModel(message: "There is no such fault; known are \(known).")
            }
            self.fault = fault
            shape.tokens = max(shape.tokens, fault.tokensBefore + 1)
        } else if name.hasPrefix("bench-") {
            try takeNumbers(name.split(separator: "-", omittingEmptySubsequences: false).dropFirst())
        }
    }

    private mutating func takeNumbers(_ parts: ArraySlice<Substring>) throws(UnknownModel) {
        let fields: [(WritableKeyPath<AnswerShape, Int>, ClosedRange<Int>, String)] = [
            (\.tokens, 0...AnswerShape.tokensMax, "tokens"),
            (\.paceMilliseconds, 0...AnswerShape.millisecondsMax, "pace in ms"),
            (\.firstTokenDelayMilliseconds, 0...AnswerShape.millisecondsMax, "first-token delay in ms"),
            (\.bytesPerToken, TimeStamp.byteCount...AnswerShape.bytesPerTokenMax, "bytes per token"),
        ]
        guard parts.count <= fields.count else { throw UnknownModel(message: "The model's name has too many parts.") }
        for (part, (field, range, meaning)) in zip(parts, fields) {
            guard let number = Int(part), range.contains(number) else {
                throw UnknownModel(message: "\(meaning) must be \(range.lowerBound) to \(range.upperBound).")
            }
            shape[keyPath: field] = number
        }
    }
}
