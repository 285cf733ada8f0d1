import Testing

@testable import Routing

@Suite struct ModelResolverTests {
    private static let catalogue = try? Catalogue.builtIn()

    private func provider(_ name: String, _ models: ProviderFacts.Models = .byCatalogue, catalogueName: String? = nil) -> ProviderFacts {
        ProviderFacts(name: name, catalogueName: catalogueName ?? name, dialects: [.chat], models: models)
    }

    private func resolver(_ names: [String], more: [ProviderFacts] = [], _ overrides: [ModelOverride] = []) throws -> ModelResolver {
        ModelResolver(catalogue: try #require(Self.catalogue), providers: names.map { provider($0) } + more, overrides: overrides)
    }

    /// `provider:model` of each target.
    private func places(_ resolution: ModelResolution) -> [String] {
        guard case .targets(let targets) = resolution else { return [] }
        return targets.map { "\($0.provider):\($0.upstreamModel)" }
    }

    private static let natives = ["openrouter", "groq", "openai", "anthropic", "google", "xai", "zai", "deepseek", "mistral"]

    /// Names of real traffic; first the maker under the maker's own name.
    @Test(arguments: [
        ("claude-sonnet-4-5", "anthropic:claude-sonnet-4-5"),
        ("gpt-5-chat-latest", "openai:gpt-5-chat-latest"),
        ("gpt-4-turbo-2024-04-09", "openai:gpt-4-turbo-2024-04-09"),
        ("chatgpt-4o-latest", "openai:chatgpt-4o-latest"),
        ("claude-3-sonnet", "anthropic:claude-3-sonnet"),
        ("claude-3-7-sonnet-20250219", "anthropic:claude-3-7-sonnet-20250219"),
        ("claude-3-7-sonnet-latest", "anthropic:claude-3-7-sonnet-latest"),
        ("claude-sonnet-3-7", "anthropic:claude-sonnet-3-7"),
        ("claude-3.7-sonnet", "anthropic:claude-sonnet-3-7"),
        ("Claude-Sonnet-4.5", "anthropic:claude-sonnet-4-5"),
        ("claude-4-5-sonnet", "anthropic:claude-sonnet-4-5"),
        ("claude-sonnet-4-5@20250929", "anthropic:claude-sonnet-4-5-20250929"),
        ("x-ai/grok-4", "xai:grok-4"),
        ("z-ai/glm-4.6", "zai:glm-4.6"),
        ("mistralai/codestral-2508", "mistral:codestral-2508"),
        ("GPT-4o", "openai:gpt-4o"),
        ("gpt-4o-2024-08-06", "openai:gpt-4o-2024-08-06"),
        ("gpt-4o-2031-01-02", "openai:gpt-4o-2031-01-02"),
        ("models/gemini-2.5-pro", "google:gemini-2.5-pro"),
        ("gemini-2.5-flash-preview-05-20", "google:gemini-2.5-flash-preview-05-20"),
        ("gemini-3.1-pro", "google:gemini-3.1-pro-preview"),
        ("o3-mini", "openai:o3-mini"),
        ("deepseek-chat", "deepseek:deepseek-chat"),
        // Not in the catalogue: the family's maker serves a new model on its first day.
        ("gpt-9", "openai:gpt-9"), ("o5-mini", "openai:o5-mini"), ("claude-saga-7", "anthropic:claude-saga-7"),
        ("gemini-9-ultra", "google:gemini-9-ultra"), ("grok-12", "xai:grok-12"), ("glm-9", "zai:glm-9"),
        ("x-ai/grok-12", "xai:grok-12"), ("magistral-huge", "mistral:magistral-huge"),
        // Somebody else's weights are not its maker's API.
        ("gpt-oss-120b", "openrouter:openai/gpt-oss-120b"),
        ("meta-llama/llama-4-scout", "openrouter:meta-llama/llama-4-scout"),
        // A new model of a vendor that only OpenRouter has.
        ("meta-llama/llama-9", "openrouter:meta-llama/llama-9"),
    ])
    func namesReachTheirProvider(_ name: String, _ first: String) throws {
        #expect(places(try resolver(Self.natives).resolve(name)).first == first)
    }

    @Test(arguments: [
        ("claude-3-7-sonnet-20250219", "openrouter:anthropic/claude-3.7-sonnet"),
        ("claude-sonnet-4-5-20250929", "openrouter:anthropic/claude-sonnet-4.5"),
        ("gpt-4o", "openrouter:openai/gpt-4o"),
        ("openai/gpt-4o", "openrouter:openai/gpt-4o"),
        ("openai/gpt-99", "openrouter:openai/gpt-99"),
        ("grok-4", "openrouter:x-ai/grok-4"),
        ("anthropic/claude-3.7-sonnet:thinking", "openrouter:anthropic/claude-3.7-sonnet:thinking"),
        ("openrouter/openai/gpt-4o", "openrouter:openai/gpt-4o"),
        ("openrouter/claude-sonnet-4-5", "openrouter:anthropic/claude-sonnet-4.5"),
        ("openrouter/auto", "openrouter:auto"),
    ])
    func openRouterAloneServesOthersModels(_ name: String, _ only: String) throws {
        #expect(places(try resolver(["openrouter"]).resolve(name)) == [only])
    }

    @Test func theMakerComesFirstThenTheOthers() throws {
        let all = try resolver(Self.natives)
        #expect(places(all.resolve("claude-sonnet-4-5")) == ["anthropic:claude-sonnet-4-5", "openrouter:anthropic/claude-sonnet-4.5"])
        #expect(places(all.resolve("x-ai/grok-4")) == ["xai:grok-4", "openrouter:x-ai/grok-4"])
        #expect(
            places(all.resolve("claude-3-7-sonnet-20250219"))
                == ["anthropic:claude-3-7-sonnet-20250219", "openrouter:anthropic/claude-3.7-sonnet"])
    }

