import HTTP
import Routing

/// One state of the configuration, made ready to serve. Immutable: every loop holds one, a reload gives it another, and a request ends with
/// the one it began with.
final class GatewaySnapshot: Sendable {
    let configuration: GatewayConfiguration
    /// Whether calls become rows of the books.
    let recordsUsage: Bool
    /// Who may do what.
    let access: AccessPolicy
    let providers: [Provider]
    let models: ModelResolver
    /// For clients; nil where no TLS is spoken.
    let tls: TLSServerContext?
    /// For providers without authorities of their own; kept over reloads, with the sessions it remembers.
    private let systemTrust: TLSClientContext
    /// The highest `Origin.settingsID` given out so far: connections made with other settings are never shared.
    private let lastSettingsID: UInt32

    /// Makes `configuration` ready: reads certificates and authorities.
    /// - Parameter previous: what was in force; providers that did not change are taken over with their connections.
    /// - Throws: `StartFailure`: a file cannot be used.
    init(
        _ configuration: GatewayConfiguration, demo: DemoServers, previous: GatewaySnapshot? = nil
    ) throws(StartFailure) {
        self.configuration = configuration
        recordsUsage = configuration.recordsUsage
        access = AccessPolicy(configuration.access)
        systemTrust = previous?.systemTrust ?? TLSClientContext()
        var maker = ProviderMaker(
            systemTrust: systemTrust, previous: previous?.providers ?? [], lastSettingsID: previous?.lastSettingsID ?? 0)
        if configuration.providers.isEmpty {
            providers = [Provider(demo: { loop in demo.connect(on: loop) })]
        } else {
            var providers: [Provider] = []
            for provider in configuration.providers { providers.append(try maker.make(provider)) }
            self.providers = providers
        }
        lastSettingsID = maker.lastSettingsID
        models = try Self.resolver(configuration, providers)
        tls = try configuration.server.tls.map { (tls) throws(StartFailure) in try Self.serverContext(tls) }
    }

    private static func resolver(
        _ configuration: GatewayConfiguration, _ providers: [Provider]
    ) throws(StartFailure) -> ModelResolver {
        let catalogue: Catalogue
        do throws(CatalogueError) {
            catalogue = try Catalogue.builtIn()
        } catch {
            throw StartFailure(description: "the built-in catalogue is damaged: \(error)")
        }
        return ModelResolver(
            catalogue: catalogue, providers: RoutingFacts.providers(configuration, providers),
            overrides: RoutingFacts.overrides(configuration))
    }

    private static func serverContext(_ tls: TLSConfiguration) throws(StartFailure) -> TLSServerContext {
        let chain = try bytes(of: tls.certificateFile, "server.tls.certificate")
        let key = try bytes(of: tls.privateKeyFile, "server.tls.private_key")
        do throws(TLSFailure) {
            return try TLSServerContext(certificateChain: chain, privateKey: key)
        } catch {
            throw StartFailure(description: "server.tls: \(error)")
        }
    }

    /// The content of a file of the configuration.
    static func bytes(of path: String, _ field: String) throws(StartFailure) -> [UInt8] {
        switch ConfiguredFile.read(path) {
        case .success(let bytes): return bytes
        case .failure(let fault): throw StartFailure(description: "\(field): \(fault.message)")
        }
    }
}

/// Makes providers of their configuration, or takes them over from before.
private struct ProviderMaker {
    let systemTrust: TLSClientContext
    let previous: [Provider]
    var lastSettingsID: UInt32

    mutating func make(_ configuration: ProviderConfiguration) throws(StartFailure) -> Provider {
        let field = "provider \(configuration.name): ca_file"
        let authorities = try configuration.authorityFile.map { (path) throws(StartFailure) in
            try GatewaySnapshot.bytes(of: path, field)
        }
        if let same = previous.first(where: { $0.configuration == configuration && $0.authorities == authorities }) {
            return same
        }
        var tls = systemTrust
        if let authorities {
            var options = TLSClientContext.Options()
            options.authorities = authorities
            tls = TLSClientContext(options)
            do throws(TLSFailure) {
                try tls.prepare()
            } catch {
                throw StartFailure(description: "\(field): \(error)")
            }
        }
        var settingsID: UInt32 = 0
        if authorities != nil || configuration.proxy != nil {
            lastSettingsID += 1
            settingsID = lastSettingsID
        }
        return Provider(
            configuration, settingsID: settingsID, tls: configuration.baseURL.scheme == .https ? tls : nil,
            authorities: authorities)
    }
}
