import HTTP

/// Heads: the same outcome however they come cut, and a table that says what the bytes say.
enum HeadCheck {
    static func request(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) { try check(bytes, .request) }

    static func response(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) { try check(bytes, .response) }

    /// Small enough for the fuzzer to reach every one of them.
    static let smallLimits: HTTP1Limits = {
        var limits = HTTP1Limits()
        limits.targetBytesMax = 64
        limits.headBytesMax = 256
        limits.fieldCountMax = 6
        limits.bodyBytesMax = 200
        limits.chunkExtensionBytesMax = 8
        limits.chunkExtensionBytesTotalMax = 20
        limits.trailerBytesMax = 32
        limits.drainBytesMax = 100
        limits.interimResponsesMax = 2
        return limits
    }()

    private static func check(_ bytes: UnsafeRawBufferPointer, _ kind: MessageHead.Kind) throws(FuzzViolation) {
        for limits in [HTTP1Limits(), smallLimits] {
            let whole = run(Cutting.whole(bytes), kind, limits)
            for cutting in Cutting.all(bytes) {
                try requireEqual(run(cutting, kind, limits), whole, "a head that comes in pieces is another head")
            }
            guard case .head(let consumed) = whole.outcome, let head = whole.head else { continue }
            try require(consumed <= bytes.count, "the head ends behind what came")
            try head.check(within: bytes)
            try requireSameAfterRewriting(head, kind)
        }
    }

    /// A head written anew from its table is the same head: no byte of it hides from the table.
    private static func requireSameAfterRewriting(_ head: HeadSummary, _ kind: MessageHead.Kind) throws(FuzzViolation) {
        let text = head.rewritten(kind)
        let again = text.withUnsafeBytes { run(Cutting.whole($0), kind, HTTP1Limits()) }
        try requireEqual(again.outcome, .head(consumed: text.count), "a head written anew is not whole: \(text.shown)")
        try requireEqual(again.head, head, "a head written anew is another head")
    }

    private struct Run: Equatable {
        var outcome: HTTP1HeadParser.Outcome
        var head: HeadSummary?
        var hasPartialHead: Bool
    }

    private static func run(_ pieces: Cutting, _ kind: MessageHead.Kind, _ limits: HTTP1Limits) -> Run {
        var parser = HTTP1HeadParser(limits: limits)
        let head = MessageHead()
        var unread: [UInt8] = []
        var outcome = HTTP1HeadParser.Outcome.needMore
        for piece in pieces {
            unread += piece
            outcome = unread.withUnsafeBytes { parser.parse($0, into: head, as: kind) }
            if outcome != .needMore { break }
        }
        var summary: HeadSummary?
        if case .head = outcome { summary = HeadSummary(head) }
        return Run(outcome: outcome, head: summary, hasPartialHead: parser.hasPartialHead)
    }
}
