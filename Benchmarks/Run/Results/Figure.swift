import Foundation

/// Figures as tables show them: three digits that count, and thousands set apart.
enum Figure {
    static func text(_ value: Double) -> String {
        let size = abs(value)
        if size >= 1_000 { return grouped(Int(value.rounded())) }
        if size >= 100 || value == value.rounded() { return String(format: "%.0f", value) }
        return String(format: size >= 10 ? "%.1f" : size >= 0.1 ? "%.2f" : "%.3f", value)
    }

    /// `1.05 [0.98, 1.10]`
    static func text(_ spread: Spread) -> String { "\(text(spread.median)) [\(text(spread.min)), \(text(spread.max))]" }

    private static func grouped(_ value: Int) -> String {
        let digits = Array(String(abs(value)))
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return text
    }
}
