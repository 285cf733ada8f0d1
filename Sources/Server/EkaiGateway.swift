import ArgumentParser
import Gateway

/// The command line. Exit codes: 0 after a clean stop, 1 for a failure at run time or a forced stop, 64 for a wrong call, 78 for a
/// bad configuration.
@main
struct EkaiGateway: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ekai-gateway",
        abstract: "A self-hosted LLM gateway: one address for every model provider.",
        version: GatewayVersion.current,
        subcommands: [Serve.self, CheckConfig.self, Usage.self, Backup.self, Version.self],
        defaultSubcommand: Serve.self)
}

/// The options that decide the configuration, shared by the commands that read one.
struct ConfigurationOptions: ParsableArguments {
    @Option(name: .long, help: "YAML configuration file. Default: $EKAI_CONFIG, or ekai.yaml when it exists.")
    var config: String?
    @Option(name: .long, help: "Bind address: IPv4, IPv6, localhost or unix:/path. Default: loopback.")
    var host: String?
    @Option(name: .long, help: "Port of the gateway API; 0 picks a free one. Default: 3001.")
    var port: String?
    @Option(name: .long, help: "Event loops. Default: the CPUs this process may use.")
    var loops: String?
    @Option(name: .long, help: "Path of the usage database. Default: data/usage.db.")
    var database: String?
    @Option(name: .long, help: "trace, debug, info, notice, warning, error or critical. Default: info.")
    var logLevel: String?
    @Option(name: .long, help: "text or json. Default: text on a terminal, else json.")
    var logFormat: String?

    /// The configuration, or all that is wrong with it.
    /// - Parameter documentMustExist: a reload of what began with a document.
    func read(
        environment: [String: String], documentMustExist: Bool = false
    ) -> Result<GatewayConfiguration, ConfigurationFailure> {
        var overrides = ConfigurationOverrides()
        overrides.config = config
        overrides.host = host
        overrides.port = port
        overrides.loops = loops
        overrides.database = database
        overrides.logLevel = logLevel
        overrides.logFormat = logFormat
        return ConfigurationFiles.read(
            overrides: overrides, environment: environment, documentMustExist: documentMustExist)
            .flatMap(GatewayConfiguration.load)
    }

    /// Whether there is a YAML document to read.
    func hasDocument(environment: [String: String]) -> Bool {
        var overrides = ConfigurationOverrides()
        overrides.config = config
        let input = try? ConfigurationFiles.read(overrides: overrides, environment: environment).get()
        return input?.document != nil
    }

    /// As `load`, and with the files that the configuration names.
    func loadChecked(environment: [String: String]) throws -> GatewayConfiguration {
        let configuration = try load(environment: environment)
        let problems = ConfigurationCheck.problems(in: configuration)
        guard problems.isEmpty else {
            StandardError.write(problems.map(\.description).joined(separator: "\n"))
            throw ExitCode(ConfigurationFailure.exitCode)
        }
        return configuration
    }

    /// The configuration, or exit code 78 with every problem on a line of its own.
    func load(environment: [String: String]) throws -> GatewayConfiguration {
        switch read(environment: environment) {
        case .success(let configuration): return configuration
        case .failure(let failure):
            StandardError.write("\(failure)")
            throw ExitCode(ConfigurationFailure.exitCode)
        }
    }
}
