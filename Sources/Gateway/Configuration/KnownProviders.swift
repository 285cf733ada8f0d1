/// A provider that needs no more than its key.
struct KnownProvider {
    var name: String
    var kind: ProviderKind
    var baseURL: String
    /// Environment variables that hold the key, the preferred one first.
    var keyVariables: [String]
    /// Environment variables beside `EKAI_<NAME>_BASE_URL` that move it.
    var baseURLVariables: [String] = []
    /// False for a server that is configured by its address alone.
    var needsKey = true
    /// False for one that refuses a request with the member `stream_options`; it tells the usage of a stream unasked.
    var acceptsStreamOptions = true
    /// When it speaks others than its kind says.
    var dialects: [ProviderDialect]?
    /// Paths under the base URL that are not their dialect's usual ones.
    var paths: [ProviderDialect: String] = [:]

    /// Every provider that the contract names, in its order.
    static let all = [
        KnownProvider(
            name: "openai", kind: .openAI, baseURL: "https://api.openai.com/v1", keyVariables: ["OPENAI_API_KEY"]),
        KnownProvider(
            name: "anthropic", kind: .anthropic, baseURL: "https://api.anthropic.com/v1", keyVariables: ["ANTHROPIC_API_KEY"]),
        // Chat goes to Google's OpenAI-compatible surface.
        KnownProvider(
            name: "google", kind: .gemini, baseURL: "https://generativelanguage.googleapis.com/v1beta",
            keyVariables: ["GOOGLE_API_KEY", "GEMINI_API_KEY"], dialects: [.chat, .gemini],
            paths: [.chat: "/openai/chat/completions"]),
        KnownProvider(
            name: "xai", kind: .openAI, baseURL: "https://api.x.ai/v1", keyVariables: ["XAI_API_KEY"],
            dialects: [.chat, .responses, .messages]),
        KnownProvider(
            name: "openrouter", kind: .openAI, baseURL: "https://openrouter.ai/api/v1", keyVariables: ["OPENROUTER_API_KEY"],
            dialects: [.chat, .responses, .messages]),
        KnownProvider(
            name: "zai", kind: .openAIChat, baseURL: "https://api.z.ai/api/paas/v4", keyVariables: ["ZAI_API_KEY"]),
        KnownProvider(
            name: "groq", kind: .openAIChat, baseURL: "https://api.groq.com/openai/v1", keyVariables: ["GROQ_API_KEY"]),
        KnownProvider(
            name: "deepseek", kind: .openAIChat, baseURL: "https://api.deepseek.com/v1", keyVariables: ["DEEPSEEK_API_KEY"]),
        KnownProvider(
            name: "mistral", kind: .openAIChat, baseURL: "https://api.mistral.ai/v1", keyVariables: ["MISTRAL_API_KEY"],
            acceptsStreamOptions: false),
        KnownProvider(
            name: "ollama", kind: .openAI, baseURL: "http://localhost:11434/v1", keyVariables: ["OLLAMA_API_KEY"],
            baseURLVariables: ["OLLAMA_BASE_URL"], needsKey: false, dialects: [.chat, .responses, .messages]),
    ]

    /// Where it is spoken to in `dialect`, under the base URL.
    func path(_ dialect: ProviderDialect) -> String { paths[dialect] ?? dialect.defaultPath }

    static func named(_ name: String) -> KnownProvider? { all.first { $0.name == name } }
}
