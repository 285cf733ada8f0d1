/// Every byte of one model's answer but for numbers and stamps. Made once for a name, so that a request costs the provider little.
final class PreparedAnswer {
    /// Bytes of the text that a closing event repeats: those of an ordinary answer, however long this one is. Without stamps, which
    /// would be taken for tokens.
    static let closingTextBytesMax = 2 * 1024
    /// Bytes of text in an answer in one piece.
    static let wholeTextBytesMax = 16 << 20
    /// Answers in one piece up to this size are kept.
    private static let wholeBytesKept = 256 * 1024

    let plan: AnswerPlan
    let format: WireFormat
    let opening: [UInt8]
    let token: TokenTemplate
    let closing: [UInt8]
    private let text: any AnswerText
    private let includesUsage: Bool
    private var keptWhole: [UInt8]?

    init(_ plan: AnswerPlan, _ order: ProviderOrder) {
        self.plan = plan
        format = order.format
        includesUsage = order.includesUsage
        text = order.format.text(model: Self.echo(order.model))
        opening = Array(text.opening(includesUsage: order.includesUsage).utf8)
        token = TokenTemplate(text.token(includesUsage: order.includesUsage), bytesPerToken: plan.shape.bytesPerToken)
        let repeated = FillText.string(count: min(plan.shape.textBytes, Self.closingTextBytesMax))
        closing = Array(text.closing(tokens: plan.shape.tokens, text: repeated, includesUsage: order.includesUsage).utf8)
    }

    /// The model's name as the answer says it: only where that cannot be taken for a stamp, or break the JSON.
    private static func echo(_ model: String) -> String {
        let isPlain = model.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ":"):
                true
            default: false
            }
        }
        return isPlain ? model : "bench"
    }

    /// The answer in one piece; nil when it would be too long.
    func whole() -> [UInt8]? {
        if let keptWhole { return keptWhole }
        let shape = plan.shape
        guard shape.textBytes <= Self.wholeTextBytesMax else { return nil }
        var bytes = Array(text.whole(tokens: shape.tokens, text: FillText.string(count: shape.textBytes)).utf8)
        switch plan.fault?.kind {
        case .malformed: Self.breakJSON(&bytes)
        case .bigEvent:
            let around = text.whole(tokens: shape.tokens, text: "").utf8.count
            let big = FillText.string(count: max(0, AnswerFault.bigEventBytes - around))
            bytes = Array(text.whole(tokens: shape.tokens, text: big).utf8)
        default: break
        }
        if bytes.count <= Self.wholeBytesKept { keptWhole = bytes }
        return bytes
    }

    /// A token's event that is no JSON, or one of `AnswerFault.bigEventBytes`.
    func spoilt(_ kind: AnswerFault.Kind, index: Int, sentNanoseconds: Int64) -> [UInt8] {
        guard kind == .bigEvent else {
            var bytes = rendered(token, index, sentNanoseconds)
            Self.breakJSON(&bytes)
            return bytes
        }
        let pieces = text.token(includesUsage: includesUsage)
        let least = rendered(TokenTemplate(pieces, bytesPerToken: TimeStamp.byteCount), index, sentNanoseconds).count
        let big = TokenTemplate(pieces, bytesPerToken: TimeStamp.byteCount + AnswerFault.bigEventBytes - least)
        return rendered(big, index, sentNanoseconds)
    }

    private func rendered(_ template: TokenTemplate, _ index: Int, _ sentNanoseconds: Int64) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: template.byteCountMax) { buffer, count in
            count = template.render(index: index, sentNanoseconds: sentNanoseconds, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// Takes the brace away that closes the object: as long as before, and no JSON.
    private static func breakJSON(_ bytes: inout [UInt8]) {
        if let last = bytes.lastIndex(of: UInt8(ascii: "}")) { bytes[last] = UInt8(ascii: " ") }
    }
}

extension AnswerShape {
    /// Bytes of all tokens together.
    var textBytes: Int { tokens * bytesPerToken }
}

/// The answers that were asked for lately. Loop-confined.
struct PreparedAnswers {
    private static let countMax = 64

    private let defaults: AnswerShape
    private var answers: [ProviderOrder: PreparedAnswer] = [:]

    init(defaults: AnswerShape) { self.defaults = defaults }

    /// - Throws: `AnswerPlan.UnknownModel`.
    mutating func answer(to order: ProviderOrder) throws(AnswerPlan.UnknownModel) -> PreparedAnswer {
        if let answer = answers[order] { return answer }
        let answer = PreparedAnswer(try AnswerPlan(model: order.model, defaults: defaults), order)
        if answers.count >= Self.countMax { answers.removeAll() }
        answers[order] = answer
        return answer
    }
}
