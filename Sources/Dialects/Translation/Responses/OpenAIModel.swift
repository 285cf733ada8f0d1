/// What OpenAI's models take, by their names: it refuses a whole request for one member that a model has not.
struct OpenAIModel {
    /// One of OpenAI's models that think: `gpt-5` and later, `o1`, `o3`, `o4`, `codex-…`.
    let isReasoning: Bool
    /// `gpt-5` or later.
    let isGPT5: Bool
    /// The figure behind the dot of `gpt-5.2`; 0 without one.
    private let minorVersion: Int
    private let isCodex: Bool
    private let isChat: Bool

    /// - Parameter name: with or without a vendor in front (`openai/gpt-5`).
    init(_ name: String) {
        let name = name.split(separator: "/").last.map { $0.lowercased() } ?? ""
        isChat = name.contains("-chat")
        isCodex = name.contains("codex")
        var version = 0
        if name.hasPrefix("gpt-") {
            let figures = name.dropFirst(4).prefix { $0.isNumber || $0 == "." }.split(separator: ".")
            version = figures.first.flatMap { Int($0) } ?? 0
            minorVersion = version > 5 ? 99 : figures.dropFirst().first.flatMap { Int($0) } ?? 0
        } else {
            minorVersion = 0
        }
        isGPT5 = version >= 5
        let isSeriesO = name.first == "o" && name.dropFirst().first?.isNumber == true
        isReasoning = isSeriesO || name.hasPrefix("codex-") || (isGPT5 && !(isChat && minorVersion == 0))
    }

    /// The nearest effort that the model takes; nil for the models that choose it themselves.
    func effort(_ wish: ReasoningWish.Effort) -> StaticString? {
        guard !isChat else { return nil }
        switch wish {
        case .minimal: return isGPT5 && minorVersion == 0 && !isCodex ? "minimal" : "low"
        case .xhigh, .max: return isGPT5 && minorVersion >= 2 ? "xhigh" : "high"
        case .low, .medium, .high: return wish.openAIName
        }
    }

    /// As little thinking as the model lets itself be brought to.
    var leastEffort: StaticString? {
        guard isGPT5, minorVersion > 0, !isCodex, !isChat else { return effort(.minimal) }
        return "none"
    }
}
