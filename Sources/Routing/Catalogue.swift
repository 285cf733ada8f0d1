import CCatalogue

/// The public facts about models: prices, limits, abilities. Immutable; an operator's own prices are overrides on top.
public struct Catalogue: Sendable {
    /// Month of the facts, as `YYYY-MM`.
    public let asOf: String
    /// Sorted by provider, then model.
    public let models: [ModelFacts]

    /// The catalogue that is compiled into the program (Sources/CCatalogue/models.json).
    public static func builtIn() throws(CatalogueError) -> Catalogue {
        try Catalogue(json: UnsafeRawBufferPointer(start: ekai_catalogue_start(), count: ekai_catalogue_json_bytes))
    }

    /// Reads a catalogue file.
    ///
    /// - Parameter json: borrowed for the call.
    /// - Throws: a ``CatalogueError`` for anything that is not wholly understood, except members this version has no use for.
    public init(json: UnsafeRawBufferPointer) throws(CatalogueError) {
        self = try CatalogueReader.read(json)
    }

    /// - Throws: ``CatalogueError/badModel(provider:model:reason:)`` when a model is listed twice.
    public init(asOf: String, models: [ModelFacts]) throws(CatalogueError) {
        self.asOf = asOf
        let isSorted = zip(models, models.dropFirst()).allSatisfy(Self.precedes)
        self.models = isSorted ? models : models.sorted(by: Self.precedes)
        for (one, next) in zip(self.models, self.models.dropFirst())
        where one.provider == next.provider && one.model == next.model {
            throw .badModel(provider: one.provider, model: one.model, reason: "listed twice")
        }
    }

    /// The facts about a model under exactly this id.
    public func facts(provider: String, model: String) -> ModelFacts? {
        let index = lowerBound { ($0.provider, $0.model) < (provider, model) }
        guard index < models.count, models[index].provider == provider, models[index].model == model else { return nil }
        return models[index]
    }

    /// Everything that one provider offers, in order of id; empty for a provider that the catalogue does not know.
    public func models(of provider: String) -> ArraySlice<ModelFacts> {
        let start = lowerBound { $0.provider < provider }
        let end = lowerBound { $0.provider <= provider }
        return models[start..<end]
    }

    /// The first index whose model does not satisfy `isBefore`, by bisection.
    private func lowerBound(_ isBefore: (ModelFacts) -> Bool) -> Int {
        var low = 0
        var high = models.count
        while low < high {
            let middle = low + (high - low) / 2
            if isBefore(models[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func precedes(_ one: ModelFacts, _ other: ModelFacts) -> Bool {
        (one.provider, one.model) < (other.provider, other.model)
    }
}
