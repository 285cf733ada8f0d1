@testable import Gateway

/// Loads from texts, as a test writes them.
func load(
    _ environment: [String: String] = [:], dotenv: String? = nil, yaml: String? = nil,
    flags: (inout ConfigurationOverrides) -> Void = { _ in }
) -> Result<GatewayConfiguration, ConfigurationFailure> {
    var overrides = ConfigurationOverrides()
    flags(&overrides)
    return GatewayConfiguration.load(
        ConfigurationInput(
            overrides: overrides, environment: environment,
            environmentFile: dotenv.map { ConfigurationFile(path: ".env", text: $0) },
            document: yaml.map { ConfigurationFile(path: "ekai.yaml", text: $0) }))
}

/// What is wrong, as the user reads it, line by line.
func faults(
    _ environment: [String: String] = [:], dotenv: String? = nil, yaml: String? = nil,
    flags: (inout ConfigurationOverrides) -> Void = { _ in }
) -> [String] {
    switch load(environment, dotenv: dotenv, yaml: yaml, flags: flags) {
    case .success: []
    case .failure(let failure): failure.problems.map(\.description)
    }
}

func text(of secret: Secret) -> String {
    secret.withBytes { String(decoding: $0, as: UTF8.self) }
}
