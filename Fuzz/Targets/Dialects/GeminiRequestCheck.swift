import Dialects
import Streaming

/// A Gemini client's body, whose model and streaming stand in the path: it goes on as it is, unless it names the model once more.
enum GeminiRequestCheck {
    static func facts(_ bytes: UnsafeRawBufferPointer, _ tree: ReferenceJSON?) throws(FuzzViolation) {
        let facts: RequestFacts
        do throws(RequestProblem) {
            facts = try RequestFacts(bytes, dialect: .gemini, path: RequestPath(model: "m", isStreaming: true), tape: JSONTape())
        } catch {
            return try check(error, tree)
        }
        guard let tree, tree.members != nil else { throw FuzzViolation("taken, but it is no JSON object") }
        try require(facts.model == "m" && facts.isStreaming, "the path says something else")
        let edits = ForwardEdits(facts, upstreamModel: "upstream/\"m\"")
        try require(!edits.hidesUsageChunk, "Gemini has no usage chunk")
        try requireEqual(edits.isEmpty, facts.modelRange.isEmpty, "edited where the body names no model")
        var splicer = JSONSplicer()
        edits.apply(to: &splicer)
        var body: [UInt8] = []
        splicer.append(bytes, to: &body)
        if edits.isEmpty { return try requireEqual(body, bytes.array, "no edit changes the body") }
        guard let result = ReferenceJSON.parse(body) else { throw FuzzViolation("the edited body is no JSON: \(body.shown)") }
        let wrapped = ["generateContentRequest", "generate_content_request"].compactMap { result.all($0).last }.filter { $0 != .null }
        try requireEqual(
            wrapped.first?.all("model").last, .string(Array("models/upstream/\"m\"".utf8)), "the edited body asks for another model")
    }

    /// A refusal has its reason in the body, and an answer that is JSON.
    private static func check(_ problem: RequestProblem, _ tree: ReferenceJSON?) throws(FuzzViolation) {
        switch problem {
        case .malformedJSON: try require(tree == nil, "refused, but it is JSON: \(problem)")
        case .notAnObject: try require(tree != nil && tree?.members == nil, "refused, but it is an object: \(problem)")
        default: try require(tree?.members != nil, "refused for a member of what is no object: \(problem)")
        }
        let body = problem.body(in: .gemini, requestID: nil).json()
        try require(ReferenceJSON.parse(body) != nil, "the answer to it is no JSON: \(body.shown)")
    }
}
