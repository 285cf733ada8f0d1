import Dialects
import HTTP
import Reactor

/// Brings the document's providers and the environment's together.
final class ProviderReader {
    /// Set by the gateway itself or meaningful for one hop only.
    private static let reservedHeaders: Set<String> = [
        "host", "content-length", "content-type", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect",
        "via", "accept-encoding", "authorization", "x-api-key", "api-key", "x-goog-api-key", "proxy-authorization",
        "proxy-connection", "cookie",
    ]

    private let document: YAMLMapping?
    private let variables: Variables
    private let problems: ProblemCollector
    private let proxies: ProxyEnvironment
    /// Providers that are named but wrong: what refers to them is no further fault.
    private(set) var namesWithProblems: [String] = []

    init(document: YAMLMapping?, variables: Variables, problems: ProblemCollector) {
        self.document = document
        self.variables = variables
        self.problems = problems
        proxies = Self.proxies(variables, problems)
    }

    private static func proxies(_ variables: Variables, _ problems: ProblemCollector) -> ProxyEnvironment {
        do throws(ProxyAddressFault) {
            return try ProxyEnvironment { variables[$0]?.value }
        } catch {
            if let variable = variables.first(of: ProxyEnvironment.httpsProxyNames) {
                problems.add(variable.problem(error.description))
            }
            return ProxyEnvironment()
        }
    }

    /// `my-vllm` is moved by `EKAI_MY_VLLM_BASE_URL`.
    static func baseURLVariable(_ name: String) -> String {
        "EKAI_\(String(name.uppercased().map { $0 == "-" || $0 == "." ? "_" : $0 }))_BASE_URL"
    }

    func read() -> [ProviderConfiguration] {
        var seen: Set<String> = []
        var providers: [ProviderConfiguration] = []
        for section in document?.mappings("providers", keys: ProviderSettings.keys) ?? [] {
            guard let nameText = section.text("name") else {
                if !section.has("name") { section.problem("needs a `name`") }
                continue
            }
            let parsed = problems.parse(nameText) { (text) throws(ValueFault) in try ValueParsing.providerName(text) }
            guard let name = parsed else { continue }
            guard seen.insert(name).inserted else {
                section.problem("there is another provider of this name", "name")
                continue
            }
            if let provider = provider(name, section) { providers.append(provider) } else { namesWithProblems.append(name) }
        }
        for known in KnownProvider.all where !seen.contains(known.name) && isConfiguredByVariables(known) {
            if let provider = provider(known.name, nil) { providers.append(provider) } else { namesWithProblems.append(known.name) }
        }
        return providers
    }

    private func isConfiguredByVariables(_ known: KnownProvider) -> Bool {
        let names = known.needsKey ? known.keyVariables : known.baseURLVariables + [Self.baseURLVariable(known.name)]
        return variables.first(of: names) != nil
    }

