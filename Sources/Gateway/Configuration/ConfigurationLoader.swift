extension GatewayConfiguration {
    /// Makes the configuration out of everything that was said, by precedence flag, environment, `.env`, document, default; or all
    /// that is wrong with it.
    package static func load(_ input: ConfigurationInput) -> Result<GatewayConfiguration, ConfigurationFailure> {
        ConfigurationLoader(input).load()
    }
}

/// The keys of the document that have a fixed place. Those of providers and models stand with their readers.
private enum DocumentKeys {
    static let root = YAMLKeys(
        known: ["server", "providers", "models", "usage", "demo"],
        later: ["routing", "keys", "teams", "budgets", "x402", "metrics", "trusted_proxies", "cors_origins"])
    static let server = YAMLKeys(
        known: ["host", "port", "limits", "heartbeat", "drain_timeout", "drain_delay"],
        later: ["dashboard_port", "tls", "plain", "trusted_proxies", "cors_origins"])
    static let limits = YAMLKeys(known: [
        "body_max", "inflight_body_max", "head_max", "header_timeout", "body_timeout", "idle_timeout", "write_timeout",
    ])
    static let usage = YAMLKeys(known: ["database"], later: ["retention_days", "store_bodies"])
    static let demo = YAMLKeys(known: ["pace"])
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
                .root(of: document.text, keys: DocumentKeys.root)
        }
    }

    func load() -> Result<GatewayConfiguration, ConfigurationFailure> {
        var configuration = GatewayConfiguration()
        readServer(into: &configuration.server, configuration.access)
        readStorageAndLogs(into: &configuration)
        let providers = ProviderReader(document: document, variables: variables, problems: problems)
        configuration.providers = providers.read()
        refuseSelf(configuration)
        configuration.models = ModelReader(document: document, problems: problems)
            .read(providers: configuration.providers.map(\.name) + providers.namesWithProblems)
        configuration.assignPrices()
        let variableRules = VariableRules(variables: variables, providers: configuration.providers.map(\.name))
        variableRules.problems.forEach(problems.add)
        configuration.notices = variableRules.notices
        configuration.environmentFileNames = variableRules.namesFromFile
        guard problems.problems.isEmpty else { return .failure(ConfigurationFailure(problems: problems.problems)) }
        return .success(configuration)
    }

    private func readServer(into server: inout ServerConfiguration, _ access: AccessConfiguration) {
        let section = document?.mapping("server", keys: DocumentKeys.server)
        let host = flag(input.overrides.host, "--host") ?? variables["HOST"] ?? section?.text("host")
        if let listen = problems.parse(host, { (text) throws(ValueFault) in try ListenAddress.parse(text) }) {
            server.listen = listen
            if let host, let fault = access.problem(listening: listen) { problems.add(host.problem(fault.message)) }
        }
        let port = flag(input.overrides.port, "--port") ?? variables["PORT"] ?? section?.text("port")
        if let port = problems.parse(port, { (text) throws(ValueFault) in try ValueParsing.integer(text, in: 0...65535) }) {
            server.port = UInt16(port)
        }
        let loops = flag(input.overrides.loops, "--loops") ?? variables["EKAI_LOOPS"]
        server.loops = problems.parse(loops) { (text) throws(ValueFault) in try ValueParsing.integer(text, in: 1...256) }
        let hour = 3_600_000
        set(&server.heartbeatMilliseconds, section?.text("heartbeat"), milliseconds: 1000...hour)
        set(&server.drainTimeoutMilliseconds, section?.text("drain_timeout"), milliseconds: 0...hour)
        set(&server.drainDelayMilliseconds, section?.text("drain_delay"), milliseconds: 0...hour)
        guard let limits = section?.mapping("limits", keys: DocumentKeys.limits) else { return }
        set(&server.limits.bodyBytesMax, limits.text("body_max"), bytes: 1024...(1 << 30))
        set(&server.limits.inflightBodyBytesMax, limits.text("inflight_body_max"), bytes: 1024...(1 << 40))
        set(&server.limits.headBytesMax, limits.text("head_max"), bytes: 4096...(1 << 20))
        set(&server.limits.headerTimeoutMilliseconds, limits.text("header_timeout"), milliseconds: 100...hour)
        set(&server.limits.bodyTimeoutMilliseconds, limits.text("body_timeout"), milliseconds: 100...hour)
        set(&server.limits.idleTimeoutMilliseconds, limits.text("idle_timeout"), milliseconds: 100...hour)
        set(&server.limits.writeTimeoutMilliseconds, limits.text("write_timeout"), milliseconds: 100...hour)
        if server.limits.inflightBodyBytesMax < server.limits.bodyBytesMax {
            let key = limits.has("inflight_body_max") ? "inflight_body_max" : "body_max"
            limits.problem("all bodies in flight (inflight_body_max) must have room for one (body_max)", key)
        }
    }

    private func readStorageAndLogs(into configuration: inout GatewayConfiguration) {
        let usage = document?.mapping("usage", keys: DocumentKeys.usage)
        let database = flag(input.overrides.database, "--database") ?? variables["DATABASE_PATH"] ?? usage?.text("database")
        if let path = problems.parse(database, { (text) throws(ValueFault) in try ValueParsing.filePath(text) }) {
            configuration.databasePath = path
        }
        let demo = document?.mapping("demo", keys: DocumentKeys.demo)
        set(&configuration.demoPaceMilliseconds, demo?.text("pace"), milliseconds: 0...60_000)
        let level = flag(input.overrides.logLevel, "--log-level") ?? variables["LOG_LEVEL"]
        let parsedLevel: LogLevel? = problems.parse(level) { (text) throws(ValueFault) in
            try ValueParsing.choice(text.lowercased())
        }
        configuration.logLevel = parsedLevel ?? configuration.logLevel
        let format = flag(input.overrides.logFormat, "--log-format") ?? variables["LOG_FORMAT"]
        configuration.logFormat = problems.parse(format) { (text) throws(ValueFault) in
            try ValueParsing.choice(text.lowercased())
        }
    }

    /// A provider that is this very gateway would call itself until nothing is left.
    private func refuseSelf(_ configuration: GatewayConfiguration) {
        let listensOnTCP = configuration.server.listen.contains { if case .unix = $0 { false } else { true } }
        guard listensOnTCP, configuration.server.port != 0 else { return }
        for provider in configuration.providers
        where provider.baseURL.isLoopback && provider.baseURL.port == configuration.server.port {
            problems.add(
                ConfigurationProblem(
                    source: input.document.map { .document($0.path) } ?? .environment, line: nil, field: provider.name,
                    message: "its base URL is this gateway itself"))
        }
    }

    private func flag(_ value: String?, _ name: String) -> Located<String>? {
        value.map { Located(value: $0, source: .flag, line: nil, field: name) }
    }

    private func set(_ target: inout Int, _ text: Located<String>?, milliseconds range: ClosedRange<Int>) {
        let value = problems.parse(text) { (text) throws(ValueFault) in try ValueParsing.duration(text, in: range) }
        target = value ?? target
    }

    private func set(_ target: inout Int, _ text: Located<String>?, bytes range: ClosedRange<Int>) {
        let value = problems.parse(text) { (text) throws(ValueFault) in try ValueParsing.size(text, in: range) }
        target = value ?? target
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
