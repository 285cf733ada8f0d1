/// Reads the document's `models`: aliases, prices, context sizes.
struct ModelReader {
    let document: YAMLMapping?
    let problems: ProblemCollector

    /// - Parameter providers: names of all that the configuration mentions.
    func read(providers: [String]) -> [ModelConfiguration] {
        var models: [ModelConfiguration] = []
        for section in document?.mappings("models", keys: YAMLKeys(ModelSettings.model)) ?? [] {
            guard let nameText = section.text("name") else {
                if !section.has("name") { section.problem("needs a `name`") }
                continue
            }
            let parsed = problems.parse(nameText) { (text) throws(ValueFault) in try ValueParsing.modelName(text) }
            guard let name = parsed else { continue }
            guard !models.contains(where: { $0.name == name }) else {
                section.problem("there is another model of this name", "name")
                continue
            }
            let context = problems.parse(section.text("context")) { (text) throws(ValueFault) in
                try ValueParsing.integer(text, in: 1...100_000_000)
            }
            let model = ModelConfiguration(
                name: name, targets: targets(of: name, section, providers), price: price(section), contextTokens: context)
            if model.targets.isEmpty, model.price == nil, context == nil, !section.has("targets"), !section.has("provider") {
                section.problem("says nothing: give `targets`, `provider`, `price` or `context`")
            }
            models.append(model)
        }
        return models
    }

    private func targets(of name: String, _ section: YAMLMapping, _ providers: [String]) -> [ModelTarget] {
        if section.has("targets"), section.has("provider") {
            section.problem("takes either `targets` or `provider`", "provider")
            return []
        }
        if let provider = section.text("provider") {
            guard check(provider, provider.value, providers) else { return [] }
            return [ModelTarget(provider: provider.value, model: name)]
        }
        guard let texts = section.texts("targets") else { return [] }
        if texts.count != 1 {
            let reason = texts.isEmpty ? "needs a target" : "more than one target is not supported by this version"
            section.problem(reason, "targets")
        }
        return texts.compactMap { text in
            let parts = text.value.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[1].isEmpty else {
                problems.add(text.problem("must be provider/model"))
                return nil
            }
            let model = problems.parse(text.with(parts[1])) { (text) throws(ValueFault) in try ValueParsing.modelName(text) }
            guard check(text, parts[0], providers), let model else { return nil }
            return ModelTarget(provider: parts[0], model: model)
        }
    }

    private func check(_ text: Located<String>, _ provider: String, _ providers: [String]) -> Bool {
        if providers.contains(provider) { return true }
        if let known = KnownProvider.named(provider) {
            let variable = (known.needsKey ? known.keyVariables : known.baseURLVariables).first ?? ""
            problems.add(text.problem("the provider is not configured: set \(variable)"))
        } else {
            let hint = NearestName.of(provider, among: providers).map { "; did you mean `\($0)`?" } ?? ""
            problems.add(text.problem("names no configured provider\(hint)"))
        }
        return false
    }

    private func price(_ section: YAMLMapping) -> ModelPrice? {
        guard let map = section.mapping("price", keys: YAMLKeys(ModelSettings.price)) else { return nil }
        func read(_ key: String) -> Int64? {
            problems.parse(map.text(key)) { (text) throws(ValueFault) in try ValueParsing.price(text) }
        }
        let price = ModelPrice(
            input: read("input"), output: read("output"), cacheRead: read("cache_read"), cacheWrite: read("cache_write"))
        if map.isEmpty { map.problem("must name at least one price") }
        return price
    }
}
