import Streaming

/// Reads a request of Anthropic's Messages API.
///
/// Refused is what Anthropic refuses for the same reason: a missing `max_tokens`, a role or a choice that means nothing, a member of the wrong type.
/// What is unknown (betas, members of a message, kinds of blocks and tools) is passed over.
enum MessagesRequestParser: RequestParser {
    static func parse(_ root: JSONValue) throws(RequestProblem) -> Conversation { try parse(root, isCounted: false) }

    /// - Parameter isCounted: only its tokens shall be counted: such a request has no bound for an answer.
    static func parse(_ root: JSONValue, isCounted: Bool) throws(RequestProblem) -> Conversation {
        var conversation = Conversation()
        conversation.isStreaming = root["stream"]?.bool ?? false
        conversation.system = try system(root.present("system"))
        try takeMessages(root, into: &conversation)
        conversation.tools = try tools(root.present("tools"))
        try takeToolChoice(root.present("tool_choice"), into: &conversation)
        if !isCounted { conversation.maxOutputTokens = try maxTokens(root) }
        conversation.reasoning = try reasoning(root.present("thinking"))
        try takeOutputConfig(root, into: &conversation)
        conversation.sampling.temperature = try number(root, "temperature", named: "temperature")
        conversation.sampling.topP = try number(root, "top_p", named: "top_p")
        conversation.sampling.topK = try number(root, "top_k", named: "top_k")
        conversation.stop = try stopSequences(root.present("stop_sequences"))
        conversation.user = JSONText(root.present("metadata")?.present("user_id"))
        conversation.serviceTier = JSONText(root.present("service_tier"))
        return conversation
    }

    // MARK: Messages

    /// `system`: a text, or blocks of text whose order and cache marks stay.
    private static func system(_ value: JSONValue?) throws(RequestProblem) -> [ConversationPart] {
        guard let value else { return [] }
        if let text = JSONText(value) { return [.text(text)] }
        guard value.isArray else { throw .wrongType(member: "system", expected: "a string or an array of text blocks") }
        return texts(value)
    }

    /// The text blocks of an array.
    static func texts(_ array: JSONValue) -> [ConversationPart] {
        array.elements.compactMap { block in
            JSONText(block["text"]).map { ConversationPart(.text($0), cacheControl: block.present("cache_control")) }
        }
    }

    private static func takeMessages(_ root: JSONValue, into conversation: inout Conversation) throws(RequestProblem) {
        guard let messages = root.present("messages") else { throw .missing(member: "messages") }
        guard messages.isArray else { throw .wrongType(member: "messages", expected: "an array of objects") }
        if messages.isEmptyContainer { throw .empty(member: "messages") }
        for message in messages.elements {
            guard message.isObject else { throw .wrongType(member: "messages", expected: "an array of objects") }
            guard let role = message.present("role") else { throw .missing(member: "messages.role") }
            let parts = try Self.parts(message.present("content"))
            switch true {
            case role.equals("user"):
                conversation.turns.append(ConversationTurn(role: .user, parts: parts))
            case role.equals("assistant"):
                conversation.turns.append(ConversationTurn(role: .assistant, parts: parts))
            case role.equals("system"):
                // In front of everything it is what `system` is; further on it keeps its place.
                let texts = parts.filter { if case .text = $0.content { true } else { false } }
                if conversation.turns.isEmpty {
                    conversation.system += texts
                } else {
                    conversation.turns.append(ConversationTurn(role: .system, parts: texts))
                }
            default:
                throw .invalid(member: "messages.role", reason: "it must be user, assistant or system")
            }
        }
    }

    private static func parts(_ content: JSONValue?) throws(RequestProblem) -> [ConversationPart] {
        guard let content else { throw .missing(member: "messages.content") }
        if let text = JSONText(content) { return [.text(text)] }
        guard content.isArray else { throw .wrongType(member: "messages.content", expected: "a string or an array of content blocks") }
        return try blocks(content)
    }

    // MARK: Options

    private static func maxTokens(_ root: JSONValue) throws(RequestProblem) -> Int {
        guard let value = root.present("max_tokens") else { throw .missing(member: "max_tokens") }
        guard value.isNumber, let tokens = value.int64 else { throw .wrongType(member: "max_tokens", expected: "an integer") }
        guard tokens > 0 else { throw .invalid(member: "max_tokens", reason: "it must be at least 1") }
        return min(Int(tokens), DialectLimits.tokensMax)
    }

    private static func reasoning(_ thinking: JSONValue?) throws(RequestProblem) -> ReasoningWish {
        var wish = ReasoningWish()
        guard let thinking else { return wish }
        guard thinking.isObject, let type = thinking.present("type"), type.isString else {
            throw .wrongType(member: "thinking", expected: "an object with a type")
        }
        switch true {
        case type.equals("enabled"):
            wish.mode = .on
            guard let budget = thinking.present("budget_tokens") else { throw .missing(member: "thinking.budget_tokens") }
            guard let tokens = budget.count else { throw .wrongType(member: "thinking.budget_tokens", expected: "an integer") }
            wish.budgetTokens = tokens
        case type.equals("adaptive"):
            wish.mode = .adaptive
        case type.equals("disabled"):
            wish.mode = .off
        default:
            // A way of thinking that came after this was written (`between_tools`): how much is the model's affair.
            wish.mode = .adaptive
        }
        // Thinking that was switched on with a budget is shown unless the client says otherwise; that of adaptive models is not.
        if wish.mode == .on { wish.isShown = true }
        if let display = thinking.present("display") { wish.isShown = !display.equals("omitted") }
        return wish
    }

    /// `output_config`, and `output_format`, which its format was called before.
    private static func takeOutputConfig(_ root: JSONValue, into conversation: inout Conversation) throws(RequestProblem) {
        let config = root.present("output_config")
        if let config, !config.isObject { throw .wrongType(member: "output_config", expected: "an object") }
        // A level that nobody here knows counts as not said.
        if let effort = JSONText(config?.present("effort")) { conversation.reasoning.effort = ReasoningWish.Effort(effort) }
        guard let format = config?.present("format") ?? root.present("output_format") else { return }
        guard let schema = format.present("schema"), schema.isObject else { throw .missing(member: "output_config.format.schema") }
        conversation.outputFormat = .schema(schema, name: JSONText(format.present("name")), description: nil, strict: true)
    }

    private static func number(
        _ root: JSONValue, _ name: StaticString, named member: StaticName
    ) throws(RequestProblem) -> JSONValue? {
        guard let value = root.present(name) else { return nil }
        guard value.isNumber else { throw .wrongType(member: member, expected: "a number") }
        return value
    }

    private static func stopSequences(_ value: JSONValue?) throws(RequestProblem) -> [JSONText] {
        guard let value else { return [] }
        guard value.isArray else { throw .wrongType(member: "stop_sequences", expected: "an array of strings") }
        var texts: [JSONText] = []
        for element in value.elements {
            guard let text = JSONText(element) else { throw .wrongType(member: "stop_sequences", expected: "an array of strings") }
            texts.append(text)
        }
        return texts
    }
}
