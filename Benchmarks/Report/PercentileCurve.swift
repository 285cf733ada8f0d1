import Histogram

/// A distribution as points of a percentile plot.
enum PercentileCurve {
    /// Points for each nine.
    private static let pointsPerNine = 20

    /// Percentile and value, in microseconds, up to the percentile that one value in all of them makes. Empty when there are none.
    static func points(_ histogram: Histogram<UInt64>, on scale: ChartScale) -> [(x: Double, y: Double)] {
        guard histogram.totalCount > 0 else { return [] }
        let last = min(scale.domain.upperBound, 100 - 100 / Double(max(2, histogram.totalCount)))
        var points: [(x: Double, y: Double)] = []
        var step = 0
        while true {
            let percentile = ChartScale.percentile(atNines: Double(step) / Double(pointsPerNine))
            guard percentile < last else { break }
            points.append((percentile, microseconds(histogram.valueAtPercentile(percentile))))
            step += 1
        }
        points.append((last, microseconds(histogram.valueAtPercentile(last))))
        return points
    }

    private static func microseconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1_000 }
}
