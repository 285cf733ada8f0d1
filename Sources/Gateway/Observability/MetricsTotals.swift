/// The counts of all loops together, with their labels. Made off the loops.
struct MetricsTotals {
    struct RequestLabels: Hashable {
        var endpoint: String
        var model: ModelLabels
        var status: String
    }

    private(set) var requests: [RequestLabels: UInt64] = [:]
    private(set) var models: [ModelLabels: ModelTotals] = [:]
    private(set) var attempts: [LoopCounts.AttemptSeries: UInt64] = [:]
    /// By endpoint, as in `LoopCounts`; empty before the first loop.
    private(set) var durations: [Histogram] = []
    private(set) var firstTokens: [Histogram] = []
    private(set) var interTokens: [Histogram] = []
    private(set) var overheads: [Histogram] = []
    private(set) var backpressureNanoseconds: UInt64 = 0
    private(set) var streamsActive = 0
    private(set) var connections = 0
    /// By loop.
    private(set) var longestTurns: [Int: Int64] = [:]
    private(set) var busy: [Int: Int64] = [:]
    let loopsMissed: UInt64

    init(loopsMissed: UInt64 = 0) { self.loopsMissed = loopsMissed }

    /// Adds one loop.
    /// - Parameter shown: models that have a label of their own; grows up to the bound.
    mutating func add(_ snapshot: LoopSnapshot, ofLoop index: Int, shown: inout Set<ModelLabels>) {
        let counts = snapshot.counts
        let labels = counts.numbers.labels.map { Self.label($0, &shown) }
        for (series, count) in counts.requests {
            let status = series.status == 0 ? MetricsLimits.other : "\(series.status)"
            let key = RequestLabels(endpoint: series.endpoint.label, model: labels[Int(series.model)], status: status)
            requests[key, default: 0] &+= count
        }
        for (number, totals) in counts.models.enumerated() where number > 0 {
            models[labels[number], default: ModelTotals()].merge(totals)
        }
        attempts.merge(counts.attempts, uniquingKeysWith: &+)
        Self.merge(counts.durations, into: &durations)
        Self.merge(counts.firstTokens, into: &firstTokens)
        Self.merge(counts.interTokens, into: &interTokens)
        Self.merge(counts.overheads, into: &overheads)
        backpressureNanoseconds &+= counts.backpressureNanoseconds
        streamsActive += counts.streamsActive
        connections += snapshot.connections
        longestTurns[index] = snapshot.longestTurnNanoseconds
        busy[index] = snapshot.busyNanoseconds
    }

    private static func label(_ labels: ModelLabels, _ shown: inout Set<ModelLabels>) -> ModelLabels {
        if labels == .none || labels.model == MetricsLimits.other || shown.contains(labels) { return labels }
        guard shown.count < MetricsLimits.modelsMax else {
            return ModelLabels(provider: labels.provider, model: MetricsLimits.other)
        }
        shown.insert(labels)
        return labels
    }

    private static func merge(_ histograms: [Histogram], into totals: inout [Histogram]) {
        guard !totals.isEmpty else {
            totals = histograms
            return
        }
        for index in totals.indices { totals[index].merge(histograms[index]) }
    }
}
