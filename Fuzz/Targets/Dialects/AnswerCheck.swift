import Dialects
import Streaming

/// Whole answers that are read along while they pass.
enum AnswerCheck {
    static func whole(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        for dialect in Dialect.allCases {
            let whole = run(Cutting.whole(bytes), dialect)
            for cutting in Cutting.all(bytes) {
                let cut = run(cutting, dialect)
                try requireEqual(cut.ending, whole.ending, "an answer that comes in pieces ends otherwise")
                try requireEqual(cut.answer, whole.answer, "an answer that comes in pieces is another answer")
            }
            try requireEqual(whole.answer.isComplete, whole.ending == .complete, "whole or not")
            try checkCounts(whole.answer)
        }
    }

    private static func run(
        _ pieces: Cutting, _ dialect: Dialect
    ) -> (answer: ObservedAnswer, ending: JSONMemberCapture.Ending) {
        var observer = AnswerObserver(dialect)
        for piece in pieces { piece.withUnsafeBytes { observer.receive($0) } }
        return (observer.answer(JSONReader()), observer.ending)
    }

    /// Counts are never negative, nor so great that sums of many could overflow; and a name is never longer than its bound.
    static func checkCounts(_ answer: ObservedAnswer) throws(FuzzViolation) {
        for usage in [answer.usage, answer.settledUsage(estimatedInputTokens: 7)].compactMap(\.self) {
            let counts = [
                usage.input, usage.cacheRead, usage.cacheWrite5Minutes, usage.cacheWrite1Hour, usage.output, usage.reasoning,
            ]
            // xAI's output is a sum of two counts, a cache write one of two.
            try require(counts.allSatisfy { (0...2 * DialectLimits.tokensMax).contains($0) }, "impossible counts: \(usage)")
            let cost = usage.reportedCostPicodollars ?? 0
            try require((0...DialectLimits.costPicodollarsMax).contains(cost), "an impossible cost: \(usage)")
        }
        for name in [answer.responseID, answer.model].compactMap(\.self) {
            try require((1...DialectLimits.answerNameBytesMax).contains(name.utf8.count), "a name without bound: \(name)")
        }
        let message = answer.failure?.message ?? ""
        // A byte that is no UTF-8 is shown as three.
        try require(message.utf8.count <= 3 * DialectLimits.failureMessageBytesMax, "a message without bound")
    }
}
