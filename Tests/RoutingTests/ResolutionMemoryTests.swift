import Routing
import Testing

@Suite struct ResolutionMemoryTests {
    private func resolver() throws -> ModelResolver {
        let catalogue = try Catalogue.builtIn()
        let provider = ProviderFacts(name: "all", catalogueName: nil, dialects: [.chat], models: .listed([], alsoRest: true))
        return ModelResolver(catalogue: catalogue, providers: [provider])
    }

    @Test func answersLikeTheResolver() throws {
        let resolver = try resolver()
        var memory = ResolutionMemory()
        for name in ["one", "two", "one", "", String(repeating: "x", count: 300), "one"] {
            #expect(memory.resolve(name, with: resolver) == resolver.resolve(name))
        }
    }

    @Test func staysBoundedWhenClientsMakeNamesUp() throws {
        let resolver = try resolver()
        var memory = ResolutionMemory()
        for number in 0..<(RoutingLimits.namesRememberedMax * 3) {
            #expect(memory.resolve("made-up-\(number)", with: resolver) == resolver.resolve("made-up-\(number)"))
        }
        #expect(memory.count <= RoutingLimits.namesRememberedMax)
    }

    @Test func forgetsWhatAnotherResolverWouldNotSay() throws {
        var memory = ResolutionMemory()
        _ = memory.resolve("one", with: try resolver())
        let other = ModelResolver(catalogue: try Catalogue.builtIn(), providers: [])
        memory.removeAll()
        #expect(memory.resolve("one", with: other) == other.resolve("one"))
    }
}
