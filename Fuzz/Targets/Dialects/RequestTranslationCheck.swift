import Dialects
import Streaming

/// A client's body on its way to providers of every dialect.
enum RequestTranslationCheck {
    /// One of each kind of model that the writers tell apart.
    private static let targets =
        [
            TranslationTarget(dialect: .responses, model: "gpt-5.1", reasons: true),
            TranslationTarget(dialect: .messages, model: "claude-3-5-sonnet-latest", profile: .anthropic),
            TranslationTarget(dialect: .messages, model: "claude-sonnet-4-5", profile: .anthropic, outputTokensMax: 64_000, reasons: true),
            TranslationTarget(dialect: .messages, model: "claude-opus-5", profile: .anthropic),
            TranslationTarget(dialect: .gemini, model: "gemini-2.0-flash", profile: .google),
            TranslationTarget(dialect: .gemini, model: "gemini-3-pro-preview", profile: .google, reasons: true),
        ] + ProviderProfile.allCases.map { TranslationTarget(dialect: .chat, model: $0 == .openAI ? "gpt-5.1" : "m", profile: $0) }

    static func requests(_ bytes: UnsafeRawBufferPointer, _ client: Dialect) throws(FuzzViolation) {
        let tree = ReferenceJSON.parse(bytes.array)
        for target in targets {
            for isStreaming in [false, true] {
                let first = run(bytes, client, target, isStreaming)
                try requireEqual(run(bytes, client, target, isStreaming), first, "a request is translated in two ways")
                switch first {
                case .failure(let problem): try check(problem, tree, client)
                case .success(let body):
                    try require(tree?.members != nil, "translated, but it is no JSON object")
                    try check(body, target)
                }
            }
        }
    }

    private static func run(
        _ bytes: UnsafeRawBufferPointer, _ client: Dialect, _ target: TranslationTarget, _ isStreaming: Bool
    ) -> Result<[UInt8], RequestProblem> {
        var plan = AnswerPlan()
        plan.isStreaming = isStreaming
        do throws(RequestProblem) {
            let translation = try RequestTranslation(
                bytes, dialect: client, target: target, plan: plan, tape: JSONTape(), reader: JSONReader())
            return .success(translation.body.array)
        } catch {
            return .failure(error)
        }
    }

    /// The provider gets a JSON object, deeper than the client's by what stands around schemas and results, that says each thing once.
    private static func check(_ body: [UInt8], _ target: TranslationTarget) throws(FuzzViolation) {
        guard let result = ReferenceJSON.parse(body, depthMax: 256), let members = result.members else {
            throw FuzzViolation("for \(target.dialect) \(target.profile) it is no JSON object: \(body.shown)")
        }
        let names = members.map { String(decoding: $0.name, as: UTF8.self) }
        try requireEqual(names.count, Set(names).count, "a member stands twice: \(names)")
        if target.dialect != .gemini {
            try requireEqual(result.all("model"), [.string(Array(target.model.utf8))], "another model is asked for")
        }
        let turns: String
        switch target.dialect {
        case .chat, .messages: turns = "messages"
        case .responses: turns = "input"
        case .gemini: turns = "contents"
        }
        guard case .array(_)? = result.all(turns).first else { throw FuzzViolation("no turns: \(body.shown)") }
        let instructions = result.text("instructions") ?? ""
        try require(instructions.isEmpty || !result.list(turns).isEmpty, "instructions without any input: \(body.shown)")
        try checkCalls(result, target.dialect)
    }

    /// Anthropic and Gemini want as many results as there are calls, right behind them; Gemini's last
    /// turn may end with calls. (OpenAI's dialects leave a client's mistake to the provider.)
    private static func checkCalls(_ result: ReferenceJSON, _ dialect: Dialect) throws(FuzzViolation) {
        var owed: [ReferenceJSON] = []
        switch dialect {
        case .chat, .responses: break
        case .messages:
            for message in result.list("messages") {
                let blocks = message.list("content")
                let results = blocks.filter { $0.isOf(type: "tool_result") }.flatMap { $0.all("tool_use_id") }
                try requireEqual(results, owed, "results that are not those of the calls before")
                owed = blocks.filter { $0.isOf(type: "tool_use") }.flatMap { $0.all("id") }
            }
            try require(owed.isEmpty, "calls without results at the end")
        case .gemini:
            for content in result.list("contents") {
                let parts = content.list("parts")
                let results = parts.flatMap { $0.all("functionResponse") }.flatMap { $0.all("name") }
                try requireEqual(results, owed, "results that are not those of the calls before")
                owed = parts.flatMap { $0.all("functionCall") }.flatMap { $0.all("name") }
            }
        }
    }

    /// A refusal has its reason in the body, and an answer that is JSON.
    private static func check(_ problem: RequestProblem, _ tree: ReferenceJSON?, _ dialect: Dialect) throws(FuzzViolation) {
        switch problem {
        case .malformedJSON: try require(tree == nil, "refused, but it is JSON: \(problem)")
        case .notAnObject: try require(tree != nil && tree?.members == nil, "refused, but it is an object: \(problem)")
        default: try require(tree?.members != nil, "refused for a member of what is no object: \(problem)")
        }
        let body = problem.body(in: dialect, requestID: "req_1").json()
        try require(ReferenceJSON.parse(body) != nil, "the answer to it is no JSON: \(body.shown)")
    }
}

extension ReferenceJSON {
    /// Whether it is an object of that `type`.
    func isOf(type: String) -> Bool { all("type") == [.string(Array(type.utf8))] }

    /// The text of a member that is a string and stands once.
    func text(_ name: String) -> String? {
        guard case .string(let bytes)? = all(name).first, all(name).count == 1 else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The elements of a member that is a list; none of anything else.
    func list(_ name: String) -> [ReferenceJSON] {
        if case .array(let elements)? = all(name).first { elements } else { [] }
    }

    /// A member that is a whole number.
    func number(_ name: String) -> Int? {
        guard case .number(let digits)? = all(name).first else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}
