/// Turns the name that a client asks for into the places where it can be had. Immutable: built once per configuration, shared by all
/// loops.
///
/// The order of the questions, first answer wins:
/// 1. an alias or a model that the operator named;
/// 2. `provider/model` with a configured provider: pinned to it;
/// 3. who has it by list or catalogue, in any spelling (case, dots, dates, Claude's word order, vendor prefix);
/// 4. the maker of the family, when it is configured; else OpenRouter for a vendor that it lists;
/// 5. a provider with `models: ["*"]`.
///
/// Among several who have it: those where the operator listed the name, then the model's maker, then the order of the
/// configuration.
public final class ModelResolver: Sendable {
    public let providers: [ProviderFacts]
    private let catalogue: Catalogue
    private let indexes: [NameIndex]
    private let overrides: [String: ModelOverride]
    private let providerPositions: [String: Int]
    private let routerVendors: Set<String>

    /// - Parameters:
    ///   - providers: with unique names; of two with one name the first is used.
    ///   - overrides: of two with one name the later is used.
    public init(catalogue: Catalogue, providers: [ProviderFacts], overrides: [ModelOverride] = []) {
        self.catalogue = catalogue
        self.providers = providers
        self.overrides = Dictionary(overrides.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        providerPositions = Dictionary(
            providers.enumerated().map { ($0.element.name.lowercased(), $0.offset) }, uniquingKeysWith: { first, _ in first })
        indexes = providers.map { NameIndex(ids: Self.ids(of: $0, catalogue, overrides)) }
        routerVendors = Set(
            catalogue.models(of: Self.router).compactMap { facts in
                facts.model.firstIndex(of: "/").map { String(facts.model[..<$0]) }
            })
    }

    /// Who has the model.
    public func resolve(_ name: String) -> ModelResolution {
        guard !name.isEmpty, name.utf8.count <= RoutingLimits.modelNameBytesMax else { return .unknown(nearest: []) }
        let targets = targets(named: name)
        guard targets.isEmpty else { return .targets(targets) }
        return .unknown(nearest: NearestNames.search(name, among: names))
    }

    /// What the configuration or the catalogue calls the model of `target`: a name that no client made up. Nil when it is in neither, such
    /// as one that a provider with `models: ["*"]` was asked for.
    public func listedName(of target: ModelTarget) -> String? {
        guard indexes.indices.contains(target.providerIndex) else { return nil }
        if let match = indexes[target.providerIndex].match(Spelling(target.upstreamModel)) { return match.id }
        let name = "\(target.provider)/\(target.upstreamModel)"
        return overrides.values.contains { $0.targets.contains(name) } ? target.upstreamModel : nil
    }

    /// Everything that can be asked for by a name of its own, sorted by name: aliases, listed models, the catalogue of each
    /// configured provider. A name that several have appears once.
    public func servedModels() -> [ServedModel] {
        Set(names).sorted().compactMap { name in
            let targets = targets(named: name)
            guard let first = targets.first else { return nil }
            let isAlias = overrides[name].map { !$0.targets.isEmpty } ?? false
            let facts = providers[first.providerIndex].catalogueName.flatMap {
                catalogue.facts(provider: $0, model: first.upstreamModel)
            }
            let provider = isAlias && targets.contains { $0.provider != first.provider } ? nil : first.provider
            let dialects = targets.reduce(into: WireDialects()) { $0.formUnion($1.dialects) }
            return ServedModel(id: name, provider: provider, facts: facts, price: first.price, dialects: dialects)
        }
    }

    // MARK: - The questions

    private func targets(named name: String) -> [ModelTarget] {
        if let override = overrides[name], !override.targets.isEmpty {
            return override.targets.flatMap { plainTargets($0, priceOf: override) }
        }
        return plainTargets(name, priceOf: overrides[name])
    }

    /// Questions 1 to 5 for a name that is no alias.
    private func plainTargets(_ name: String, priceOf override: ModelOverride?) -> [ModelTarget] {
        let known = overrides[name] ?? override
        if let provider = known?.provider, known?.name == name {
            guard let index = providerPositions[provider.lowercased()] else { return [] }
            return [target(index, upstream: name, facts: nil, known)]
        }
        let listed = providers.indices.filter { lists($0, name) }
        if listed.isEmpty, let pinned = pinned(name, override) { return pinned }
        let request = Request(name)
        let found = matches(request, override)
        if !found.isEmpty { return found }
        return newModel(request, override) ?? rest(name, override)
    }

    /// `provider/model`: nil when the first segment is no configured provider.
    private func pinned(_ name: String, _ override: ModelOverride?) -> [ModelTarget]? {
        guard let slash = name.firstIndex(of: "/"), let index = providerPositions[name[..<slash].lowercased()] else { return nil }
        let model = String(name[name.index(after: slash)...])
        guard !model.isEmpty else { return [] }
        if let match = indexes[index].match(Spelling(model)) {
            return [target(index, for: model, match, override)]
        }
        if case .listed(_, alsoRest: false) = providers[index].models { return [] }
        return [target(index, upstream: model, facts: nil, override)]
    }

    /// Who has it by list or catalogue.
    private func matches(_ request: Request, _ override: ModelOverride?) -> [ModelTarget] {
        var found: [(rank: Int, level: NameIndex.Level, target: ModelTarget)] = []
        for index in providers.indices {
            let isMaker = request.maker != nil && providers[index].catalogueName == request.maker
            var match = indexes[index].match(request.name)
            var asked = request.name.text
            if isMaker, match == nil, request.vendor != nil {
                match = indexes[index].match(request.model)
                asked = request.model.text
            }
            guard let match else { continue }
            let rank = lists(index, match.id) ? 0 : isMaker ? 1 : 2
            found.append((rank, match.level, target(index, for: asked, match, override)))
        }
        return found.enumerated().sorted {
            ($0.element.rank, $0.element.level, $0.offset) < ($1.element.rank, $1.element.level, $1.offset)
        }.map(\.element.target)
    }

    /// A model that the catalogue has not heard of, at its maker, or at OpenRouter when the vendor is one of its own.
    private func newModel(_ request: Request, _ override: ModelOverride?) -> [ModelTarget]? {
        let makers = providers.indices.filter { index in
            request.maker != nil && providers[index].catalogueName == request.maker && takesNew(index)
        }
        if !makers.isEmpty { return makers.map { target($0, upstream: request.model.text, facts: nil, override) } }
        guard let vendor = request.vendor, routerVendors.contains(vendor) else { return nil }
        let routers = providers.indices.filter { providers[$0].catalogueName == Self.router && takesNew($0) }
        return routers.isEmpty ? nil : routers.map { target($0, upstream: request.name.text, facts: nil, override) }
    }

    /// Providers that take every name that nothing else claims.
    private func rest(_ name: String, _ override: ModelOverride?) -> [ModelTarget] {
        providers.indices.filter { index in
            if case .listed(_, alsoRest: true) = providers[index].models { return true }
            return false
        }.map { target($0, upstream: name, facts: nil, override) }
    }

    // MARK: - Targets

    private func target(_ index: Int, for asked: String, _ match: NameIndex.Match, _ override: ModelOverride?) -> ModelTarget {
        let provider = providers[index]
        let facts = provider.catalogueName.flatMap { catalogue.facts(provider: $0, model: match.id) }
        // A dated name that the maker's catalogue lacks is still the maker's own name, and it says more than the undated one.
        let isOwnName = ModelFamily.maker(ofModel: asked) == provider.catalogueName && provider.catalogueName != nil
        let keepsName = match.level == .requestIsDated && isOwnName
        return target(index, upstream: keepsName ? asked : match.id, facts: facts, override)
    }

    private func target(_ index: Int, upstream: String, facts: ModelFacts?, _ override: ModelOverride?) -> ModelTarget {
        let provider = providers[index]
        let own = overrides[upstream].flatMap { word in
            word.provider == nil || word.provider?.lowercased() == provider.name.lowercased() ? word : nil
        } ?? override
        return ModelTarget(
            providerIndex: index, provider: provider.name, dialects: provider.dialects, upstreamModel: upstream,
            price: own?.price ?? facts?.price, contextTokens: own?.contextTokens ?? facts?.contextTokens,
            outputTokensMax: facts?.outputTokensMax, reasons: facts?.reasons)
    }

    private func lists(_ index: Int, _ name: String) -> Bool {
        guard case .listed(let names, _) = providers[index].models else { return false }
        return names.contains(name)
    }

    private func takesNew(_ index: Int) -> Bool {
        if case .listed(_, alsoRest: false) = providers[index].models { return false }
        return true
    }

    private var names: [String] {
        var names = Array(overrides.keys).sorted()
        for provider in providers { names += Self.ids(of: provider, catalogue, []) }
        return names
    }

    private static let router = "openrouter"

    private static func ids(of provider: ProviderFacts, _ catalogue: Catalogue, _ overrides: [ModelOverride]) -> [String] {
        var ids = overrides.filter { $0.provider?.lowercased() == provider.name.lowercased() }.map(\.name)
        var usesCatalogue = true
        if case .listed(let names, let alsoRest) = provider.models {
            ids += names
            usesCatalogue = alsoRest
        }
        if usesCatalogue, let name = provider.catalogueName { ids += catalogue.models(of: name).map(\.model) }
        return ids
    }
}

/// A requested name, taken apart once.
private struct Request {
    /// As asked for, without Gemini's `models/` in front.
    var name: Spelling
    /// What stands before the first `/`.
    var vendor: String?
    /// What stands behind it; the whole name when there is none.
    var model: Spelling
    /// The catalogue's name of the maker, by vendor or by family.
    var maker: String?

    init(_ asked: String) {
        let text = asked.hasPrefix("models/") ? String(asked.dropFirst("models/".count)) : asked
        name = Spelling(text)
        model = name
        if let slash = text.firstIndex(of: "/") {
            let vendor = text[..<slash].lowercased()
            self.vendor = vendor
            model = Spelling(String(text[text.index(after: slash)...]))
            maker = ModelFamily.maker(ofVendor: vendor)
        } else {
            maker = ModelFamily.maker(ofModel: text)
        }
    }
}
