/// A wire format that clients and providers speak.
public enum Dialect: String, Sendable, Hashable, CaseIterable {
    /// OpenAI chat completions.
    case chat
    /// OpenAI Responses.
    case responses
    /// Anthropic Messages.
    case messages
    /// Gemini generateContent.
    case gemini

    /// Whether its streams end with a mark of their own. Gemini's end with the body: its finish reason may be followed by more.
    public var hasEndMark: Bool { self != .gemini }

    /// Whether its clients read over comments between events, as the gateway sends them for a sign of life. Google's take every line
    /// without `data:` for JSON, and are used to silence.
    public var allowsComments: Bool { self != .gemini }

    /// The name that people know it by.
    public var displayName: String {
        switch self {
        case .chat: "OpenAI chat completions"
        case .responses: "OpenAI Responses"
        case .messages: "Anthropic Messages"
        case .gemini: "Gemini generateContent"
        }
    }

    /// Where the gateway serves it. Gemini's paths go on with the model and what is asked of it.
    public var endpointPath: String { (self == .gemini ? "/v1beta" : "/v1") + upstreamPathSuffix }

    /// What follows a provider's base URL (`https://api.openai.com/v1`, `https://api.anthropic.com/v1`) unless its
    /// configuration says otherwise.
    public var upstreamPathSuffix: String {
        switch self {
        case .chat: "/chat/completions"
        case .responses: "/responses"
        case .messages: "/messages"
        case .gemini: "/models"
        }
    }

    /// The dialect of a gateway path without its query, nil when no dialect lives there.
    public init?(endpointPath: some StringProtocol) {
        guard let match = Dialect.allCases.first(where: { $0.endpointPath == endpointPath }) else { return nil }
        self = match
    }
}
