/// A file that was read.
package struct ConfigurationFile: Sendable, Equatable {
    package var path: String
    package var text: String

    package init(path: String, text: String) {
        self.path = path
        self.text = text
    }
}

/// What the command line says, as it was written; nil is not said.
package struct ConfigurationOverrides: Sendable, Equatable {
    /// `--config`: read by `ConfigurationFiles`, not here.
    package var config: String?
    package var host: String?
    package var port: String?
    package var loops: String?
    package var database: String?
    package var logLevel: String?
    package var logFormat: String?

    package init() {}
}

/// All that a configuration is made from. Making it is a pure function of this: `GatewayConfiguration.load`.
package struct ConfigurationInput: Sendable, Equatable {
    package var overrides: ConfigurationOverrides
    package var environment: [String: String]
    package var environmentFile: ConfigurationFile?
    package var document: ConfigurationFile?

    package init(
        overrides: ConfigurationOverrides = ConfigurationOverrides(), environment: [String: String] = [:],
        environmentFile: ConfigurationFile? = nil, document: ConfigurationFile? = nil
    ) {
        self.overrides = overrides
        self.environment = environment
        self.environmentFile = environmentFile
        self.document = document
    }
}

/// The variables of the environment and, behind them, those of `.env`.
struct Variables {
    private let environment: [String: String]
    private let file: [String: Located<String>]

    init(environment: [String: String], file: EnvironmentFile?) {
        self.environment = environment.filter { Self.isSet($0.value) }
        self.file = (file?.values ?? [:]).filter { Self.isSet($0.value.value) }
    }

    /// The value that counts, with its source. Set to nothing, or to what a template says, is not set.
    subscript(_ name: String) -> Located<String>? {
        if let value = environment[name] { return Located(value: value, source: .environment, line: nil, field: name) }
        return file[name]
    }

    /// The first of several names that is set.
    func first(of names: [String]) -> Located<String>? {
        names.lazy.compactMap { self[$0] }.first
    }

    var names: Set<String> { Set(environment.keys).union(file.keys) }

    /// Variables whose value comes from `.env`.
    var namesFromFile: Set<String> { Set(file.keys).subtracting(environment.keys) }

    static func isSet(_ value: String) -> Bool {
        let isBlank = value.allSatisfy(\.isWhitespace)
        return !isBlank && value != "your_key_here"
    }
}
