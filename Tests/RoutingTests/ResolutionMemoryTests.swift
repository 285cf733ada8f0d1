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
        var memory = ResolutionMemory(resolver)
        for name in ["one", "two", "one", "", String(repeating: "x", count: 300), "one"] {
            #expect(memory.resolve(name) == resolver.resolve(name))
        }
    }

    @Test func staysBoundedWhenClientsMakeNamesUp() throws {
        let resolver = try resolver()
        var memory = ResolutionMemory(resolver)
        for number in 0..<(RoutingLimits.namesRememberedMax * 3) {
            #expect(memory.resolve("made-up-\(number)") == resolver.resolve("made-up-\(number)"))
        }
        #expect(memory.count <= RoutingLimits.namesRememberedMax)
    }

    @Test("Two spellings of one character are two names")
    func canonicalEquivalence() throws {
        var memory = ResolutionMemory(try resolver())
        for name in ["caf\u{E9}", "cafe\u{301}", "caf\u{E9}"] {
            guard case .targets(let targets) = memory.resolve(name) else {
                Issue.record("nobody has \(name)")
                continue
            }
            #expect(targets.map { Array($0.upstreamModel.utf8) } == [Array(name.utf8)])
        }
    }
}
