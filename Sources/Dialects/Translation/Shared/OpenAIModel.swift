/// What OpenAI's models take, by their names: it refuses a whole request for one member that a model has not.
struct OpenAIModel {
    /// `o1`, `o3-mini`, `o4-mini` …
    let isOSeries: Bool
    /// `gpt-5` or later.
    let isGPT5: Bool
    /// One of the models that think: `gpt-5` and later, `o1`, `o3`, `o4`, `codex-…`.
    let isReasoning: Bool

    /// 5 and 1 of `gpt-5.1-codex`.
    private let version: (major: Int, minor: Int)
    private let isCodex: Bool
    private let isCodexMax: Bool
    private let isChat: Bool
    private let isPro: Bool

    /// - Parameter name: with or without a vendor in front (`openai/gpt-5`).
    init(_ name: String) {
        let name = name.split(separator: "/").last.map { $0.lowercased() } ?? ""
        let figures = name.hasPrefix("gpt-") ? name.dropFirst(4).prefix { $0.isNumber || $0 == "." }.split(separator: ".") : []
        version = (figures.first.flatMap { Int($0) } ?? 0, figures.dropFirst().first.flatMap { Int($0) } ?? 0)
        isChat = name.contains("-chat")
        isCodex = name.contains("codex")
        isCodexMax = name.contains("codex-max")
        isPro = name.contains("-pro")
        isGPT5 = version.major >= 5
        isOSeries = name.first == "o" && name.dropFirst().first?.isNumber == true
        isReasoning = isOSeries || name.hasPrefix("codex-") || (isGPT5 && !(isChat && version == (5, 0)))
    }

    /// Whether it takes `verbosity`.
    var takesVerbosity: Bool { isGPT5 }

    /// The nearest effort that the model takes; nil for the models that choose it themselves.
    func effort(_ wish: ReasoningWish.Effort) -> StaticString? {
        guard !isChat else { return nil }
        if isPro, version == (5, 0) { return "high" }
        switch wish {
        case .minimal: return isFirstGPT5 ? "minimal" : "low"
        case .low: return "low"
        case .medium: return "medium"
        case .high: return "high"
        case .xhigh, .max: return version.major > 5 || (isGPT5 && version.minor >= 2) || isCodexMax ? "xhigh" : "high"
        }
    }

    /// As little thinking as the model lets itself be brought to; nil for the models that choose it themselves.
    var leastEffort: StaticString? {
        guard isGPT5, !isFirstGPT5, !isCodex, !isChat, !isPro else { return effort(.minimal) }
        return "none"
    }

    /// The first generation knows `minimal`; the later ones have `none` in its place.
    private var isFirstGPT5: Bool { version == (5, 0) && !isCodex }
}
