/// Median, least and greatest of some figures.
struct Spread: Codable, Equatable, Sendable {
    let median: Double
    let min: Double
    let max: Double

    /// Nil without figures.
    init?(_ figures: [Double]) {
        let sorted = figures.sorted()
        guard let least = sorted.first, let greatest = sorted.last else { return nil }
        let middle = sorted.count / 2
        median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        min = least
        max = greatest
    }

    /// Of `figures` as multiples of the floor's in the same round. Rounds that one of them lacks are left out: the machine's mood
    /// changes between rounds, less so within one.
    static func ratios(_ figures: [Double?], to floor: [Double?]) -> Spread? {
        Spread(pairs(figures, floor).compactMap { $1 > 0 ? $0 / $1 : nil })
    }

    /// Of `figures` less the floor's in the same round.
    static func differences(_ figures: [Double?], to floor: [Double?]) -> Spread? {
        Spread(pairs(figures, floor).map { $0 - $1 })
    }

    private static func pairs(_ figures: [Double?], _ floor: [Double?]) -> [(Double, Double)] {
        zip(figures, floor).compactMap { figure, floor in
            if let figure, let floor { (figure, floor) } else { nil }
        }
    }
}
