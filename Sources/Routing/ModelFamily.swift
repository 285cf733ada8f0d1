/// Which provider makes a model, told from its name alone: a model that came out today is served by its maker at once.
public enum ModelFamily {
    /// The catalogue's name of the maker, such as `anthropic` for `claude-…`; nil when the name does not tell.
    ///
    /// - Parameter model: without vendor prefix; case does not matter.
    public static func maker(ofModel model: String) -> String? {
        let name = model.lowercased()
        if openWeights.contains(where: name.hasPrefix) { return nil }
        if isReasoningSeries(name) { return "openai" }
        return prefixes.first { name.hasPrefix($0.prefix) }?.maker
    }

    /// The catalogue's name behind a vendor prefix, such as `xai` for `x-ai/…`; nil for a vendor that the catalogue has no
    /// provider of its own for.
    public static func maker(ofVendor vendor: some StringProtocol) -> String? {
        vendors[vendor.lowercased()]
    }

    private static let prefixes: [(prefix: String, maker: String)] = [
        ("gpt-", "openai"), ("chatgpt-", "openai"), ("codex-", "openai"), ("text-embedding-", "openai"),
        ("computer-use-", "openai"),
        ("claude-", "anthropic"),
        ("gemini-", "google"), ("learnlm-", "google"),
        ("grok-", "xai"),
        ("glm-", "zai"),
        ("deepseek-", "deepseek"),
        ("mistral-", "mistral"), ("codestral-", "mistral"), ("ministral-", "mistral"), ("magistral-", "mistral"),
        ("devstral-", "mistral"), ("pixtral-", "mistral"), ("voxtral-", "mistral"), ("open-mistral-", "mistral"),
        ("open-mixtral-", "mistral"),
    ]

    /// Weights that their makers publish but do not serve under this name.
    private static let openWeights = ["gpt-oss", "deepseek-r1-distill"]

    private static let vendors = [
        "openai": "openai", "anthropic": "anthropic", "google": "google", "gemini": "google", "x-ai": "xai", "xai": "xai",
        "z-ai": "zai", "zai": "zai", "zhipuai": "zai", "deepseek": "deepseek", "deepseek-ai": "deepseek",
        "mistralai": "mistral", "mistral": "mistral", "groq": "groq", "openrouter": "openrouter",
    ]

    /// `o1`, `o3-mini`, `o4-…`: a digit after the `o`, then the end or a dash.
    private static func isReasoningSeries(_ name: String) -> Bool {
        let bytes = Array(name.utf8.prefix(3))
        guard bytes.count >= 2, bytes[0] == UInt8(ascii: "o"), bytes[1] &- UInt8(ascii: "1") < 9 else { return false }
        return bytes.count == 2 || bytes[2] == UInt8(ascii: "-")
    }
}