    @Test func aConfiguredProvidersNamePins() throws {
        let all = try resolver(Self.natives)
        #expect(places(all.resolve("openai/gpt-4o")) == ["openai:gpt-4o"])
        #expect(places(all.resolve("OpenRouter/openai/gpt-4o")) == ["openrouter:openai/gpt-4o"])
        #expect(places(all.resolve("anthropic/claude-3.7-sonnet")) == ["anthropic:claude-sonnet-3-7"])
        #expect(places(all.resolve("groq/anything-new")) == ["groq:anything-new"])
        #expect(places(all.resolve("openai/")) == [])
    }

    @Test func theSameModelUnderEverySpellingHasOnePrice() throws {
        let anthropic = try resolver(["anthropic"])
        let expected = Self.catalogue?.facts(provider: "anthropic", model: "claude-sonnet-3-7")?.price
        #expect(expected != nil)
        for name in ["claude-3-7-sonnet-20250219", "claude-sonnet-3-7", "claude-3.7-sonnet", "CLAUDE-3-7-SONNET-LATEST"] {
            guard case .targets(let targets) = anthropic.resolve(name) else {
                Issue.record("\(name) is unknown")
                continue
            }
            #expect(targets.map(\.price) == [expected])
        }
        guard case .targets(let new) = anthropic.resolve("claude-saga-7") else {
            Issue.record("a new Claude is unknown")
            return
        }
        #expect(new[0].price == nil)
    }

    @Test func listsAliasesAndWildcards() throws {
        let vllm = ProviderFacts(name: "my-vllm", catalogueName: nil, dialects: [.chat], models: .listed(["qwen3-coder", "gpt-4o"], alsoRest: false))
        let rest = ProviderFacts(name: "box", catalogueName: nil, dialects: [.chat], models: .listed([], alsoRest: true))
        let price = ModelPrice(base: .init(input: 200_000, output: 600_000))
        let resolver = try resolver(
            ["openai", "anthropic"], more: [vllm, rest],
            [
                ModelOverride(name: "fast", targets: ["anthropic/claude-haiku-4-5", "openai/gpt-4o-mini", "nobody"]),
                ModelOverride(name: "qwen3-coder", provider: "my-vllm", price: price, contextTokens: 262_144),
                ModelOverride(name: "gpt-4.1", price: price),
            ])
        #expect(places(resolver.resolve("fast")) == ["anthropic:claude-haiku-4-5", "openai:gpt-4o-mini", "box:nobody"])
        guard case .targets(let own) = resolver.resolve("qwen3-coder"), case .targets(let priced) = resolver.resolve("gpt-4.1") else {
            Issue.record("listed models are unknown")
            return
        }
        #expect(own == [ModelTarget(providerIndex: 2, provider: "my-vllm", dialects: [.chat], upstreamModel: "qwen3-coder", price: price, contextTokens: 262_144)])
        #expect(priced.map(\.price) == [price])
        #expect(places(resolver.resolve("gpt-4o")) == ["my-vllm:gpt-4o", "openai:gpt-4o"])
        #expect(places(resolver.resolve("my-vllm/gpt-4o")) == ["my-vllm:gpt-4o"])
        #expect(places(resolver.resolve("my-vllm/other")) == [])
        #expect(places(resolver.resolve("whatever")) == ["box:whatever"])
        #expect(places(resolver.resolve("box/a/b")) == ["box:a/b"])
        #expect(places(resolver.resolve("gpt-9")) == ["openai:gpt-9"])
    }

