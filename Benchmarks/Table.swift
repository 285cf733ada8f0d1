/// Lines of a table in columns of fixed width.
enum Table {
    private static let firstWidth = 46
    private static let width = 11

    /// The first cell to the left, the others to the right.
    static func row(_ cells: [String]) -> String {
        guard let first = cells.first else { return "" }
        var line = first + String(repeating: " ", count: max(1, firstWidth - first.count))
        for cell in cells.dropFirst() { line += String(repeating: " ", count: max(1, width - cell.count)) + cell }
        return line
    }
}
