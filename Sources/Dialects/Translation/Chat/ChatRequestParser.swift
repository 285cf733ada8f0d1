import Streaming

/// Reads a client's chat completions request, with what OpenRouter, DeepSeek, Mistral and Google's OpenAI surface add to it.
///
/// Members that nobody else has words for are passed over; docs/translation.md has the list.
enum ChatRequestParser: RequestParser {
    static func parse(_ root: JSONValue) throws(RequestProblem) -> Conversation {
        var conversation = Conversation()
        try parseMessages(root, into: &conversation)
        try parseTools(root, into: &conversation)
        conversation.outputFormat = try outputFormat(root)
        conversation.reasoning = try reasoning(root)
        conversation.sampling = try sampling(root)
        conversation.maxOutputTokens = try bound(root, "max_tokens")
        if let bound = try bound(root, "max_completion_tokens") { conversation.maxOutputTokens = bound }
        conversation.stop = try stop(root)
        conversation.user = try text(root, "user")
        if let user = try text(root, "safety_identifier") { conversation.user = user }
        conversation.cacheKey = try text(root, "prompt_cache_key")
        conversation.metadata = try object(root, "metadata")
        conversation.serviceTier = try text(root, "service_tier")
        conversation.verbosity = try text(root, "verbosity")
        conversation.stores = try flag(root, "store")
        return conversation
    }

    private static func sampling(_ root: JSONValue) throws(RequestProblem) -> SamplingOptions {
        var sampling = SamplingOptions()
        sampling.temperature = try number(root, "temperature")
        sampling.topP = try number(root, "top_p")
        sampling.topK = try number(root, "top_k")
        sampling.seed = try number(root, "seed")
        sampling.frequencyPenalty = try number(root, "frequency_penalty")
        sampling.presencePenalty = try number(root, "presence_penalty")
        sampling.logitBias = try object(root, "logit_bias")
        if let modalities = root.present("modalities"), modalities.elements.contains(where: { $0.equals("audio") }) {
            throw .notTranslatable(member: "modalities", reason: "its dialect has no sound in answers")
        }
        if let count = try bound(root, "n"), count > 1 { sampling.candidateCount = count }
        return sampling
    }

    private static func stop(_ root: JSONValue) throws(RequestProblem) -> [JSONText] {
        guard let stop = root.present("stop") else { return [] }
        if let text = JSONText(stop) { return text.isEmpty ? [] : [text] }
        guard stop.isArray else { throw .wrongType(member: "stop", expected: "a string or an array of strings") }
        var texts: [JSONText] = []
        for element in stop.elements {
            guard let text = JSONText(element) else { throw .wrongType(member: "stop", expected: "a string or an array of strings") }
            if !text.isEmpty { texts.append(text) }
        }
        return texts
    }

    private static func outputFormat(_ root: JSONValue) throws(RequestProblem) -> OutputFormat? {
        guard let format = try object(root, "response_format") else { return nil }
        guard let type = format.present("type") else { throw .missing(member: "response_format.type") }
        switch true {
        case type.equals("text"):
            return nil
        case type.equals("json_object"):
            return .json
        case type.equals("json_schema"):
            guard let schema = format.present("json_schema") else { throw .missing(member: "response_format.json_schema") }
            guard schema.isObject else { throw .wrongType(member: "response_format.json_schema", expected: "an object") }
            guard let body = schema.present("schema"), body.isObject else { return .json }
            return .schema(
                body, name: JSONText(schema.present("name")), description: JSONText(schema.present("description")),
                strict: schema.present("strict")?.bool)
        default:
            throw .invalid(member: "response_format.type", reason: "it must be text, json_object or json_schema")
        }
    }

    // MARK: Members

    static func text(_ object: JSONValue, _ name: StaticString) throws(RequestProblem) -> JSONText? {
        guard let value = object.present(name) else { return nil }
        guard let text = JSONText(value) else { throw .wrongType(member: StaticName(stringLiteral: name), expected: "a string") }
        return text.isEmpty ? nil : text
    }

    static func object(_ root: JSONValue, _ name: StaticString) throws(RequestProblem) -> JSONValue? {
        guard let value = root.present(name) else { return nil }
        guard value.isObject else { throw .wrongType(member: StaticName(stringLiteral: name), expected: "an object") }
        return value
    }

    static func array(_ root: JSONValue, _ name: StaticString) throws(RequestProblem) -> JSONValue? {
        guard let value = root.present(name) else { return nil }
        guard value.isArray else { throw .wrongType(member: StaticName(stringLiteral: name), expected: "an array") }
        return value
    }

    static func number(_ root: JSONValue, _ name: StaticString) throws(RequestProblem) -> JSONValue? {
        guard let value = root.present(name) else { return nil }
        guard value.isNumber else { throw .wrongType(member: StaticName(stringLiteral: name), expected: "a number") }
        return value
    }

    static func flag(_ root: JSONValue, _ name: StaticString) throws(RequestProblem) -> Bool? {
        guard let value = root.present(name) else { return nil }
        guard let flag = value.bool else { throw .wrongType(member: StaticName(stringLiteral: name), expected: "a boolean") }
        return flag
    }

    /// A count of at least one.
    static func bound(_ root: JSONValue, _ name: StaticString) throws(RequestProblem) -> Int? {
        guard let value = try number(root, name) else { return nil }
        guard let count = value.count, count >= 1 else { throw .invalid(member: StaticName(stringLiteral: name), reason: "it must be at least 1") }
        return count
    }
}
