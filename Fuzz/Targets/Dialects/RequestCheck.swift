import Dialects
import Streaming

/// A client's body: the facts that are read from it, and the edits that make it the provider's.
enum RequestCheck {
    static func facts(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        let tree = ReferenceJSON.parse(bytes.array)
        try GeminiRequestCheck.facts(bytes, tree)
        for dialect in [Dialect.chat, .responses, .messages] {
            let facts: RequestFacts
            do throws(RequestProblem) {
                facts = try RequestFacts(bytes, dialect: dialect, tape: JSONTape())
            } catch {
                try check(error, tree, dialect)
                continue
            }
            guard let tree, tree.members != nil else { throw FuzzViolation("taken, but it is no JSON object") }
            try check(facts, tree, bytes)
            for model in [facts.model, "upstream/model", "a \"quoted\" name"] {
                for acceptsStreamOptions in [true, false] {
                    let edits = ForwardEdits(facts, upstreamModel: model, acceptsStreamOptions: acceptsStreamOptions)
                    let mayAsk = dialect == .chat && facts.isStreaming && acceptsStreamOptions
                    try requireEqual(edits.hidesUsageChunk, mayAsk && !wantsUsage(tree), "hidden or not")
                    try check(edits, tree, bytes, model: model)
                }
            }
        }
    }

    /// A refusal has its reason in the body, and an answer that is JSON.
    private static func check(_ problem: RequestProblem, _ tree: ReferenceJSON?, _ dialect: Dialect) throws(FuzzViolation) {
        let isObject = tree?.members != nil
        switch problem {
        case .malformedJSON: try require(tree == nil, "refused, but it is JSON: \(problem)")
        case .notAnObject: try require(tree != nil && !isObject, "refused, but it is an object: \(problem)")
        case .repeated(let member) where !member.text.contains("."):
            try require((tree?.all(member.text).count ?? 0) > 1, "refused, but it stands once: \(problem)")
        case .missing(let member):
            try require([[], [.null]].contains(tree?.all(member.text)), "refused, but it is there: \(problem)")
        default: try require(isObject, "refused for a member of what is no object: \(problem)")
        }
        let body = problem.body(in: dialect, requestID: "req_1").json()
        try require(ReferenceJSON.parse(body) != nil, "the answer to it is no JSON: \(body.shown)")
    }

    private static func check(
        _ facts: RequestFacts, _ tree: ReferenceJSON, _ bytes: UnsafeRawBufferPointer
    ) throws(FuzzViolation) {
        let model = Array(facts.model.utf8)
        try requireEqual(tree.all("model"), [.string(model)], "the model is another")
        try requireEqual(ReferenceJSON.parse(Array(bytes[facts.modelRange])), .string(model), "the model stands elsewhere")
        try require((1...DialectLimits.modelNameBytesMax).contains(model.count), "a name without bound")
        let stream = tree.all("stream")
        try requireEqual(facts.isStreaming, stream == [.bool(true)], "streamed or not")
        let written = facts.streamRange.flatMap { ReferenceJSON.parse(Array(bytes[$0])) }
        try requireEqual(written, stream.first, "`stream` stands elsewhere")
        let hints = [facts.sessionHint, facts.userHint, facts.previousResponseID].compactMap(\.self)
        for hint in hints {
            try require((1...DialectLimits.hintBytesMax).contains(hint.utf8.count), "a hint without bound")
            try require(tree.hasString(startingWith: Array(hint.utf8)), "a hint that was not given: \(hint)")
        }
    }

    /// The edited body asks for that model and, where it has to, for usage; everything else in it is the client's.
    private static func check(
        _ edits: ForwardEdits, _ tree: ReferenceJSON, _ bytes: UnsafeRawBufferPointer, model: String
    ) throws(FuzzViolation) {
        var splicer = JSONSplicer()
        edits.apply(to: &splicer)
        var body: [UInt8] = []
        splicer.append(bytes, to: &body)
        if edits.isEmpty { try requireEqual(body, bytes.array, "no edit changes the body") }
        guard let result = ReferenceJSON.parse(body) else { throw FuzzViolation("the edited body is no JSON: \(body.shown)") }
        try requireEqual(result.all("model"), [.string(Array(model.utf8))], "the edited body asks for another model")
        try require(!edits.hidesUsageChunk || wantsUsage(result), "the edited body does not ask for usage")
        try require(edits.hidesUsageChunk || result.all("stream_options") == tree.all("stream_options"), "options are changed")
        let edited = ["model", "stream_options"]
        try requireEqual(result.without(edited), tree.without(edited), "the edited body says something else")
        let options = (result.all("stream_options").first ?? .null).without(["include_usage"])
        let expected = (tree.all("stream_options").first ?? .null).without(["include_usage"])
        try require(options == expected || (expected == .null && options == .object([])), "options are lost")
    }

    private static func wantsUsage(_ tree: ReferenceJSON) -> Bool {
        tree.all("stream_options").first?.all("include_usage") == [.bool(true)]
    }
}

extension ReferenceJSON {
    /// An object without the members of those names; anything else as it is.
    fileprivate func without(_ names: [String]) -> ReferenceJSON {
        guard let members else { return self }
        return .object(members.filter { member in !names.contains { member.name.elementsEqual($0.utf8) } })
    }

    /// Whether a string stands anywhere in it that begins so.
    fileprivate func hasString(startingWith text: [UInt8]) -> Bool {
        switch self {
        case .string(let string): string.starts(with: text)
        case .object(let members): members.contains { $0.value.hasString(startingWith: text) }
        case .array(let elements): elements.contains { $0.hasString(startingWith: text) }
        default: false
        }
    }
}
