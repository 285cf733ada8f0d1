import Testing

@testable import Routing

@Suite struct CatalogueTests {
    private func read(_ json: String) throws(CatalogueError) -> Catalogue {
        let bytes = Array(json.utf8)
        var result: Result<Catalogue, CatalogueError>?
        bytes.withUnsafeBytes { raw in
            do throws(CatalogueError) { result = .success(try Catalogue(json: raw)) } catch { result = .failure(error) }
        }
        guard let result else { throw .unusable(reason: "nothing read") }
        return try result.get()
    }

    private func file(_ models: String, unit: String = "USD per 1,000,000 tokens") -> String {
        #"{"unit": "\#(unit)", "as_of": "2026-11", "note": {"any": [1, null]}, "models": [\#(models)]}"#
    }

    @Test func builtInCatalogueReadsExactly() throws {
        let catalogue = try Catalogue.builtIn()
        #expect(catalogue.models.count == 680)
        #expect(catalogue.asOf == "2026-11")
        let haiku = try #require(catalogue.facts(provider: "anthropic", model: "claude-haiku-4-5"))
        #expect(haiku.price.base.input == 1_000_000)
        #expect(haiku.price.base.output == 5_000_000)
        #expect(haiku.price.base.cacheRead == 100_000)
        #expect(haiku.price.base.cacheWrite5m == 1_250_000)
        #expect(haiku.price.base.cacheWrite1h == 2_000_000)
        #expect(haiku.contextTokens == 200_000)
        #expect(haiku.seesImages == true)
        let tiered = try #require(catalogue.facts(provider: "anthropic", model: "claude-haiku-5-5"))
        #expect(tiered.price.tiers.map(\.aboveInputTokens) == [100_000])
        #expect(tiered.price.tiers[0].rates.cacheWrite5m == 625_000)
        #expect(tiered.price.tiers[0].rates.cacheWrite1h == nil)
        #expect(catalogue.facts(provider: "openai", model: "gpt-4")?.deprecatedOn == "2026-10-23")
        #expect(catalogue.facts(provider: "mistral", model: "mistral-embed")?.mode == .embedding)
        #expect(catalogue.facts(provider: "mistral", model: "mistral-embed")?.price.base.output == nil)
        #expect(catalogue.facts(provider: "openai", model: "nothing") == nil)
    }

    @Test func providersAreFoundBySlices() throws {
        let catalogue = try Catalogue.builtIn()
        let providers = Set(catalogue.models.map(\.provider))
        #expect(providers.count == 9)
        for provider in providers {
            let slice = catalogue.models(of: provider)
            #expect(slice.count == catalogue.models.count { $0.provider == provider })
            #expect(slice.allSatisfy { catalogue.facts(provider: $0.provider, model: $0.model) == $0 })
        }
        #expect(catalogue.models(of: "nobody").isEmpty)
    }

    @Test func unsortedModelsAndUnknownMembersAreFine() throws {
        let catalogue = try read(
            file(#"{"provider":"b","model":"m\u00e9\ud83d\ude00","new":{"x":[]}},{"input":-1,"model":"m","provider":"a"}"#))
        #expect(catalogue.models.map(\.model) == ["m", "mé😀"])
        #expect(catalogue.models[0].price.base.input == nil)
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{}x", #"{"unit":1}"#, #"{"unit":"a" "as_of":"b"}"#, "{\"unit\":\"a\nb\"}", #"{"unit":"\x"}"#,
        #"{"unit":"\ud83d"}"#, #"{"unit":"a","unit":"b"}"#,
    ])
    func malformedTextIsRefused(_ text: String) {
        #expect(throws: CatalogueError.self) { try read(text) }
    }

    @Test(arguments: [
        "", "{}", #"{"provider":"a"}"#, #"{"provider":"a","model":""}"#, #"{"provider":"a","model":"m","input":"1"}"#,
        #"{"provider":"a","model":"m","input":-0.5}"#, #"{"provider":"a","model":"m","input":0.0000001}"#,
        #"{"provider":"a","model":"m","input":01}"#, #"{"provider":"a","model":"m","input":1.}"#,
        #"{"provider":"a","model":"m","input":1e40}"#, #"{"provider":"a","model":"m","input":1,"input":2}"#,
        #"{"provider":"a","model":"m","context":1.5}"#, #"{"provider":"a","model":"m","context":-1}"#,
        #"{"provider":"a","model":"m","tools":1}"#, #"{"provider":"a","model":"m","mode":"video"}"#,
        #"{"provider":"a","model":"m","deprecated":"soon"}"#, #"{"provider":"a","model":"m"},{"provider":"a","model":"m"}"#,
        #"{"provider":"a","model":"m","above_input_tokens":[{"input":1}]}"#,
        #"{"provider":"a","model":"m","above_input_tokens":[{"threshold":2},{"threshold":1}]}"#,
        #"{"provider":"a","model":"m","x":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}"#,
    ])
    func badModelsAreRefused(_ model: String) {
        #expect(throws: CatalogueError.self) { try read(file(model)) }
    }

    @Test func anotherUnitIsRefusedWithTheReason() {
        #expect(throws: CatalogueError.unusable(reason: "unit must be \"USD per 1,000,000 tokens\"")) {
            try read(file(#"{"provider":"a","model":"m"}"#, unit: "USD per token"))
        }
    }

    @Test func everyPrefixOfAFileIsRefused() {
        let whole = Array(file(#"{"provider":"a","model":"m","input":1.5,"tools":true}"#).utf8)
        for length in whole.indices {
            #expect(throws: CatalogueError.self) { try read(String(decoding: whole[..<length], as: UTF8.self)) }
        }
    }
}
