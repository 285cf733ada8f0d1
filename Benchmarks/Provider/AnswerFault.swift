/// What goes wrong with an answer on purpose.
struct AnswerFault: Sendable, Hashable {
    enum Kind: String, Sendable, CaseIterable {
        /// Status 500.
        case error500
        /// Status 429 with `Retry-After: 7`.
        case error429
        /// The connection is reset (RST) before a byte of the head.
        case resetHead = "reset-head"
        /// The connection is reset in the middle.
        case resetStream = "reset-stream"
        /// Nothing more comes, and the connection stays open.
        case stall
        /// The connection is closed (FIN) in the middle: no end mark, and no last chunk either.
        case truncated
        /// The HTTP body ends as it should, but without the format's end mark.
        case unmarked
        /// One event is no JSON; the rest is as ever.
        case malformed
        /// One event is 1 MB long; the rest is as ever.
        case bigEvent = "bigevent"
    }

    /// Seconds in the `Retry-After` of `error429`.
    static let retryAfterSeconds: Int64 = 7
    /// Bytes of the event of `bigEvent`, from the first of its lines to the blank one.
    static let bigEventBytes = 1_000_000
    /// Tokens before it, unless the model's name says otherwise.
    static let tokensBeforeDefault = 5
    /// Between the last event and the cut, so that a client that reads has all that came before it.
    static let settleNanoseconds: Int64 = 20_000_000
    /// How long a connection that sent FIN in the middle waits for the client to close too.
    static let closeTimeoutNanoseconds: Int64 = 10_000_000_000

    var kind: Kind
    /// How many token events come first.
    var tokensBefore = AnswerFault.tokensBeforeDefault

    init(_ kind: Kind, tokensBefore: Int = AnswerFault.tokensBeforeDefault) {
        self.kind = kind
        self.tokensBefore = tokensBefore
    }

    /// Reads what follows `fault-` in a model's name: `<name>` or `<name>-<tokens before it>`; nil for anything else.
    init?(_ text: some StringProtocol) {
        for kind in Kind.allCases where text.hasPrefix(kind.rawValue) {
            let rest = text.dropFirst(kind.rawValue.count)
            if rest.isEmpty {
                self.init(kind)
                return
            }
            guard rest.first == "-", let count = Int(rest.dropFirst()), (0..<AnswerShape.tokensMax).contains(count) else { continue }
            self.init(kind, tokensBefore: count)
            return
        }
        return nil
    }
}
