import Streaming

// `generationConfig`.

extension GeminiRequestParser {
    static func readOptions(_ options: JSONValue, into conversation: inout Conversation) throws(RequestProblem) {
        if let bound = options.present("maxOutputTokens", "max_output_tokens") {
            guard let tokens = bound.count else { throw .wrongType(member: "generationConfig.maxOutputTokens", expected: "a number") }
            conversation.maxOutputTokens = tokens
        }
        if let stop = options.present("stopSequences", "stop_sequences") {
            guard stop.isArray || stop.isString else { throw .wrongType(member: "generationConfig.stopSequences", expected: "an array") }
            for element in stop.isArray ? stop.elements.map({ $0 }) : [stop] {
                guard let text = JSONText(element) else {
                    throw .wrongType(member: "generationConfig.stopSequences", expected: "an array of strings")
                }
                if !text.isEmpty { conversation.stop.append(text) }
            }
        }
        try readSampling(options, into: &conversation.sampling)
        try readFormat(options, into: &conversation)
        if let thinking = options.present("thinkingConfig", "thinking_config") {
            guard thinking.isObject else { throw .wrongType(member: "generationConfig.thinkingConfig", expected: "an object") }
            readThinking(thinking, into: &conversation.reasoning)
        }
        try checkModalities(options)
    }

    private static func readSampling(_ options: JSONValue, into sampling: inout SamplingOptions) throws(RequestProblem) {
        sampling.temperature = try number(options.present("temperature"), "generationConfig.temperature")
        sampling.topP = try number(options.present("topP", "top_p"), "generationConfig.topP")
        sampling.topK = try number(options.present("topK", "top_k"), "generationConfig.topK")
        sampling.seed = try number(options.present("seed"), "generationConfig.seed")
        sampling.frequencyPenalty = try number(options.present("frequencyPenalty", "frequency_penalty"), "generationConfig.frequencyPenalty")
        sampling.presencePenalty = try number(options.present("presencePenalty", "presence_penalty"), "generationConfig.presencePenalty")
        if let count = options.present("candidateCount", "candidate_count") {
            guard let count = count.count else { throw .wrongType(member: "generationConfig.candidateCount", expected: "a number") }
            sampling.candidateCount = count > 1 ? count : nil
        }
    }

    private static func number(_ value: JSONValue?, _ member: StaticName) throws(RequestProblem) -> JSONValue? {
        guard let value else { return nil }
        guard value.isNumber else { throw .wrongType(member: member, expected: "a number") }
        return value
    }

    private static func readFormat(_ options: JSONValue, into conversation: inout Conversation) throws(RequestProblem) {
        let type = options.present("responseMimeType", "response_mime_type")
        // `text/x.enum` answers with a bare word of the schema's list, which no other dialect can promise.
        if let type, !type.equals("application/json") { return }
        if let schema = options.present("responseJsonSchema", "response_json_schema") ?? options.present("_responseJsonSchema") {
            guard schema.isObject else { throw .wrongType(member: "generationConfig.responseJsonSchema", expected: "an object") }
            conversation.outputFormat = .schema(schema, name: nil, description: nil, strict: nil)
        } else if let schema = options.present("responseSchema", "response_schema") {
            guard schema.isObject else { throw .wrongType(member: "generationConfig.responseSchema", expected: "an object") }
            conversation.outputFormat = .schema(schema, name: nil, description: nil, strict: nil)
            conversation.hasOpenAPIOutputSchema = true
        } else if type != nil {
            conversation.outputFormat = .json
        }
    }

    private static func readThinking(_ thinking: JSONValue, into wish: inout ReasoningWish) {
        wish.isShown = thinking.present("includeThoughts", "include_thoughts")?.bool
        if let budget = thinking.present("thinkingBudget", "thinking_budget")?.int64 {
            switch budget {
            case 0: wish.mode = .off
            case ..<0: wish.mode = .adaptive
            default:
                wish.mode = .on
                wish.budgetTokens = Int(min(budget, Int64(DialectLimits.tokensMax)))
            }
        }
        guard let level = thinking.present("thinkingLevel", "thinking_level")?.string else { return }
        let effort = ReasoningWish.Effort(JSONText.owned(level.lowercased()))
        guard let effort else { return }
        wish.mode = .on
        wish.effort = effort
    }

    /// The other dialects answer with text; who wants pictures or sound only is not served by it.
    private static func checkModalities(_ options: JSONValue) throws(RequestProblem) {
        guard let list = options.present("responseModalities", "response_modalities"), list.isFilledContainer else { return }
        for modality in list.elements where modality.string?.uppercased() == "TEXT" { return }
        throw .notTranslatable(member: "generationConfig.responseModalities", reason: "it answers with text only")
    }
}
