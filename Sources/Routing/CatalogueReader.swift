/// Reads the catalogue's JSON: `{unit, as_of, note, models: [{provider, model, mode, input, output, …}]}`.
enum CatalogueReader {
    static let unit = "USD per 1,000,000 tokens"

    static func read(_ json: UnsafeRawBufferPointer) throws(CatalogueError) -> Catalogue {
        var cursor = JSONCursor(json)
        var seen = Set<String>()
        var unit: String?
        var asOf: String?
        var models: [ModelFacts]?
        try cursor.object { cursor, name throws(CatalogueError) in
            guard seen.insert(name).inserted else { throw cursor.malformed("\(name) twice") }
            switch name {
            case "unit": unit = try cursor.string()
            case "as_of": asOf = try cursor.string()
            case "models": models = try readModels(&cursor)
            default: try cursor.skipValue()
            }
        }
        try cursor.end()
        guard unit == Self.unit else { throw .unusable(reason: "unit must be \"\(Self.unit)\"") }
        guard let asOf, let models, !models.isEmpty else { throw .unusable(reason: "as_of and models are needed") }
        return try Catalogue(asOf: asOf, models: models)
    }

    private static func readModels(_ cursor: inout JSONCursor) throws(CatalogueError) -> [ModelFacts] {
        var models: [ModelFacts] = []
        models.reserveCapacity(1024)
        try cursor.array { cursor throws(CatalogueError) in
            guard models.count < RoutingLimits.catalogueModelsMax else { throw .unusable(reason: "too many models") }
            models.append(try readModel(&cursor))
        }
        return models
    }

    private static func readModel(_ cursor: inout JSONCursor) throws(CatalogueError) -> ModelFacts {
        var draft = Draft()
        try cursor.object { cursor, name throws(CatalogueError) in
            switch name {
            case "provider": try cursor.once(&draft.provider, name) { cursor throws(CatalogueError) in try cursor.string() }
            case "model": try cursor.once(&draft.model, name) { cursor throws(CatalogueError) in try cursor.string() }
            case "mode": try cursor.once(&draft.mode, name) { cursor throws(CatalogueError) in try cursor.string() }
            case "context": try cursor.once(&draft.context, name) { cursor throws(CatalogueError) in try cursor.count() }
            case "max_output": try cursor.once(&draft.maxOutput, name) { cursor throws(CatalogueError) in try cursor.count() }
            case "vision": try cursor.once(&draft.vision, name) { cursor throws(CatalogueError) in try cursor.bool() }
            case "tools": try cursor.once(&draft.tools, name) { cursor throws(CatalogueError) in try cursor.bool() }
            case "reasoning": try cursor.once(&draft.reasoning, name) { cursor throws(CatalogueError) in try cursor.bool() }
            case "deprecated": try cursor.once(&draft.deprecated, name) { cursor throws(CatalogueError) in try cursor.string() }
            case "above_input_tokens":
                try cursor.once(&draft.tiers, name) { cursor throws(CatalogueError) in try readTiers(&cursor) }
            default:
                if try !draft.rates.read(&cursor, name) { try cursor.skipValue() }
            }
        }
        guard let provider = draft.provider, !provider.isEmpty, let model = draft.model, !model.isEmpty else {
            throw cursor.malformed("a model without provider or model")
        }
        return try draft.facts(provider: provider, model: model)
    }

    private static func readTiers(_ cursor: inout JSONCursor) throws(CatalogueError) -> [ModelPrice.Tier] {
        var tiers: [ModelPrice.Tier] = []
        try cursor.array { cursor throws(CatalogueError) in
            var threshold: Int?
            var rates = RatesDraft()
            try cursor.object { cursor, name throws(CatalogueError) in
                if name == "threshold" {
                    try cursor.once(&threshold, name) { cursor throws(CatalogueError) in try cursor.count() }
                } else if try !rates.read(&cursor, name) {
                    try cursor.skipValue()
                }
            }
            guard let threshold else { throw cursor.malformed("a tier without threshold") }
            if let last = tiers.last, last.aboveInputTokens >= threshold { throw cursor.malformed("tiers out of order") }
            tiers.append(ModelPrice.Tier(aboveInputTokens: threshold, rates: rates.rates))
        }
        return tiers
    }
}

