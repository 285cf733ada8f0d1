import Gateway

/// What an operator writes: it is taken, or all that is wrong with it is said; where it stands, and never with a key in the words.
enum ConfigurationCheck {
    /// What no message may hold.
    private static let key = "sk-KEY-0123456789-SECRET"

    static func document(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        for environment in [[:], ["OPENAI_API_KEY": key, "ANTHROPIC_API_KEY": key]] {
            let input = ConfigurationInput(
                environment: environment, document: ConfigurationFile(path: "ekai.yaml", text: text))
            try check(GatewayConfiguration.load(input), lines: lines(text))
        }
    }

    static func environmentFile(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        let result = load(environmentFile: text)
        try check(result, lines: lines(text))
        // The lines of another system are the same lines.
        if !text.utf8.contains(0x0D) {
            try requireEqual(load(environmentFile: text.withCRLF), result, "with CRLF it is another configuration")
        }
    }

    static func baseURL(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        switch load(baseURL: text) {
        case .failure(let failure):
            try require(!failure.problems.isEmpty, "refused without a reason")
            try require(text.count < 32 || !failure.description.contains(text), "a message quotes the value")
        case .success(let configuration):
            guard let url = configuration.providers.first?.baseURL else { throw FuzzViolation("the provider is lost") }
            try require(!url.host.isEmpty && url.port > 0, "an address that is none: \(url)")
            try require(!url.host.contains(where: { $0.isUppercase || "@/?#[]%".contains($0) }), "an impossible host: \(url)")
            try require(url.pathPrefix.isEmpty || (url.pathPrefix.first == "/" && url.pathPrefix.last != "/"), "a prefix: \(url)")
            let again = load(baseURL: "\(url.scheme.rawValue)://\(url.authority)\(url.pathPrefix)")
            try requireEqual((try? again.get())?.providers.first?.baseURL, url, "written anew it is another URL")
        }
    }

    private static func load(environmentFile text: String) -> Result<GatewayConfiguration, ConfigurationFailure> {
        GatewayConfiguration.load(ConfigurationInput(environmentFile: ConfigurationFile(path: ".env", text: text)))
    }

    private static func load(baseURL text: String) -> Result<GatewayConfiguration, ConfigurationFailure> {
        GatewayConfiguration.load(
            ConfigurationInput(environment: ["OPENAI_API_KEY": key, "EKAI_OPENAI_BASE_URL": text]))
    }

    private static func check(
        _ result: Result<GatewayConfiguration, ConfigurationFailure>, lines: Int
    ) throws(FuzzViolation) {
        switch result {
        case .success(let configuration): try check(configuration)
        case .failure(let failure):
            try require(!failure.problems.isEmpty, "refused without a reason")
            try require(!failure.description.contains(key), "a message holds a key")
            for problem in failure.problems { try check(problem, lines: lines) }
        }
    }

    private static func check(_ problem: ConfigurationProblem, lines: Int) throws(FuzzViolation) {
        try require(!problem.message.isEmpty, "a problem without words")
        switch problem.source {
        case .flag, .environment:
            try requireEqual(problem.line, nil, "a line where there are none: \(problem)")
        case .environmentFile, .document:
            guard let line = problem.line else {
                try require(lineless.contains(problem.message), "a problem without line: \(problem)")
                return
            }
            try require((1...lines).contains(line), "a line that is not there, of \(lines): \(problem)")
        }
    }

    /// Faults that have no one line.
    private static let lineless = ["is not YAML that can be read", "its base URL is this gateway itself"]

    /// What holds for every configuration that is taken.
    private static func check(_ configuration: GatewayConfiguration) throws(FuzzViolation) {
        let names = configuration.providers.map(\.name)
        try require(Set(names).count == names.count, "two providers of one name")
        for provider in configuration.providers {
            try require(!provider.paths.isEmpty, "a provider without dialect: \(provider.name)")
            try require(provider.paths.values.allSatisfy { $0.hasPrefix("/") }, "a path without `/`: \(provider.paths)")
            try require(provider.keys.allSatisfy { $0.count > 0 }, "an empty key: \(provider.name)")
        }
        for model in configuration.models {
            try require(model.targets.count <= 1, "more targets than are supported: \(model)")
            try require(model.targets.allSatisfy { names.contains($0.provider) }, "a target without provider: \(model)")
        }
        try require(configuration.mode == (names.isEmpty ? .demo : .byok), "the mode is another")
    }

    /// How many lines a text has at most, counting every line end that YAML or Unicode knows, and the place behind the last one.
    private static func lines(_ text: String) -> Int {
        let ends: Set<Unicode.Scalar> = ["\n", "\r", "\u{B}", "\u{C}", "\u{85}", "\u{2028}", "\u{2029}"]
        return text.unicodeScalars.count { ends.contains($0) } + 2
    }
}

extension String {
    fileprivate var withCRLF: String {
        var scalars = UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar == "\n" { scalars.append("\r") }
            scalars.append(scalar)
        }
        return String(scalars)
    }
}
