import Routing

/// What one model of one provider used and cost.
struct ModelTotals: Sendable, Equatable {
    var input: UInt64 = 0
    var cacheRead: UInt64 = 0
    var cacheWrite: UInt64 = 0
    var output: UInt64 = 0
    var reasoning: UInt64 = 0
    /// 10^-12 USD, of the requests whose cost is known.
    var costPico: Int128 = 0
    var unknownCostRequests: UInt64 = 0

    mutating func merge(_ other: ModelTotals) {
        input &+= other.input
        cacheRead &+= other.cacheRead
        cacheWrite &+= other.cacheWrite
        output &+= other.output
        reasoning &+= other.reasoning
        costPico &+= other.costPico
        unknownCostRequests &+= other.unknownCostRequests
    }
}

/// The label values of a model: names of the configuration or the catalogue, never what a client made up.
struct ModelLabels: Sendable, Hashable {
    var provider: String
    var model: String

    /// Of a request that found no model.
    static let none = ModelLabels(provider: "", model: "")
}

/// Gives each model a small number, within bounds (`MetricsLimits`). A loop's own; finding a known one allocates nothing.
struct ModelNumbers: Sendable {
    private struct Spelling: Hashable {
        var provider: String
        var model: String
    }

    /// The labels of each number; 0 is no model.
    private(set) var labels = [ModelLabels.none]
    private var known: [Spelling: Int] = [:]
    private var numbers: [ModelLabels: Int] = [.none: 0]
    /// Most requests are for the model of the one before.
    private var last: (spelling: Spelling, number: Int)?

    /// The number of `target`'s labels.
    /// - Parameters:
    ///   - isRemembered: false for what a configuration says that is no longer in force.
    ///   - listedName: what the provider's list or the catalogue calls it, nil when neither knows it; asked for a new spelling.
    mutating func number(
        of target: Routing.ModelTarget, isRemembered: Bool = true, _ listedName: (Routing.ModelTarget) -> String?
    ) -> Int {
        guard isRemembered else {
            return number(of: ModelLabels(provider: target.provider, model: listedName(target) ?? MetricsLimits.other))
        }
        let spelling = Spelling(provider: target.provider, model: target.upstreamModel)
        if let last, last.spelling == spelling { return last.number }
        let number = number(of: spelling, target, listedName)
        last = (spelling, number)
        return number
    }

    private mutating func number(
        of spelling: Spelling, _ target: Routing.ModelTarget, _ listedName: (Routing.ModelTarget) -> String?
    ) -> Int {
        if let number = known[spelling] { return number }
        let number = number(
            of: ModelLabels(provider: target.provider, model: listedName(target) ?? MetricsLimits.other))
        if known.count < MetricsLimits.spellingsMax { known[spelling] = number }
        return number
    }

    /// Other models are listed from now on. The numbers stay.
    mutating func forgetSpellings() {
        known.removeAll(keepingCapacity: true)
        last = nil
    }

    private mutating func number(of labels: ModelLabels) -> Int {
        if let number = numbers[labels] { return number }
        // Beyond the bound only the providers' own `other` is new.
        guard self.labels.count <= MetricsLimits.modelsMax || labels.model == MetricsLimits.other else {
            return number(of: ModelLabels(provider: labels.provider, model: MetricsLimits.other))
        }
        self.labels.append(labels)
        numbers[labels] = self.labels.count - 1
        return self.labels.count - 1
    }
}
