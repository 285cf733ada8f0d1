import Streaming

/// A client's request in no dialect: what all four can say, in one form. Made by a request parser, written by a request writer, in one synchronous
/// step: its texts and values point into the client's body and its tape.
struct Conversation {
    /// Whether the answer shall be streamed.
    var isStreaming = false
    /// Instructions that stand before everything: texts, with their cache marks.
    var system: [ConversationPart] = []
    /// The turns in their order. Results of tools stand in turns of the user.
    var turns: [ConversationTurn] = []

    var tools: [ToolDefinition] = []
    var toolChoice: ToolChoice?
    /// Whether the model may call several tools at once; nil when the client does not say.
    var allowsParallelCalls: Bool?

    var outputFormat: OutputFormat?
    /// Whether the schema of `outputFormat` is Gemini's subset of OpenAPI, as `ToolDefinition.isOpenAPISchema`.
    var hasOpenAPIOutputSchema = false
    var reasoning = ReasoningWish()
    var sampling = SamplingOptions()

    /// The client's bound for the answer.
    var maxOutputTokens: Int?
    /// Texts that end the answer.
    var stop: [JSONText] = []
    /// Who asks, as the client puts it (`user`, `safety_identifier`, `metadata.user_id`).
    var user: JSONText?
    /// `prompt_cache_key`.
    var cacheKey: JSONText?
    /// `metadata` of OpenAI's dialects: an object of strings. (Anthropic's holds only the user.)
    var metadata: JSONValue?
    /// `service_tier` as the client names it; each dialect has its own names.
    var serviceTier: JSONText?
    /// How wordy the answer shall be: `low`, `medium`, `high` (OpenAI).
    var verbosity: JSONText?
    /// `store`: whether OpenAI keeps the answer.
    var stores: Bool?

    init() {}

    /// Joins neighbouring turns of one role and drops those without parts.
    mutating func joinTurns() {
        var joined: [ConversationTurn] = []
        joined.reserveCapacity(turns.count)
        for turn in turns where !turn.parts.isEmpty {
            if let last = joined.last, last.role == turn.role, turn.role != .system {
                joined[joined.count - 1].parts += turn.parts
            } else {
                joined.append(turn)
            }
        }
        turns = joined
    }
}

/// What one side said.
struct ConversationTurn {
    enum Role {
        case user
        case assistant
        /// Instructions in the middle of a conversation (Claude Code, Codex): `system` and `developer` messages behind the first turn.
        case system
    }

    var role: Role
    var parts: [ConversationPart]
}

/// How the model may vary. Numbers are the client's own, as it writes them; a member that the target lacks is dropped.
struct SamplingOptions {
    var temperature: JSONValue?
    var topP: JSONValue?
    var topK: JSONValue?
    var seed: JSONValue?
    var frequencyPenalty: JSONValue?
    var presencePenalty: JSONValue?
    var logitBias: JSONValue?
    /// How many answers; nil for one.
    var candidateCount: Int?
}

/// What the answer shall look like.
enum OutputFormat {
    /// Any JSON object.
    case json
    /// JSON that follows a schema. The name may be absent.
    case schema(JSONValue, name: JSONText?, description: JSONText?, strict: Bool?)
}

/// How much the model shall think.
struct ReasoningWish {
    /// Least to most. OpenAI has `minimal` to `xhigh`, Anthropic `low` to `max`.
    enum Effort: Int, Comparable {
        case minimal
        case low
        case medium
        case high
        case xhigh
        case max

        static func < (left: Effort, right: Effort) -> Bool { left.rawValue < right.rawValue }
    }

    enum Mode {
        /// The client does not say.
        case unset
        /// Not at all.
        case off
        /// As much as the model thinks fit (`adaptive`, a budget of -1).
        case adaptive
        /// On: with the effort or the budget, where one is given.
        case on
    }

    var mode = Mode.unset
    var effort: Effort?
    /// Tokens of thinking.
    var budgetTokens: Int?
    /// Whether the client wants to read the thinking, or a summary of it; nil when it does not say.
    var isShown: Bool?
    /// OpenAI's `summary` as the client names it: `auto`, `concise`, `detailed`.
    var summary: JSONText?

    init() {}

    /// Whether the client asks for thinking in any way.
    var isWanted: Bool {
        switch mode {
        case .on, .adaptive: true
        case .off: false
        case .unset: effort != nil || budgetTokens != nil
        }
    }
}

extension ReasoningWish.Effort {
    init?(_ text: JSONText) {
        switch true {
        case text.equals("minimal"): self = .minimal
        case text.equals("low"): self = .low
        case text.equals("medium"): self = .medium
        case text.equals("high"): self = .high
        case text.equals("xhigh"): self = .xhigh
        case text.equals("max"): self = .max
        default: return nil
        }
    }

    /// OpenAI's name.
    var openAIName: StaticString {
        switch self {
        case .minimal: "minimal"
        case .low: "low"
        case .medium: "medium"
        case .high: "high"
        case .xhigh, .max: "xhigh"
        }
    }

    /// Tokens of thinking that stand for the effort where only a budget can be said.
    var budgetTokens: Int {
        switch self {
        case .minimal: 1_024
        case .low: 2_048
        case .medium: 8_192
        case .high: 24_576
        case .xhigh: 32_768
        case .max: 65_536
        }
    }

    /// The effort that stands for a budget where only an effort can be said.
    init(budgetTokens: Int) {
        switch budgetTokens {
        case ..<2_048: self = .minimal
        case ..<8_192: self = .low
        case ..<24_576: self = .medium
        case ..<32_768: self = .high
        default: self = .xhigh
        }
    }
}
