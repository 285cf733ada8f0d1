/// What the names of OpenAI's models tell about them.
struct OpenAIModel {
    /// `o1`, `o3-mini`, `o4-mini` …
    let isOSeries: Bool
    /// `gpt-5` and later, without those made for chatting.
    let isReasoningGPT: Bool

    private let name: String
    /// Version of a GPT: 5 and 1 of `gpt-5.1-codex`.
    private let major: Int
    private let minor: Int

    /// - Parameter name: in lower case, without a vendor's prefix.
    init(_ name: String) {
        self.name = name
        let digits = name.utf8.dropFirst()
        isOSeries = name.utf8.first == UInt8(ascii: "o") && (digits.first.map { $0 >= 0x31 && $0 <= 0x39 } ?? false)
        let version = name.hasPrefix("gpt-") ? name.dropFirst(4).prefix { $0.isNumber || $0 == "." }.split(separator: ".") : []
        major = version.first.flatMap { Int($0) } ?? 0
        minor = version.count > 1 ? Int(version[1]) ?? 0 : 0
        isReasoningGPT = major >= 5 && !name.contains("chat")
    }

    var reasons: Bool { isOSeries || isReasoningGPT || name.hasPrefix("codex-") }

    var takesVerbosity: Bool { major >= 5 }

    /// The name of an effort as near to the wish as the model has it.
    func effort(_ wish: ReasoningWish.Effort) -> StaticString {
        if name.contains("-pro"), major == 5, minor == 0 { return "high" }
        switch wish {
        case .minimal: return isReasoningGPT && isFirstGPT5 ? "minimal" : "low"
        case .low: return "low"
        case .medium: return "medium"
        case .high: return "high"
        case .xhigh, .max: return major > 5 || (major == 5 && minor >= 2) || name.contains("codex-max") ? "xhigh" : "high"
        }
    }

    /// The effort that stands for no thinking; nil where a model cannot do without.
    var leastEffort: StaticString? {
        guard isReasoningGPT, !name.contains("codex"), !name.contains("-pro") else { return nil }
        return isFirstGPT5 ? "minimal" : "none"
    }

    /// The first generation knows `minimal`; the later ones have `none` in its place.
    private var isFirstGPT5: Bool { major == 5 && minor == 0 && !name.contains("codex") }
}
