import Dialects
import Streaming

/// A provider's answer on its way to clients of the other dialects.
enum AnswerTranslationCheck {
    /// How clients want their answers.
    private static let plans: [AnswerPlan] = {
        var first = AnswerPlan()
        first.model = "asked"
        first.idStem = "abc"
        first.isStreaming = true
        first.includesUsage = true
        var second = planWithRenamedTools() ?? first
        second.model = "asked"
        second.idStem = "abc"
        second.isStreaming = true
        second.showsThinking = false
        second.isJSONArray = true
        second.outputTool = "json_output"
        return [first, second]
    }()

    /// As it is left by a request with tools that other dialects know under other names: `f`, which takes free text, and `n__g`.
    private static func planWithRenamedTools() -> AnswerPlan? {
        let tools = #"[{"type":"custom","name":"f"},{"type":"namespace","name":"n","tools":[{"type":"function","name":"g"}]}]"#
        let body = Array(#"{"model":"m","input":"x","tools":\#(tools)}"#.utf8)
        let target = TranslationTarget(dialect: .chat, model: "m")
        return body.withUnsafeBytes { body in
            (try? RequestTranslation(
                body, dialect: .responses, target: target, plan: AnswerPlan(), tape: JSONTape(), reader: JSONReader()))?.plan
        }
    }

    static func stream(_ bytes: UnsafeRawBufferPointer, _ provider: Dialect) throws(FuzzViolation) {
        for client in Dialect.allCases where client != provider {
            for plan in plans {
                let whole = try TranslationRun(Cutting.whole(bytes), provider, client, plan)
                for cutting in Cutting.all(bytes) {
                    try requireEqual(try TranslationRun(cutting, provider, client, plan), whole, "from \(provider) to \(client), cut")
                }
                try check(whole, client, plan)
                try checkSmallLimits(bytes, provider, client, plan, whole)
                try checkGathered(bytes, provider, client, plan, whole)
            }
        }
    }

    static func documents(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        for provider in Dialect.allCases {
            for client in Dialect.allCases where client != provider {
                for var plan in plans {
                    for isStreaming in [true, false] {
                        plan.isStreaming = isStreaming
                        let whole = WholeTranslation(bytes, from: provider, to: client, plan: plan, reader: JSONReader())
                        let body = whole.body.array
                        try check(whole.answer, body, client, plan)
                    }
                }
            }
        }
    }

    private static func check(_ run: TranslationRun, _ client: Dialect, _ plan: AnswerPlan) throws(FuzzViolation) {
        try AnswerCheck.checkCounts(run.answer)
        try requireEqual(run.ending == .complete, run.answer.isComplete, "whole or not")
        try requireEqual(run.ending == .failed, run.answer.failure != nil, "failed or not")
        try require(run.isCommitted || run.sent.isEmpty, "sent before the commit: \(run.sent.shown)")
        try TranslatedStreamCheck(client, isJSONArray: plan.isJSONArray).check(run.sent, isComplete: run.ending == .complete)
        guard run.ending != .complete, !run.sent.isEmpty, !(client == .gemini && plan.isJSONArray) else { return }
        // The gateway's own end can be read behind what there is, and goes on from it.
        let error = ErrorBody(dialect: client, kind: .upstreamFailed, message: "The provider's answer broke off.", requestID: "req_1")
        let ours = ReferenceEvents.parse(error.streamEnding(at: run.position))
        let all = ReferenceEvents.parse(run.sent + error.streamEnding(at: run.position))
        try requireEqual(Array(all.suffix(ours.count)), ours, "the error at the end is not readable")
        guard client == .responses else { return }
        let trees = all.map { ReferenceJSON.parse($0.data, acceptsLoneSurrogates: true) ?? .null }
        try requireEqual(trees.map { $0.number("sequence_number") }, Array(0..<trees.count), "the error does not follow on")
        try requireEqual(
            trees.last?.all("response").first?.text("id"), trees.first?.all("response").first?.text("id"), "another response fails")
    }

    /// With little room the translator commits early; what the client gets is the same, or its beginning.
    private static func checkSmallLimits(
        _ bytes: UnsafeRawBufferPointer, _ provider: Dialect, _ client: Dialect, _ plan: AnswerPlan, _ whole: TranslationRun
    ) throws(FuzzViolation) {
        let limits = RelayLimits(heldBytesMax: 64, heartbeatNanoseconds: 0)
        let run = try TranslationRun(Cutting.all(bytes)[0], provider, client, plan, limits: limits)
        try requireEqual(run.answer, whole.answer, "limits change the answer")
        if whole.isCommitted { try requireEqual(run.sent, whole.sent, "limits change the stream") }
    }

    /// The same stream read at once, for a client that streams and for one that does not.
    private static func checkGathered(
        _ bytes: UnsafeRawBufferPointer, _ provider: Dialect, _ client: Dialect, _ plan: AnswerPlan, _ whole: TranslationRun
    ) throws(FuzzViolation) {
        var plan = plan
        let gathered = WholeTranslation(events: bytes, from: provider, to: client, plan: plan, reader: JSONReader())
        try requireEqual(gathered.answer.isComplete, whole.ending == .complete, "gathered, it is whole or not")
        if gathered.answer.isComplete { try requireEqual(gathered.body.array, whole.sent, "gathered, it is another stream") }
        plan.isStreaming = false
        let document = WholeTranslation(events: bytes, from: provider, to: client, plan: plan, reader: JSONReader())
        try check(document.answer, document.body.array, client, plan)
    }

    private static func check(
        _ answer: ObservedAnswer, _ body: [UInt8], _ client: Dialect, _ plan: AnswerPlan
    ) throws(FuzzViolation) {
        try AnswerCheck.checkCounts(answer)
        try require(!(answer.isComplete && answer.failure != nil), "whole, and failed")
        if plan.isStreaming {
            return try TranslatedStreamCheck(client, isJSONArray: plan.isJSONArray).check(body, isComplete: answer.isComplete)
        }
        let root = ReferenceJSON.parse(body, depthMax: 256, acceptsLoneSurrogates: true)
        guard answer.isComplete else { return try require(root == nil, "an answer that is not whole reads as one: \(body.shown)") }
        guard let root, root.members != nil else {
            throw FuzzViolation("no document for \(client): \(body.shown)")
        }
        try require(root.all("error").allSatisfy { $0 == .null || client == .responses }, "a document with an error: \(body.shown)")
    }
}
