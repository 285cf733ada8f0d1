import Streaming

/// How a provider's chat differs from OpenAI's: which members it takes, and in which words.
///
/// A provider that nothing is known of (`compatible`) gets the oldest and most common members only; whatever a provider is known to refuse is
/// not sent to it.
struct ChatAccent {
    let profile: ProviderProfile
    /// The model's name in lower case, without a vendor's prefix.
    let model: String
    /// Whether the model is one of those at OpenAI or xAI that think always and refuse the old knobs for it.
    let isReasoningModel: Bool

    init(_ target: TranslationTarget) {
        profile = target.profile
        let name = target.model.lowercased()
        model = name.lastIndex(of: "/").map { String(name[name.index(after: $0)...]) } ?? name
        isReasoningModel =
            switch target.profile {
            case .openAI: OpenAIModel(model).isReasoning || target.reasons == true
            case .xai: Self.reasonsAtXAI(model)
            default: false
            }
    }

    private static func reasonsAtXAI(_ model: String) -> Bool {
        guard !model.contains("non-reasoning") else { return false }
        return model.hasPrefix("grok-4") || model.hasPrefix("grok-5") || model.hasPrefix("grok-code") || model.contains("mini")
            || model.contains("reasoning")
    }

    // MARK: Messages

    /// The role of instructions. OpenAI's newer models call them the developer's.
    var instructionsRole: StaticString { profile == .openAI && isReasoningModel ? "developer" : "system" }

    /// Chat templates of open models and Mistral want instructions in front only: later ones become texts of the user.
    var foldsLaterInstructions: Bool {
        switch profile {
        case .mistral, .ollama, .compatible, .anthropic: true
        case .openAI, .google, .xai, .openrouter, .groq, .deepseek, .zai: false
        }
    }

    /// Mistral refuses a user's message right behind a tool's.
    var separatesToolFromUser: Bool { profile == .mistral }

    /// `cache_control` on parts, Anthropic's way.
    var takesCacheControl: Bool { profile == .openrouter || profile == .anthropic }

    /// A file within a message, the way that OpenAI has it.
    var takesFiles: Bool { profile == .openAI || profile == .openrouter }

    var takesAudio: Bool {
        switch profile {
        case .openAI, .openrouter, .google, .mistral, .compatible: true
        case .anthropic, .xai, .groq, .deepseek, .zai, .ollama: false
        }
    }

    /// Whether `refusal` of an assistant's message is known; else it is sent as text.
    var takesRefusals: Bool { profile == .openAI }

    // MARK: Tools

    var takesParallelToolCalls: Bool {
        switch profile {
        case .openAI: !OpenAIModel(model).isOSeries
        case .openrouter, .groq, .xai, .mistral: true
        case .anthropic, .google, .deepseek, .zai, .ollama, .compatible: false
        }
    }

    /// Z.ai lets its models decide and takes nothing else; DeepSeek too while they think.
    func takesForcedTools(_ wish: ReasoningWish) -> Bool {
        switch profile {
        case .zai: false
        case .deepseek: !(wish.isWanted || model.contains("reasoner"))
        default: true
        }
    }

    /// Whether `strict: false` may be written; true is sent wherever the client says it.
    var takesStrictFalse: Bool { profile == .openAI || profile == .openrouter }

    /// `tool_choice: {type: allowed_tools}`; elsewhere the other tools are left out.
    var takesAllowedTools: Bool { profile == .openAI }

    // MARK: Formats

    /// Whether `response_format` knows schemas; else the schema is put in words.
    var takesSchemas: Bool {
        switch profile {
        case .openAI, .openrouter, .groq, .xai, .mistral, .google, .ollama, .compatible: true
        case .anthropic, .deepseek, .zai: false
        }
    }

    /// Whether `response_format: {type: json_object}` is known.
    var takesJSONMode: Bool { profile != .anthropic }

    // MARK: Knobs

    /// OpenAI's newer models refuse `max_tokens`; the others know it best.
    var outputBound: StaticString { profile == .openAI ? "max_completion_tokens" : "max_tokens" }

    var takesStreamOptions: Bool { profile != .mistral }

    /// Temperature and top_p: OpenAI's reasoning models take their defaults only.
    var takesTemperature: Bool { !(profile == .openAI && isReasoningModel) }

    /// The greatest temperature that the provider takes where that is 1.
    var limitsTemperatureToOne: Bool { profile == .zai || profile == .anthropic }

    var takesStop: Bool { !isReasoningModel }

    var takesPenalties: Bool {
        switch profile {
        case .openAI, .xai: !isReasoningModel
        case .openrouter, .groq, .deepseek, .mistral, .ollama, .compatible: true
        case .anthropic, .google, .zai: false
        }
    }

    var takesTopK: Bool { profile == .openrouter }

    var takesLogitBias: Bool {
        switch profile {
        case .openAI: !isReasoningModel
        case .openrouter, .compatible: true
        default: false
        }
    }

    /// The name of the seed; nil where there is none.
    var seed: StaticString? {
        switch profile {
        case .openAI, .openrouter, .groq, .xai, .ollama, .compatible: "seed"
        case .mistral: "random_seed"
        case .anthropic, .google, .deepseek, .zai: nil
        }
    }

    var takesUser: Bool {
        switch profile {
        case .openAI, .openrouter, .xai, .groq: true
        default: false
        }
    }

    /// Members of OpenAI alone: `prompt_cache_key`, `store`, `metadata`.
    var takesPlatformMembers: Bool { profile == .openAI }

    var takesVerbosity: Bool { profile == .openAI ? OpenAIModel(model).takesVerbosity : profile == .openrouter }

    func takesServiceTier(_ tier: JSONText) -> Bool {
        switch profile {
        case .openAI, .openrouter:
            tier.equals("auto") || tier.equals("default") || tier.equals("flex") || tier.equals("priority") || tier.equals("scale")
        case .groq:
            tier.equals("auto") || tier.equals("flex")
        default:
            false
        }
    }
}
