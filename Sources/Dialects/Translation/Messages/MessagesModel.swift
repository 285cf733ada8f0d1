/// What a model of Anthropic's can take, judged by its name: families differ, and refuse what they do not know.
///
/// Names come in many forms (`claude-3-7-sonnet-20250219`, `claude-opus-4-6`, `anthropic/claude-opus-4.6`, `us.anthropic.claude-…-v1:0`). A name without
/// "claude", served by somebody's compatible endpoint, gets the oldest and most common members only.
struct MessagesModel {
    /// Major and minor version as one number: 307 for 3.7. Nil for what is no Claude, or tells no version.
    private let version: Int?
    private let isOpus: Bool
    private let isClaude: Bool

    init(_ name: String) {
        var words = name.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }[...]
        guard let start = words.firstIndex(of: "claude") else {
            isClaude = false
            isOpus = false
            version = nil
            return
        }
        isClaude = true
        words = words[(start + 1)...]
        isOpus = words.contains("opus")
        // The first number of one or two digits, and the one behind it: a date is longer.
        var numbers: [Int] = []
        for word in words {
            let number = word.utf8.count <= 2 ? Int(word) : nil
            if let number { numbers.append(number) }
            if numbers.count == 2 || (number == nil && !numbers.isEmpty) { break }
        }
        version = numbers.first.map { $0 * 100 + (numbers.count > 1 ? numbers[1] : 0) }
    }

    private func isAtLeast(_ least: Int) -> Bool { version.map { $0 >= least } ?? false }

    /// Thinks, if asked to.
    var thinks: Bool { !isClaude || isAtLeast(307) }

    /// Thinks as much as it finds fit (`adaptive`), guided by an effort, rather than within a budget.
    var isAdaptive: Bool { isAtLeast(406) }

    /// Thinks unless told not to.
    var thinksByDefault: Bool { isAtLeast(500) }

    /// Knows `display` of thinking.
    var hasThinkingDisplay: Bool { isAtLeast(405) }

    /// Knows `output_config.format`.
    var hasOutputFormat: Bool { isAtLeast(405) }

    /// Takes messages of the role system between the others.
    var takesSystemTurns: Bool { isOpus ? isAtLeast(408) : isAtLeast(500) }

    /// Refuses temperature, top_p and top_k.
    var refusesSampling: Bool { isAtLeast(407) }

    /// Refuses temperature and top_p together.
    var takesOneOfTemperatureAndTopP: Bool { isAtLeast(401) }

    /// Refuses a conversation that ends with the beginning of the answer.
    var refusesPrefill: Bool { isAtLeast(406) }

    /// Its name of an effort.
    func effort(_ effort: ReasoningWish.Effort) -> StaticString {
        switch effort {
        case .minimal, .low: "low"
        case .medium: "medium"
        case .high: "high"
        case .xhigh: isAtLeast(407) ? "xhigh" : "high"
        case .max: isOpus || isAtLeast(407) ? "max" : "high"
        }
    }

    /// How many tokens an answer may have when neither the client nor the catalogue says.
    var outputTokensDefault: Int {
        guard let version else { return DialectLimits.messagesOutputTokensDefault }
        return switch version {
        case ..<305: 4_096
        case ..<307: 8_192
        default: DialectLimits.messagesOutputTokensMax
        }
    }

    /// How many it can give at most, as far as the name tells.
    var outputTokensMax: Int? {
        guard let version else { return nil }
        return switch version {
        case ..<305: 4_096
        case ..<307: 8_192
        case 400..<405 where isOpus: 32_000
        default: 64_000
        }
    }
}
