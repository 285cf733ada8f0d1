import Foundation

/// From values to places along an axis, and where its marks stand. A value: nothing is drawn here.
struct ChartScale: Equatable {
    enum Kind: Equatable {
        case linear
        /// Equal ratios take equal lengths; for values above 0.
        case logarithmic
        /// Percentiles, 0 to below 100: each further nine takes the same length, as in the plots of HdrHistogram.
        case percentile
    }

    struct Mark: Equatable {
        let value: Double
        let label: String
    }

    let kind: Kind
    /// The values at both ends.
    let domain: ClosedRange<Double>

    /// The largest percentile that an axis shows.
    private static let ninesMax = 6.0

    /// From 0 to a round number at or above `highest`.
    static func linear(upTo highest: Double) -> ChartScale {
        guard highest.isFinite, highest > 0 else { return ChartScale(kind: .linear, domain: 0...1) }
        let step = niceStep(highest / 5)
        return ChartScale(kind: .linear, domain: 0...(highest / step).rounded(.up) * step)
    }

    /// From 0 to exactly `end`: time.
    static func time(upTo end: Double) -> ChartScale { ChartScale(kind: .linear, domain: 0...max(end, 1)) }

    /// Over whole decades around the positive ones of `values`.
    static func logarithmic(around values: [Double]) -> ChartScale {
        let positive = values.filter { $0 > 0 && $0.isFinite }
        guard let lowest = positive.min(), let highest = positive.max() else {
            return ChartScale(kind: .logarithmic, domain: 1...10)
        }
        let low = log10(lowest).rounded(.down)
        let high = max(low + 1, log10(highest).rounded(.up))
        return ChartScale(kind: .logarithmic, domain: pow(10, low)...pow(10, high))
    }

    /// Up to the percentile that one value in `count` makes, two nines at least.
    static func percentiles(of count: Int) -> ChartScale {
        let nines = min(ninesMax, max(2, log10(Double(max(1, count)))))
        return ChartScale(kind: .percentile, domain: 0...percentile(atNines: nines))
    }

    /// 99.9 for three nines; halves and the like lie between.
    static func percentile(atNines nines: Double) -> Double { 100 - pow(10, 2 - nines) }

    /// Where `value` stands: 0 at the start of the axis, 1 at its end. Clamped to it.
    func position(_ value: Double) -> Double {
        let (low, high, place) = (projected(domain.lowerBound), projected(domain.upperBound), projected(clamped(value)))
        return high > low ? (place - low) / (high - low) : 0
    }

    private func clamped(_ value: Double) -> Double {
        value.isFinite ? min(max(value, domain.lowerBound), domain.upperBound) : domain.lowerBound
    }

    private func projected(_ value: Double) -> Double {
        switch kind {
        case .linear: value
        case .logarithmic: log10(value)
        case .percentile: 2 - log10(100 - value)
        }
    }

    /// The marks, in rising order: on a linear axis about as many as given beside the one at 0, on the others as many as there are decades
    /// or nines. `label` writes a value of a linear or logarithmic axis.
    func marks(atMost count: Int, _ label: (Double) -> String) -> [Mark] {
        switch kind {
        case .linear:
            let step = Self.niceStep(domain.upperBound / Double(count))
            let last = Int((domain.upperBound / step + 1e-9).rounded(.down))
            return (0...last).map { Double($0) * step }.map { Mark(value: $0, label: label($0)) }
        case .logarithmic:
            let (low, high) = (Int(log10(domain.lowerBound).rounded()), Int(log10(domain.upperBound).rounded()))
            return (low...high).map { pow(10, Double($0)) }.map { Mark(value: $0, label: label($0)) }
        case .percentile:
            let nines = Int((2 - log10(100 - domain.upperBound) + 1e-6).rounded(.down))
            let values = [0, 50] + (1...max(1, nines)).map { Self.percentile(atNines: Double($0)) }
            return values.map { Mark(value: $0, label: Self.percentileLabel($0)) }
        }
    }

    /// 1, 2 or 5 times a power of ten, at or above `least`.
    static func niceStep(_ least: Double) -> Double {
        guard least.isFinite, least > 0 else { return 1 }
        let decade = pow(10, log10(least).rounded(.down))
        for factor in [1.0, 2, 5] where factor * decade >= least * (1 - 1e-9) { return factor * decade }
        return 10 * decade
    }

    private static func percentileLabel(_ value: Double) -> String {
        String(format: "%.*f %%", value < 99.5 ? 0 : max(0, Int((-log10(100 - value)).rounded())), value)
    }
}

/// Numbers as people read them on an axis.
enum ChartText {
    /// Of microseconds: `50 µs`, `1.2 ms`, `3 s`.
    static func time(_ microseconds: Double) -> String {
        switch abs(microseconds) {
        case ..<1_000: short(microseconds) + " µs"
        case ..<1_000_000: short(microseconds / 1_000) + " ms"
        default: short(microseconds / 1_000_000) + " s"
        }
    }

    /// `950`, `12k`, `1.5M`.
    static func amount(_ value: Double) -> String {
        switch abs(value) {
        case ..<10_000: short(value)
        case ..<10_000_000: short(value / 1_000) + "k"
        default: short(value / 1_000_000) + "M"
        }
    }

    /// Three significant digits, no zeros behind the point.
    static func short(_ value: Double) -> String {
        guard value != 0, value.isFinite else { return "0" }
        let digits = max(0, 2 - Int(log10(abs(value)).rounded(.down)))
        var text = String(format: "%.*f", min(digits, 6), value)
        if text.contains(".") {
            while text.hasSuffix("0") { text.removeLast() }
            if text.hasSuffix(".") { text.removeLast() }
        }
        return text
    }
}
