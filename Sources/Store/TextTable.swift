/// Lines of text in aligned columns. Widths are counted in Unicode scalars: right for what the books hold, not for every script.
public struct TextTable: Sendable, Hashable {
    /// Where a column's texts stand.
    public enum Alignment: Sendable, Hashable {
        case left
        case right
    }

    private var titles: [String] = []
    private var alignments: [Alignment] = []
    private var rows: [[String]] = []
    private var footer: [String]?

    public init(_ columns: [(title: String, alignment: Alignment)]) {
        titles = columns.map(\.title)
        alignments = columns.map(\.alignment)
    }

    /// Adds a line; cells that are missing are empty, those beyond the last column are left out.
    public mutating func append(_ cells: [String]) {
        rows.append(fitted(cells))
    }

    /// The line below the second rule.
    public mutating func setFooter(_ cells: [String]) {
        footer = fitted(cells)
    }

    /// Titles, a rule, the lines, and a rule and the footer where there is one. Every line ends with a newline and none with a space.
    public var text: String {
        let footers = footer.map { [$0] } ?? []
        let widths = titles.indices.map { column in
            ([titles] + rows + footers).map { $0[column].unicodeScalars.count }.max() ?? 0
        }
        let rule = widths.map { String(repeating: "-", count: $0) }
        let lines = [titles, rule] + rows + (footers.isEmpty ? [] : [rule] + footers)
        return lines.map { line($0, widths) + "\n" }.joined()
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (column, cell) in cells.enumerated() {
            if column > 0 { line += "  " }
            let space = String(repeating: " ", count: widths[column] - cell.unicodeScalars.count)
            line += alignments[column] == .left ? cell + space : space + cell
        }
        while line.last == " " { line.removeLast() }
        return line
    }

    private func fitted(_ cells: [String]) -> [String] {
        titles.indices.map { $0 < cells.count ? Self.printable(cells[$0]) : "" }
    }

    /// The text with everything escaped that would move a terminal's cursor or hide text in it: clients make names up.
    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHarmful) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isHarmful(scalar) {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
        default: false
        }
    }
}
