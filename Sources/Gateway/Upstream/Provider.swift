import Dialects
import HTTP
import Reactor
import Routing

/// A configured provider, made ready to be called. Immutable; shared by the loops.
final class Provider: Sendable {
    let name: String
    let endpoint: UpstreamEndpoint
    /// The value of `Host`.
    let authority: String
    /// Path of each dialect that it speaks, base URL's path included.
    let paths: [Dialect: String]
    let keys: [Secret]
    let headers: [ProviderHeader]
    /// The operator's headers name a version of Anthropic's API.
    let setsAnthropicVersion: Bool
    /// The fields that every request of a dialect to it carries, written out once.
    private let requestFields: [Dialect: Secret]
    /// Keys and headers' values, to be masked in what the provider says.
    let secrets: SecretMatcher
    let timeouts: ProviderTimeouts
    /// What it was made from; nil for the demo provider.
    let configuration: ProviderConfiguration?
    /// Content of its `ca_file`.
    let authorities: [UInt8]?
    /// Whose habits it has.
    let profile: ProviderProfile
    /// False for a provider that refuses the member `stream_options`.
    let acceptsStreamOptions: Bool

    /// - Parameters:
    ///   - settingsID: tells apart connections made with different TLS settings or through different proxies.
    ///   - tls: trust of the connections, for https.
    ///   - authorities: content of its `ca_file`.
    init(
        _ configuration: ProviderConfiguration, settingsID: UInt32, tls: TLSClientContext?, authorities: [UInt8]? = nil
    ) {
        self.configuration = configuration
        self.authorities = authorities
        let url = configuration.baseURL
        name = configuration.name
        endpoint = UpstreamEndpoint(
            origin: Origin(
                scheme: url.scheme == .https ? .https : .http, host: url.host, port: url.port, settingsID: settingsID),
            proxy: configuration.proxy, tls: tls)
        authority = url.authority
        paths = Dictionary(
            uniqueKeysWithValues: configuration.paths.map { (Dialect($0.key), $0.value) })
        keys = configuration.keys
        headers = configuration.headers
        setsAnthropicVersion = headers.contains { $0.name == "anthropic-version" }
        requestFields = Self.requestFields(configuration)
        secrets = SecretMatcher(configuration.redactedSecrets)
        timeouts = configuration.timeouts
        profile = configuration.profile
        acceptsStreamOptions = KnownProvider.named(profile.rawValue)?.acceptsStreamOptions ?? true
    }

    /// The built-in demo provider, reached through a socket pair.
    init(demo link: @escaping @Sendable (EventLoop) -> Int32?) {
        configuration = nil
        authorities = nil
        name = DemoHandler.providerName
        endpoint = UpstreamEndpoint(
            origin: Origin(scheme: .http, host: DemoHandler.providerName, port: 0), link: .inProcess(link))
        authority = DemoHandler.providerName
        paths = Dictionary(uniqueKeysWithValues: Dialect.allCases.map { ($0, $0.endpointPath) })
        keys = []
        headers = []
        setsAnthropicVersion = false
        let fields = UpstreamRequestHead.fixedFields(authority: authority, authentication: .bearer, key: nil, headers: headers)
        requestFields = paths.mapValues { _ in fields }
        secrets = SecretMatcher([])
        timeouts = ProviderTimeouts()
        profile = .openAI
        acceptsStreamOptions = true
    }

    /// One head for each dialect: which header carries the key may differ between them.
    private static func requestFields(_ configuration: ProviderConfiguration) -> [Dialect: Secret] {
        Dictionary(
            uniqueKeysWithValues: configuration.paths.keys.map { dialect in
                let fields = UpstreamRequestHead.fixedFields(
                    authority: configuration.baseURL.authority, authentication: configuration.authentication(for: dialect),
                    key: configuration.keys.first, headers: configuration.headers)
                return (Dialect(dialect), fields)
            })
    }

    /// The fields that every request of `dialect`, which it speaks, carries.
    func requestFields(for dialect: Dialect) -> Secret {
        guard let fields = requestFields[dialect] else { preconditionFailure("asked in a dialect that is not spoken") }
        return fields
    }

    var wireDialects: WireDialects {
        var result: WireDialects = []
        for dialect in paths.keys { result.insert(dialect.wire) }
        return result
    }
}

extension Dialect {
    init(_ configured: ProviderDialect) {
        switch configured {
        case .chat: self = .chat
        case .responses: self = .responses
        case .messages: self = .messages
        case .gemini: self = .gemini
        }
    }

    /// The same in Routing's vocabulary.
    var wire: WireDialects {
        switch self {
        case .chat: .chat
        case .responses: .responses
        case .messages: .messages
        case .gemini: .gemini
        }
    }
}