/// The members of one model as they come, in any order.
private struct Draft {
    var provider: String?
    var model: String?
    var mode: String?
    var context: Int?
    var maxOutput: Int?
    var vision: Bool?
    var tools: Bool?
    var reasoning: Bool?
    var deprecated: String?
    var tiers: [ModelPrice.Tier]?
    var rates = RatesDraft()

    func facts(provider: String, model: String) throws(CatalogueError) -> ModelFacts {
        guard let mode = ModelFacts.Mode(rawValue: self.mode ?? "chat") else {
            throw .badModel(provider: provider, model: model, reason: "unknown mode \(self.mode ?? "")")
        }
        if let deprecated, !Self.isDay(deprecated) {
            throw .badModel(provider: provider, model: model, reason: "deprecated is not YYYY-MM-DD")
        }
        return ModelFacts(
            provider: provider, model: model, mode: mode, price: ModelPrice(base: rates.rates, tiers: tiers ?? []),
            contextTokens: context, outputTokensMax: maxOutput, seesImages: vision, callsTools: tools, reasons: reasoning,
            deprecatedOn: deprecated)
    }

    private static func isDay(_ text: String) -> Bool {
        let pattern = "0000-00-00".utf8
        return text.utf8.count == pattern.count
            && zip(text.utf8, pattern).allSatisfy { byte, shape in
                shape == UInt8(ascii: "-") ? byte == shape : byte &- UInt8(ascii: "0") < 10
            }
    }
}

/// Prices as they come: which were seen, and what they were.
private struct RatesDraft {
    var rates = ModelPrice.Rates()
    private var seen: UInt8 = 0

    /// - Returns: false when `name` is no price.
    mutating func read(_ cursor: inout JSONCursor, _ name: String) throws(CatalogueError) -> Bool {
        switch name {
        case "input": rates.input = try price(&cursor, name, bit: 1)
        case "output": rates.output = try price(&cursor, name, bit: 2)
        case "cache_read": rates.cacheRead = try price(&cursor, name, bit: 4)
        case "cache_write_5m": rates.cacheWrite5m = try price(&cursor, name, bit: 8)
        case "cache_write_1h": rates.cacheWrite1h = try price(&cursor, name, bit: 16)
        default: return false
        }
        return true
    }

    /// -1 is the public price lists' word for "it depends" (OpenRouter's auto model): unknown, never cheapest.
    private mutating func price(_ cursor: inout JSONCursor, _ name: String, bit: UInt8) throws(CatalogueError) -> Int64? {
        guard seen & bit == 0 else { throw cursor.malformed("\(name) twice") }
        seen |= bit
        let digits = try cursor.number()
        guard let price = ExactDecimal.parse(digits, scale: 6) else {
            throw cursor.malformed("\(name) is finer than 10^-6 USD per million tokens, or too large")
        }
        if price == -1_000_000 { return nil }
        guard price >= 0 else { throw cursor.malformed("\(name) is negative") }
        return price
    }
}

extension JSONCursor {
    /// Fills a field that may come only once.
    fileprivate mutating func once<Value>(
        _ field: inout Value?, _ name: String, _ read: (inout JSONCursor) throws(CatalogueError) -> Value
    ) throws(CatalogueError) {
        guard field == nil else { throw malformed("\(name) twice") }
        field = try read(&self)
    }

    /// A whole number that counts something.
    fileprivate mutating func count() throws(CatalogueError) -> Int {
        guard let value = ExactDecimal.parse(try number(), scale: 0), value >= 0 else {
            throw malformed("expected a whole number")
        }
        return Int(value)
    }
}