    @Test func unknownNamesGetTheNearest() throws {
        let resolver = try resolver(["openai", "anthropic"], [ModelOverride(name: "fast", targets: ["openai/gpt-4o"])])
        #expect(resolver.resolve("fsat") == .unknown(nearest: ["fast"]))
        #expect(resolver.resolve("cluade-sonnet-4-5") == .unknown(nearest: ["claude-sonnet-4-5", "claude-sonnet-4-6", "claude-sonnet-5-5"]))
        #expect(resolver.resolve("") == .unknown(nearest: []))
        #expect(resolver.resolve(String(repeating: "x", count: 10_000)) == .unknown(nearest: []))
        #expect(resolver.resolve("qwertyuiop-nothing-like-it") == .unknown(nearest: []))
        #expect(try self.resolver([]).resolve("gpt-4o") == .unknown(nearest: []))
    }

    /// A label must be a name that no client made up.
    @Test func listedNamesAreOfTheCatalogueOrTheConfiguration() throws {
        let own = provider("own", .listed(["mine"], alsoRest: true), catalogueName: nil)
        let resolver = try resolver(["openai"], more: [own], [ModelOverride(name: "tuned", targets: ["openai/ft:gpt-4o:me"])])
        func listed(_ name: String) -> String? {
            guard case .targets(let targets) = resolver.resolve(name) else { return nil }
            return targets.first.flatMap { resolver.listedName(of: $0) }
        }
        #expect(listed("gpt-4o") == "gpt-4o")
        #expect(listed("openai/GPT-4o") == "gpt-4o")
        #expect(listed("mine") == "mine")
        #expect(listed("tuned") == "ft:gpt-4o:me")
        #expect(listed("own/whatever") == nil)
        #expect(listed("openai/whatever-else") == nil)
        let foreign = ModelTarget(
            providerIndex: 9, provider: "gone", dialects: [], upstreamModel: "gpt-4o", price: nil, contextTokens: nil)
        #expect(resolver.listedName(of: foreign) == nil)
    }

    @Test func everyServedModelResolvesToItself() throws {
        for names in [Self.natives, ["openrouter"], ["anthropic"]] {
            let resolver = try resolver(names, [ModelOverride(name: "both", targets: ["openai/gpt-4o", "anthropic/claude-opus-5"])])
            let served = resolver.servedModels()
            #expect(served.map(\.id) == served.map(\.id).sorted())
            #expect(Set(served.map(\.id)).count == served.count)
            for model in served where model.id != "both" {
                let all = places(resolver.resolve(model.id))
                #expect(!all.isEmpty)
                if !model.id.contains("/") { #expect(all.contains { $0.hasSuffix(":" + model.id) }, "\(model.id) became \(all)") }
            }
        }
    }

    @Test(arguments: [
        ("claude-3-7-sonnet-20250219", "claude-sonnet-3-7"), ("claude-3-5-haiku-latest", "claude-haiku-3-5"),
        ("gpt-4-0125-preview", "gpt-4"), ("gpt-4o-2024-08-06", "gpt-4o"), ("gemini-2.5-pro-preview-05-06", "gemini-2-5-pro"),
        ("gemini-2.5-flash-lite-preview-09-2025", "gemini-2-5-flash-lite"), ("codestral-2508", "codestral"),
        ("gemini-2.0-flash-001", "gemini-2-0-flash"), ("anthropic/claude-3.5-sonnet", "anthropic/claude-sonnet-3-5"),
        ("claude-3.7-sonnet:thinking", "claude-sonnet-3-7:thinking"), ("gpt-4.1", "gpt-4-1"), ("o1", "o1"), ("latest", "latest"),
        ("2025-01-01", "2025-01-01"), ("-", "-"), ("", ""), ("claude-", "claude-"), ("llama-3-70b", "llama-3-70b"),
    ])
    func canonicalNames(_ name: String, _ expected: String) {
        #expect(CanonicalName.stripped(CanonicalName.key(name)) == expected)
    }
}
