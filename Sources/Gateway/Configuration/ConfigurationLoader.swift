extension GatewayConfiguration {
    /// Makes the configuration out of everything that was said, by precedence flag, environment, `.env`, document, default; or all
    /// that is wrong with it.
    package static func load(_ input: ConfigurationInput) -> Result<GatewayConfiguration, ConfigurationFailure> {
        ConfigurationLoader(input).load()
    }
}

/// Reads one input. Single use.
struct ConfigurationLoader {
    private let input: ConfigurationInput
    private let variables: Variables
    private let problems = ProblemCollector()
    private let document: YAMLMapping?

    init(_ input: ConfigurationInput) {
        self.input = input
        let file = input.environmentFile.map { EnvironmentFile(text: $0.text, path: $0.path) }
        for problem in file?.problems ?? [] { problems.add(problem) }
        let variables = Variables(environment: input.environment, file: file)
        self.variables = variables
        let problems = problems
        document = input.document.flatMap { document in
            YAMLReader(path: document.path, variables: variables, problems: problems)
                .root(of: document.text, keys: Settings.rootKeys)
        }
    }

    private var settings: SettingReader {
        SettingReader(overrides: input.overrides, variables: variables, problems: problems)
    }

    func load() -> Result<GatewayConfiguration, ConfigurationFailure> {
        var configuration = GatewayConfiguration()
        readServer(into: &configuration)
        readStorageAndLogs(into: &configuration)
        let providers = ProviderReader(document: document, variables: variables, problems: problems)
        configuration.providers = providers.read()
        refuseSelf(configuration)
        configuration.models = ModelReader(document: document, problems: problems)
            .read(providers: configuration.providers.map(\.name) + providers.namesWithProblems)
        configuration.assignPrices()
        let variableRules = VariableRules(variables: variables, providers: configuration.providers.map(\.name))
        variableRules.problems.forEach(problems.add)
        configuration.notices += variableRules.notices
        configuration.environmentFileNames = variableRules.namesFromFile
        guard problems.problems.isEmpty else { return .failure(ConfigurationFailure(problems: problems.problems)) }
        return .success(configuration)
    }

    private func readServer(into configuration: inout GatewayConfiguration) {
        let section = document?.mapping("server", keys: Settings.serverKeys)
        readAccess(section, into: &configuration)
        readServer(section, into: &configuration.server)
        if let host = settings.text(Settings.host, section),
            let fault = configuration.access.problem(listening: configuration.server.listen)
        {
            problems.add(host.problem(fault.message))
        }
    }

    private func readAccess(_ server: YAMLMapping?, into configuration: inout GatewayConfiguration) {
        let access = document?.mapping("access", keys: YAMLKeys(Settings.access))
        let metrics = document?.mapping("metrics", keys: YAMLKeys(Settings.metrics))
        settings.read(Settings.access, access, into: &configuration.access)
        settings.read(Settings.metrics, metrics, into: &configuration.access)
        settings.read(Settings.names, server, into: &configuration.access)
        for conflict in configuration.access.conflicts {
            switch conflict.setting {
            case .viewerKey:
                let place = settings.text(Settings.viewerKey, access)
                problems.add(place.map { $0.problem(conflict.message) } ?? ConfigurationProblem(
                    source: .environment, line: nil, field: conflict.setting.rawValue, message: conflict.message))
            case .corsOrigins: server?.problem(conflict.message, "cors_origins")
            }
        }
    }

    private func readServer(_ section: YAMLMapping?, into server: inout ServerConfiguration) {
        settings.read(Settings.server, section, into: &server)
        if let section = section?.mapping("tls", keys: YAMLKeys(Settings.tls)) {
            var tls = TLSConfiguration()
            settings.read(Settings.tls, section, into: &tls)
            tls.certificatePlace = section.text("certificate")?.place
            tls.privateKeyPlace = section.text("private_key")?.place
            for key in ["certificate", "private_key"] where !section.has(key) { section.problem("needs a `\(key)`") }
            server.tls = tls
        }
        let hasNetwork = server.listen.contains { if case .unix = $0 { false } else { true } }
        if !server.isPlain, section?.has("tls") != true || !hasNetwork {
            section?.problem("without `tls` on a network address there would be nowhere to listen", "plain")
        }
        if let tls = server.tls, tls.port == server.port, tls.port != 0, server.isPlain {
            section?.problem("TLS and plain HTTP cannot share a port", "tls")
        }
        guard let limits = section?.mapping("limits", keys: YAMLKeys(Settings.limits)) else { return }
        settings.read(Settings.limits, limits, into: &server.limits)
        if server.limits.inflightBodyBytesMax < server.limits.bodyBytesMax {
            let key = limits.has("inflight_body_max") ? "inflight_body_max" : "body_max"
            limits.problem("all bodies in flight (inflight_body_max) must have room for one (body_max)", key)
        }
    }

    private func readStorageAndLogs(into configuration: inout GatewayConfiguration) {
        let usage = document?.mapping("usage", keys: YAMLKeys(Settings.usage))
        settings.read(Settings.usage, usage, into: &configuration)
        if !configuration.recordsUsage { configuration.notices.append("usage.enabled is false: no usage rows are written") }
        if let text = usage?.text("store_bodies") {
            let isOn = problems.parse(text) { (text) throws(ValueFault) in try ValueParsing.boolean(text) }
            if isOn == true { problems.add(text.problem("recording of bodies is not supported by this version")) }
        }
        let demo = document?.mapping("demo", keys: YAMLKeys(Settings.demo))
        settings.read(Settings.demo, demo, into: &configuration)
        settings.read(Settings.logs, nil, into: &configuration)
    }

    /// A provider that is this very gateway would call itself until nothing is left.
    private func refuseSelf(_ configuration: GatewayConfiguration) {
        let own = OwnAddresses(configuration.server)
        for provider in configuration.providers where own.contains(provider.baseURL) {
            let place = provider.baseURLPlace ?? SettingPlace(source: .environment, line: nil, field: provider.name)
            problems.add(place.problem(OwnAddresses.fault))
        }
    }
}

extension GatewayConfiguration {
    /// Hands each price to the providers that it concerns: those of the targets, or all when the model names none.
    fileprivate mutating func assignPrices() {
        for model in models {
            guard let price = model.price else { continue }
            for index in providers.indices {
                if model.targets.isEmpty {
                    providers[index].prices[model.name] = price
                }
                for target in model.targets where target.provider == providers[index].name {
                    providers[index].prices[target.model] = price
                }
            }
        }
    }
}
