import Streaming

// What providers write into `usage`, brought to the gateway's terms. A count that is missing, null, negative or no number
// counts as absent or 0; a fraction is cut off; a huge one is cut to `DialectLimits.tokensMax`. Nothing here can trap.

extension TokenUsage {
    /// From a chat completion's `usage`. `prompt_tokens` includes what the cache gave and took.
    init(chat usage: JSONValue) {
        self.init()
        let promptDetails = usage.present("prompt_tokens_details")
        let prompt = usage.tokens("prompt_tokens")
        let completion = usage.tokens("completion_tokens")
        // DeepSeek names its hits at the top, older versions of it only there.
        cacheRead = max(promptDetails?.tokens("cached_tokens") ?? 0, usage.tokens("prompt_cache_hit_tokens"))
        cacheWrite5Minutes = promptDetails?.tokens("cache_write_tokens") ?? 0
        input = max(0, prompt - cacheRead - cacheWrite5Minutes)
        reasoning = usage.present("completion_tokens_details")?.tokens("reasoning_tokens") ?? 0
        // xAI counts reasoning beside the completion, the others inside; the total tells.
        let isBeside = reasoning > 0 && usage.tokens("total_tokens") == prompt + completion + reasoning
        output = isBeside ? completion + reasoning : completion
        reportedCostPicodollars = usage.cost
    }

    /// From a Responses answer's `usage`. `input_tokens` includes what the cache gave and took.
    init(responses usage: JSONValue) {
        self.init()
        let inputDetails = usage.present("input_tokens_details")
        cacheRead = inputDetails?.tokens("cached_tokens") ?? 0
        cacheWrite5Minutes = inputDetails?.tokens("cache_write_tokens") ?? 0
        input = max(0, usage.tokens("input_tokens") - cacheRead - cacheWrite5Minutes)
        output = usage.tokens("output_tokens")
        reasoning = usage.present("output_tokens_details")?.tokens("reasoning_tokens") ?? 0
        reportedCostPicodollars = usage.cost
    }

    /// From a whole Messages answer's `usage`.
    init(messages usage: JSONValue) {
        var counts = MessagesCounts()
        counts.take(usage)
        self = counts.usage
    }

    /// From Gemini's `usageMetadata`. `promptTokenCount` includes what the cache gave; `candidatesTokenCount` excludes thoughts.
    init(gemini usage: JSONValue) {
        self.init()
        cacheRead = usage.tokens("cachedContentTokenCount")
        input = max(0, usage.tokens("promptTokenCount") + usage.tokens("toolUsePromptTokenCount") - cacheRead)
        reasoning = usage.tokens("thoughtsTokenCount")
        output = usage.tokens("candidatesTokenCount") + reasoning
    }
}

/// The counts of a Messages stream: `message_start` opens them, `message_delta` is cumulative and overrides what it names.
struct MessagesCounts: Sendable, Equatable {
    private var input = 0
    private var cacheRead = 0
    private var cacheCreation = 0
    private var cacheCreation1Hour = 0
    private var output = 0
    private var thinking = 0
    private var cost: Int64?

    mutating func take(_ usage: JSONValue) {
        if let value = usage.present("input_tokens")?.count { input = value }
        if let value = usage.present("cache_read_input_tokens")?.count { cacheRead = value }
        if let value = usage.present("output_tokens")?.count { output = value }
        if let value = usage.present("output_tokens_details")?.present("thinking_tokens")?.count { thinking = value }
        if let value = usage.cost { cost = value }

        let total = usage.present("cache_creation_input_tokens")?.count
        if let total { cacheCreation = total }
        if let split = usage.present("cache_creation"), split.isObject {
            cacheCreation1Hour = split.tokens("ephemeral_1h_input_tokens")
            let sum = cacheCreation1Hour + split.tokens("ephemeral_5m_input_tokens")
            cacheCreation = max(total ?? 0, sum)
        }
    }

    var usage: TokenUsage {
        var usage = TokenUsage()
        usage.input = input
        usage.cacheRead = cacheRead
        usage.cacheWrite1Hour = min(cacheCreation1Hour, cacheCreation)
        usage.cacheWrite5Minutes = cacheCreation - usage.cacheWrite1Hour
        usage.output = output
        usage.reasoning = thinking
        usage.reportedCostPicodollars = cost
        return usage
    }
}

extension JSONValue {
    /// The member as a count of tokens, 0 when there is none.
    fileprivate func tokens(_ name: StaticString) -> Int { present(name)?.count ?? 0 }

    /// `cost` of OpenRouter, in 10^-12 USD. (Perplexity's is an object; it does not count.)
    fileprivate var cost: Int64? {
        guard let cost = present("cost"), cost.isNumber else { return nil }
        return Picodollars.parse(cost.rawBytes)
    }
}
