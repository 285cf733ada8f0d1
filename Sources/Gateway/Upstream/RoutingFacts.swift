import HTTP
import Routing

/// The configuration in Routing's words.
enum RoutingFacts {
    /// In the order of the configuration; positions are those of `providers`.
    static func providers(_ configuration: GatewayConfiguration, _ providers: [Provider]) -> [ProviderFacts] {
        guard !configuration.providers.isEmpty else {
            return [
                ProviderFacts(
                    name: DemoHandler.providerName, catalogueName: nil, dialects: [.chat, .responses, .messages, .gemini],
                    models: .listed(DemoHandler.models, alsoRest: false))
            ]
        }
        return zip(configuration.providers, providers).map { document, provider in
            let isKnown = KnownProvider.named(document.name) != nil && document.name != "ollama"
            var models = ProviderFacts.Models.byCatalogue
            if let listed = document.models {
                let named = configuration.models.flatMap(\.targets).filter { $0.provider == document.name }.map(\.model)
                models = .listed(
                    listed.filter { $0 != "*" } + named.filter { !listed.contains($0) }, alsoRest: listed.contains("*"))
            }
            return ProviderFacts(
                name: document.name, catalogueName: isKnown ? document.name : nil, dialects: provider.wireDialects,
                models: models)
        }
    }

    static func overrides(_ configuration: GatewayConfiguration) -> [ModelOverride] {
        configuration.models.map { model in
            ModelOverride(
                name: model.name, targets: model.targets.map { "\($0.provider)/\($0.model)" },
                price: model.price.map(price), contextTokens: model.contextTokens)
        }
    }

    private static func price(_ price: ModelPrice) -> Routing.ModelPrice {
        Routing.ModelPrice(
            base: Routing.ModelPrice.Rates(
                input: price.input, output: price.output, cacheRead: price.cacheRead, cacheWrite5m: price.cacheWrite,
                cacheWrite1h: price.cacheWrite))
    }
}

extension HTTP.ServerLimits {
    /// The configured limits, in the server's units.
    init(_ configured: ServerLimits) {
        self.init()
        http.bodyBytesMax = UInt64(configured.bodyBytesMax)
        http.headBytesMax = configured.headBytesMax
        handshakeTimeoutNanoseconds = Int64(configured.handshakeTimeoutMilliseconds) * 1_000_000
        headerTimeoutNanoseconds = Int64(configured.headerTimeoutMilliseconds) * 1_000_000
        bodyTimeoutNanoseconds = Int64(configured.bodyTimeoutMilliseconds) * 1_000_000
        idleTimeoutNanoseconds = Int64(configured.idleTimeoutMilliseconds) * 1_000_000
        writeTimeoutNanoseconds = Int64(configured.writeTimeoutMilliseconds) * 1_000_000
        bodyBytesInFlightMax = configured.inflightBodyBytesMax
    }
}
