/// What a model's name tells about how Gemini's API wants to be asked.
///
/// `gemini-2.5-flash-lite`, `models/gemini-3-pro-preview`, `google/gemini-2.0-flash-001`. A name without a version (`gemini-flash-latest`) is taken for the
/// newest; one that is no Gemini at all (`gemma-3-27b-it`, a tuned model) for an old one, which every model is asked like.
struct GeminiModel {
    private let version: (major: Int, minor: Int)
    private let isPro: Bool
    private let isLite: Bool

    init(_ name: String) {
        let name = name.lowercased()
        isPro = name.contains("pro")
        isLite = name.contains("lite")
        guard let rest = name.rest(behind: "gemini-") else {
            version = (0, 0)
            return
        }
        version = Self.version(rest) ?? (9, 0)
    }

    /// The number that follows: `2.5`, `3`; nil for a word, and for a date (`exp-1206`).
    private static func version(_ rest: Substring) -> (major: Int, minor: Int)? {
        let word = rest.prefix { $0 != "-" && $0 != "@" && $0 != ":" }
        let numbers = word.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = numbers.first, let major = Int(first), major < 100 else { return nil }
        return (major, numbers.count > 1 ? Int(numbers[1]) ?? 0 : 0)
    }

    private func isAtLeast(_ major: Int, _ minor: Int) -> Bool { version >= (major, minor) }

    /// Takes JSON Schema as it is (`parametersJsonSchema`, `responseJsonSchema`): 2.5 and newer. Older ones take the subset of OpenAPI.
    var takesJSONSchema: Bool { isAtLeast(2, 5) }

    /// Takes ids with calls and results, wants a thought signature on the first call of each step, and takes media inside of results: 3 and newer.
    /// (2.5 was seen to accept ids, but pairs calls and results by their order.)
    var isGemini3: Bool { isAtLeast(3, 0) }

    /// Can be held to a schema while it has tools: 3 and newer.
    var takesSchemaWithTools: Bool { isGemini3 }

    /// The longest answer, in tokens, where the catalogue does not know it.
    var outputTokensMax: Int { isAtLeast(2, 5) ? DialectLimits.geminiOutputTokensMax : DialectLimits.oldGeminiOutputTokensMax }

    /// How the model is told how much to think.
    enum Thinking {
        /// It does not think, or cannot be told.
        case fixed
        /// `thinkingBudget`; `range` without 0, which stands for none and is refused where `canBeOff` is false.
        case budget(range: ClosedRange<Int>, canBeOff: Bool)
        /// `thinkingLevel`, from `low` up; some have `minimal` and `medium`.
        case level(hasMinimal: Bool, hasMedium: Bool)
    }

    var thinking: Thinking {
        guard takesJSONSchema else { return .fixed }
        if isGemini3 {
            // The first Pro of the third family knows two levels only.
            return .level(hasMinimal: !isPro, hasMedium: !isPro || isAtLeast(3, 1))
        }
        if isPro { return .budget(range: 128...32_768, canBeOff: false) }
        return .budget(range: (isLite ? 512 : 1)...24_576, canBeOff: true)
    }
}

extension String {
    /// What follows the first `text` in it; nil when it does not hold it.
    fileprivate func rest(behind text: String) -> Substring? {
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(text) { return rest.dropFirst(text.count) }
            rest = rest.dropFirst()
        }
        return nil
    }
}
