import Streaming

/// Reads a client's Responses request (`POST /v1/responses`): Codex, and the OpenAI SDKs.
///
/// Ids of items are the client's bookkeeping and go, but those of reasoning, which belong to its state. Tools and items that the provider itself runs
/// (`web_search`, `mcp` …) are passed over where another provider could not know them. What hangs on an answer that a provider keeps is refused.
enum ResponsesRequestParser: RequestParser {
    static func parse(_ root: JSONValue) throws(RequestProblem) -> Conversation {
        try refuseKeptState(root)
        var conversation = Conversation()
        if let instructions = try text("instructions", of: root), !instructions.isEmpty {
            conversation.system.append(.text(instructions))
        }
        try takeInput(root, into: &conversation)
        try takeTools(root, into: &conversation)
        try takeText(root, into: &conversation)
        try takeReasoning(root, into: &conversation)
        try takeSampling(root, into: &conversation)
        if let value = root.present("max_output_tokens") {
            guard let count = value.count else { throw .wrongType(member: "max_output_tokens", expected: "a positive integer") }
            guard count > 0 else { throw .invalid(member: "max_output_tokens", reason: "it must be positive") }
            conversation.maxOutputTokens = count
        }
        let user = try text("user", of: root)
        conversation.user = try text("safety_identifier", of: root) ?? user
        conversation.cacheKey = try text("prompt_cache_key", of: root)
        conversation.serviceTier = try text("service_tier", of: root)
        conversation.stores = try flag("store", of: root)
        if let metadata = root.present("metadata") {
            guard metadata.isObject else { throw .wrongType(member: "metadata", expected: "an object") }
            conversation.metadata = metadata
        }
        return conversation
    }

    /// What only the provider can answer that keeps the earlier answers.
    private static func refuseKeptState(_ root: JSONValue) throws(RequestProblem) {
        if root.present("previous_response_id") != nil {
            throw .notTranslatable(
                member: "previous_response_id", reason: "it keeps no earlier answers; send the whole conversation as 'input'")
        }
        if root.present("conversation") != nil {
            throw .notTranslatable(
                member: "conversation", reason: "it keeps no conversations; send the whole conversation as 'input'")
        }
        if root.present("prompt") != nil {
            throw .notTranslatable(member: "prompt", reason: "it keeps no prompt templates; send the prompt as 'input'")
        }
        if try flag("background", of: root) == true {
            throw .notTranslatable(member: "background", reason: "it answers only while the client waits")
        }
    }

    // MARK: Members with an object of their own

    private static func takeText(_ root: JSONValue, into conversation: inout Conversation) throws(RequestProblem) {
        guard let wish = root.present("text") else { return }
        guard wish.isObject else { throw .wrongType(member: "text", expected: "an object") }
        conversation.verbosity = JSONText(wish.present("verbosity"))
        guard let format = wish.present("format") else { return }
        guard format.isObject, let type = format.present("type") else {
            throw .wrongType(member: "text.format", expected: "an object with a type")
        }
        switch true {
        case type.equals("text"):
            break
        case type.equals("json_object"):
            conversation.outputFormat = .json
        case type.equals("json_schema"):
            guard let schema = format.present("schema") else { throw .missing(member: "text.format.schema") }
            guard schema.isObject else { throw .wrongType(member: "text.format.schema", expected: "an object") }
            conversation.outputFormat = .schema(
                schema, name: JSONText(format.present("name")), description: JSONText(format.present("description")),
                strict: format.present("strict")?.bool)
        default:
            throw .invalid(member: "text.format.type", reason: "it must be 'text', 'json_object' or 'json_schema'")
        }
    }

    private static func takeReasoning(_ root: JSONValue, into conversation: inout Conversation) throws(RequestProblem) {
        guard let wish = root.present("reasoning") else { return }
        guard wish.isObject else { throw .wrongType(member: "reasoning", expected: "an object") }
        if let effort = JSONText(wish.present("effort")) {
            if effort.equals("none") {
                conversation.reasoning.mode = .off
            } else {
                guard let level = ReasoningWish.Effort(effort) else {
                    throw .invalid(member: "reasoning.effort", reason: "it must be one of none, minimal, low, medium, high and xhigh")
                }
                conversation.reasoning.mode = .on
                conversation.reasoning.effort = level
            }
        }
        guard let summary = JSONText(wish.present("summary") ?? wish.present("generate_summary")) else { return }
        let isShown = !summary.equals("none")
        conversation.reasoning.isShown = isShown
        if isShown { conversation.reasoning.summary = summary }
    }

    private static func takeSampling(_ root: JSONValue, into conversation: inout Conversation) throws(RequestProblem) {
        conversation.sampling.temperature = try number("temperature", of: root)
        conversation.sampling.topP = try number("top_p", of: root)
    }

    // MARK: Members of one type

    static func text(_ name: StaticString, of root: JSONValue) throws(RequestProblem) -> JSONText? {
        guard let value = root.present(name) else { return nil }
        guard let text = JSONText(value) else {
            throw .wrongType(member: StaticName(stringLiteral: name), expected: "a string")
        }
        return text
    }

    static func flag(_ name: StaticString, of root: JSONValue) throws(RequestProblem) -> Bool? {
        guard let value = root.present(name) else { return nil }
        guard let flag = value.bool else { throw .wrongType(member: StaticName(stringLiteral: name), expected: "a boolean") }
        return flag
    }

    private static func number(_ name: StaticString, of root: JSONValue) throws(RequestProblem) -> JSONValue? {
        guard let value = root.present(name) else { return nil }
        guard value.isNumber else { throw .wrongType(member: StaticName(stringLiteral: name), expected: "a number") }
        return value
    }
}