    /// One provider; nil when a part without which there is none is wrong or missing.
    private func provider(_ name: String, _ section: YAMLMapping?) -> ProviderConfiguration? {
        let known = KnownProvider.named(name)
        let problemsBefore = problems.problems.count
        let kindText = section?.text("kind")
        let parsedKind: ProviderKind? = problems.parse(kindText) { (text) throws(ValueFault) in
            try ValueParsing.choice(text)
        }
        let kind = parsedKind ?? known?.kind
        if kind == nil, section?.has("kind") == false {
            section?.problem("needs a `kind`: \(ProviderKind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let baseURLText = baseURLText(name, section, known)
        let baseURL = problems.parse(baseURLText) { (text) throws(ValueFault) in try BaseURL(parsing: text) }
        let keys = keys(section, known)
        let authentication: ProviderAuthentication? = problems.parse(section?.text("auth")) { (text) throws(ValueFault) in
            try ValueParsing.choice(text)
        }
        let dialects = dialects(section)
        let models = models(section)
        let headers = headers(section)
        let timeouts = timeouts(section)
        let profile = profile(section)
        checkHTTP(section)
        let proxy = proxy(section, baseURL)
        let authorityText = section?.text("ca_file")
        let authorityFile = problems.parse(authorityText) { (text) throws(ValueFault) in try ValueParsing.filePath(text) }
        guard let kind, let baseURL, problems.problems.count == problemsBefore else { return nil }
        let defaults = parsedKind.map(\.dialects) ?? known?.dialects ?? kind.dialects
        // Another kind than the known provider's is another surface of it, with the kind's own paths.
        let surface = parsedKind == nil || parsedKind == known?.kind ? known : nil
        let spoken = dialects ?? Dictionary(uniqueKeysWithValues: defaults.map { ($0, surface?.path($0) ?? $0.defaultPath) })
        var provider = ProviderConfiguration(
            name: name, kind: kind, baseURL: baseURL, keys: keys, authentication: authentication,
            paths: spoken.mapValues { baseURL.pathPrefix + $0 }, headers: headers, timeouts: timeouts,
            authorityFile: authorityFile, models: models, profile: profile ?? ProviderProfile(rawValue: name) ?? kind.profile)
        provider.proxy = proxy
        provider.baseURLPlace = baseURLText?.place
        provider.authorityFilePlace = authorityText?.place
        return provider
    }

    private func baseURLText(_ name: String, _ section: YAMLMapping?, _ known: KnownProvider?) -> Located<String>? {
        let variable = variables.first(of: [Self.baseURLVariable(name)] + (known?.baseURLVariables ?? []))
        let builtIn = known.map { Located(value: $0.baseURL, source: .environment, line: nil, field: $0.name) }
        let inDocument = section?.text("base_url")
        guard let text = variable ?? inDocument ?? (section?.has("base_url") == true ? nil : builtIn) else {
            if section?.has("base_url") == false { section?.problem("needs a `base_url`") }
            return nil
        }
        return text
    }

    /// The environment's key first, then the document's others: both are meant.
    private func keys(_ section: YAMLMapping?, _ known: KnownProvider?) -> [Secret] {
        var texts: [Located<String>] = []
        if let known, let variable = variables.first(of: known.keyVariables) { texts.append(variable) }
        for text in section?.texts("api_keys") ?? [] {
            guard Variables.isSet(text.value) else {
                problems.add(text.problem("is empty or a placeholder"))
                continue
            }
            texts.append(text)
        }
        var keys: [Secret] = []
        for text in texts {
            let key = problems.parse(text) { (text) throws(ValueFault) in try ValueParsing.secret(text) }
            if let key, !keys.contains(key) { keys.append(key) }
        }
        if let section, let known, known.needsKey, texts.isEmpty, !section.has("api_keys"), !section.has("base_url") {
            section.problem("has no key: set \(known.keyVariables[0]) or `api_keys`")
        }
        return keys
    }

    private func dialects(_ section: YAMLMapping?) -> [ProviderDialect: String]? {
        let keys = YAMLKeys(known: ProviderDialect.allCases.map(\.rawValue))
        guard let map = section?.mapping("dialects", keys: keys) else { return nil }
        var paths: [ProviderDialect: String] = [:]
        for (key, text) in map.texts {
            guard let dialect = ProviderDialect(rawValue: key) else { continue }
            paths[dialect] = problems.parse(text) { (text) throws(ValueFault) in try ValueParsing.path(text) }
        }
        if map.isEmpty { map.problem("must name at least one dialect") }
        return paths
    }

    private func models(_ section: YAMLMapping?) -> [String]? {
        section?.texts("models")?.compactMap { text in
            problems.parse(text) { (text) throws(ValueFault) in try ValueParsing.modelName(text) }
        }
    }

    private func timeouts(_ section: YAMLMapping?) -> ProviderTimeouts {
        var timeouts = ProviderTimeouts()
        let keys = YAMLKeys(ProviderSettings.timeouts)
        guard let map = section?.mapping("timeouts", keys: keys) else { return timeouts }
        SettingReader(overrides: ConfigurationOverrides(), variables: variables, problems: problems)
            .read(ProviderSettings.timeouts, map, into: &timeouts)
        return timeouts
    }

    /// The outbound proxy that its connections go through: its own, or the environment's.
    private func proxy(_ section: YAMLMapping?, _ url: BaseURL?) -> ProxyServer? {
        let setting: ProxySetting? = problems.parse(section?.text("proxy")) { (text) throws(ValueFault) in
            do throws(ProxyAddressFault) {
                return try ProxySetting(parsing: text)
            } catch {
                throw ValueFault(error.description)
            }
        }
        guard let url else { return nil }
        return ProxyChoice.server(
            scheme: url.scheme == .https ? .https : .http, host: url.host, port: url.port, setting: setting,
            environment: proxies)
    }

    /// Whose habits it has: a known provider's under another name.
    private func profile(_ section: YAMLMapping?) -> ProviderProfile? {
        problems.parse(section?.text("profile")) { (text) throws(ValueFault) in
            guard let profile = ProviderProfile(rawValue: text) else {
                throw ValueFault("must be one of \(ProviderProfile.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return profile
        }
    }

    /// HTTP/1.1 is what there is; HTTP/2 will be among the choices.
    private func checkHTTP(_ section: YAMLMapping?) {
        _ = problems.parse(section?.text("http")) { (text) throws(ValueFault) in
            if text == "2" { throw ValueFault("HTTP/2 is not supported by this version") }
            guard text == "auto" || text == "1.1" else { throw ValueFault("must be auto or 1.1") }
        }
    }

    private func headers(_ section: YAMLMapping?) -> [ProviderHeader] {
        var headers: [ProviderHeader] = []
        for (name, text) in section?.mapping("headers", keys: nil)?.texts ?? [] {
            let lowercased = name.lowercased()
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte) else {
                problems.add(text.problem("is not the name of a header"))
                continue
            }
            guard !Self.reservedHeaders.contains(lowercased) else {
                problems.add(text.problem("is set by the gateway itself"))
                continue
            }
            guard !headers.contains(where: { $0.name == lowercased }) else {
                problems.add(text.problem("stands twice"))
                continue
            }
            // Visible ASCII and inner spaces (RFC 9110 section 5.5).
            let value = text.value
            guard value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), !value.hasPrefix(" "), !value.hasSuffix(" ") else {
                problems.add(text.problem("holds a character that cannot be part of a header"))
                continue
            }
            headers.append(ProviderHeader(name: lowercased, value: Secret(value)))
        }
        return headers
    }

    /// RFC 9110 section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}
