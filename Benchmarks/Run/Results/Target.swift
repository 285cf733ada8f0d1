/// What the gateway must reach in a scenario.
struct Target: Sendable {
    enum Bound: Sendable {
        case valueAtMost(Double)
        case valueAtLeast(Double)
        /// Of the floor's, in the same round.
        case ratioAtMost(Double)
        case ratioAtLeast(Double)
        /// Above the floor's, in the same round, in the metric's unit.
        case differenceAtMost(Double)
    }

    enum Verdict: String, Codable, Sendable {
        case met, missed
        case notMeasured = "not measured"
    }

    /// As a table says it: `CPU per request at most 1.25 of nginx's`.
    let text: String
    let metric: Metric
    let bound: Bound

    init(_ text: String, _ metric: Metric, _ bound: Bound) {
        self.text = text
        self.metric = metric
        self.bound = bound
    }

    /// The median over the rounds decides.
    func judge(_ server: ServerResult?, floor: ServerResult?) -> TargetResult {
        guard let server, !(metric.isRate && server.voidRounds > 0) else { return TargetResult(target: text, metric: metric.id) }
        let figures = server.values[metric.id] ?? []
        let others = floor?.values[metric.id] ?? []
        switch bound {
        case .valueAtMost(let bound): return result(Spread(figures.compactMap { $0 }), "value") { $0 <= bound }
        case .valueAtLeast(let bound): return result(Spread(figures.compactMap { $0 }), "value") { $0 >= bound }
        case .ratioAtMost(let bound): return result(.ratios(figures, to: others), "ratio") { $0 <= bound }
        case .ratioAtLeast(let bound): return result(.ratios(figures, to: others), "ratio") { $0 >= bound }
        case .differenceAtMost(let bound): return result(.differences(figures, to: others), "difference") { $0 <= bound }
        }
    }

    private func result(_ measured: Spread?, _ kind: String, _ holds: (Double) -> Bool) -> TargetResult {
        guard let measured else { return TargetResult(target: text, metric: metric.id) }
        return TargetResult(
            target: text, metric: metric.id, kind: kind, measured: measured, verdict: holds(measured.median) ? .met : .missed)
    }
}

/// Whether a target was reached.
struct TargetResult: Codable, Sendable {
    var target: String
    var metric: String
    /// What was held against the bound: `value`, `ratio` or `difference`.
    var kind: String?
    var measured: Spread?
    var verdict = Target.Verdict.notMeasured
}
