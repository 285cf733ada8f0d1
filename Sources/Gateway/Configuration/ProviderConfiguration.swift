import Dialects
import HTTP

/// A wire format that this version forwards. The raw values are the configuration's names.
package enum ProviderDialect: String, Sendable, Hashable, CaseIterable {
    /// OpenAI chat completions.
    case chat
    /// OpenAI Responses.
    case responses
    /// Anthropic Messages.
    case messages
    /// Gemini generateContent.
    case gemini

    /// Under the base URL, when nothing else is said.
    package var defaultPath: String {
        switch self {
        case .chat: "/chat/completions"
        case .responses: "/responses"
        case .messages: "/messages"
        case .gemini: "/models"
        }
    }
}

/// Which dialects a provider speaks, in one word.
package enum ProviderKind: String, Sendable, Hashable, CaseIterable {
    case openAI = "openai"
    case openAIChat = "openai-chat"
    case openAIResponses = "openai-responses"
    case anthropic
    case gemini

    package var dialects: [ProviderDialect] {
        switch self {
        case .openAI: [.chat, .responses]
        case .openAIChat: [.chat]
        case .openAIResponses: [.responses]
        case .anthropic: [.messages]
        case .gemini: [.gemini]
        }
    }

    /// The header that carries the key in requests of a dialect, unless `auth` says otherwise. Google takes its own header in front of
    /// Gemini's paths, and `Authorization` in front of its OpenAI-compatible ones.
    package func authentication(for dialect: ProviderDialect) -> ProviderAuthentication {
        dialect == .gemini ? .xGoogAPIKey : self == .anthropic ? .xAPIKey : .bearer
    }

    /// Whose habits a provider of this kind has, when nothing else is known of it.
    package var profile: ProviderProfile {
        switch self {
        case .openAI, .openAIChat, .openAIResponses: .compatible
        case .anthropic: .anthropic
        case .gemini: .google
        }
    }
}

/// The header that carries the provider's key.
package enum ProviderAuthentication: String, Sendable, Hashable, CaseIterable {
    /// `Authorization: Bearer …`
    case bearer
    case xAPIKey = "x-api-key"
    /// Azure.
    case apiKey = "api-key"
    case xGoogAPIKey = "x-goog-api-key"

    /// In lower case.
    package var headerName: String { self == .bearer ? "authorization" : rawValue }
    /// What precedes the key in the header's value.
    package var valuePrefix: String { self == .bearer ? "Bearer " : "" }
}

/// How long the gateway waits for a provider.
package struct ProviderTimeouts: Sendable, Hashable {
    package var connectMilliseconds = 10_000
    /// Until the head of a streamed answer.
    package var firstByteMilliseconds = 120_000
    /// Until the head of an answer in one piece, which comes when the model is done: five times the streamed one's.
    package var wholeFirstByteMilliseconds: Int { firstByteMilliseconds * 5 }
    /// Until the first content of a streamed answer.
    package var firstTokenMilliseconds = 120_000
    /// Silence within a streamed answer.
    package var idleMilliseconds = 120_000
}

/// A header that is added to every request to a provider. The value may well be a credential.
package struct ProviderHeader: Sendable, Hashable {
    /// In lower case.
    package var name: String
    package var value: Secret
}

/// Prices of one model in 10^-12 USD a token; nil is unknown, not free.
package struct ModelPrice: Sendable, Hashable {
    package var input: Int64?
    package var output: Int64?
    package var cacheRead: Int64?
    package var cacheWrite: Int64?
}

/// A provider, complete: nothing about it is looked up elsewhere.
package struct ProviderConfiguration: Sendable, Hashable {
    package var name: String
    package var kind: ProviderKind
    package var baseURL: BaseURL
    /// In the order of use; empty for a server that wants none.
    package var keys: [Secret]
    /// What `auth` says; nil: each dialect's usual one.
    package var authentication: ProviderAuthentication?
    /// The path of each dialect, `baseURL.pathPrefix` included. A dialect that is missing is not spoken.
    package var paths: [ProviderDialect: String]
    package var headers: [ProviderHeader] = []
    package var timeouts = ProviderTimeouts()
    /// A PEM file with authorities to trust beside the system's.
    package var authorityFile: String?
    /// Where its address and its authorities stand.
    package var baseURLPlace: SettingPlace?
    package var authorityFilePlace: SettingPlace?
    /// The outbound proxy that its connections go through; nil: none. Decided by `ProxyChoice`.
    package var proxy: ProxyServer?
    /// Models that it serves; nil: what the catalogue lists for it. `*` takes every name that nothing else claims.
    package var models: [String]?
    /// Whose habits it has.
    package var profile: ProviderProfile
    /// Prices by the provider's own name of the model.
    package var prices: [String: ModelPrice] = [:]

    /// The header that carries the key in requests of a dialect.
    package func authentication(for dialect: ProviderDialect) -> ProviderAuthentication {
        authentication ?? kind.authentication(for: dialect)
    }
}
