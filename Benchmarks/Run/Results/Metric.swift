/// A figure that a scenario measures of each server in each round.
struct Metric: Codable, Equatable, Sendable {
    /// In JSON: words with underscores, with the unit.
    let id: String
    /// At the head of a column.
    let title: String
    /// Shown as a multiple of the floor's too.
    let isCompared: Bool
    /// How much was done in a time: says nothing of the server when the load generator had no time left.
    let isRate: Bool

    init(_ id: String, _ title: String, isCompared: Bool = false, isRate: Bool = false) {
        self.id = id
        self.title = title
        self.isCompared = isCompared
        self.isRate = isRate
    }
}

/// What one round found of one server.
struct Measurement {
    /// By the metric's id.
    var values: [String: Double] = [:]
    /// Lost answers and errors, in words.
    var problems: [String] = []
    /// Load generator and provider were busy more than 90 % of the time: rates say nothing.
    var isThroughputVoid = false
}
