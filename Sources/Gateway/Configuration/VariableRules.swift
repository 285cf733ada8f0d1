import HTTP

/// What the set variables mean beside their values: misspelt ones, those without effect, those that came from `.env`.
struct VariableRules {
    let problems: [ConfigurationProblem]
    let notices: [String]
    let namesFromFile: [String]

    /// Ours, in every environment. Provider keys and base URLs come on top.
    private static let known = Set(
        Settings.server.compactMap(\.variable) + Settings.access.compactMap(\.variable) + Settings.usage.compactMap(\.variable) + Settings.logs.compactMap(\.variable)
            + documented.map(\.name))
    /// Variables that no setting of the document stands behind.
    static let documented: [(name: String, values: String, meaning: String)] = [
        ("EKAI_CONFIG", "a path", "the YAML file, which must exist then"),
        ("HTTPS_PROXY", "as `proxy` of a provider", "outbound proxy for https providers that name none of their own; not for loopback addresses. Also `https_proxy`"),
        ("NO_PROXY", "names, `.domains`, addresses, networks", "where `HTTPS_PROXY` does not apply. Also `no_proxy`"),
        ("SSL_CERT_FILE", "a path", "OpenSSL's own: trusted authorities in one file"),
        ("SSL_CERT_DIR", "a path", "OpenSSL's own: trusted authorities in a folder"),
    ]
    /// Named by the contract, of a later version. Other programs read most of them too: their presence is no fault, only worth a word.
    private static let withoutEffect: Set<String> = [
        "PORT_DASHBOARD", "DATABASE_URL", "REDIS_URL", "PRIVATE_KEY", "X402_PRIVATE_KEY_FILE", "X402_BASE_URL", "X402_RPC_URL",
    ]

    /// Entries of NO_PROXY that nobody can read would silently go through the proxy.
    private static func ignoredExceptions(_ variables: Variables) -> [String] {
        guard let text = variables.first(of: ProxyEnvironment.noProxyNames) else { return [] }
        let count = NoProxyList(parsing: text.value).ignoredCount
        return count == 0 ? [] : ["\(text.field): \(count) of its entries cannot be read and are ignored"]
    }

    init(variables: Variables, providers: [String]) {
        let providerNames = Set(providers).union(KnownProvider.all.map(\.name))
        let baseURLs = Set(providerNames.map(ProviderReader.baseURLVariable))
        let known = Self.known.union(baseURLs)
            .union(KnownProvider.all.flatMap { $0.keyVariables + $0.baseURLVariables })
        let ours = known.filter { $0.hasPrefix("EKAI_") }.sorted()
        problems = variables.names.sorted().compactMap { name in
            // Kubernetes gives every container EKAI_GATEWAY_PORT and the like beside a service of the product's name.
            guard name.hasPrefix("EKAI_"), name != "EKAI_GATEWAY", !name.hasPrefix("EKAI_GATEWAY_"), !known.contains(name),
                let variable = variables[name] else { return nil }
            let hint = NearestName.of(name, among: ours).map { "; did you mean \($0)?" } ?? ""
            return variable.problem("is not a known variable\(hint)")
        }
        notices = variables.names.intersection(Self.withoutEffect).sorted()
            .map { "\($0) is set, but has no effect in this version" }
            + Self.ignoredExceptions(variables)
        namesFromFile = variables.namesFromFile.intersection(known).sorted()
    }
}
