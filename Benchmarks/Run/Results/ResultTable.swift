/// A scenario's result in lines for a terminal, or in Markdown.
struct ResultTable {
    let result: ScenarioResult

    /// Head and rows: a server, then for each metric its median and, where it is compared, its ratio to the floor's.
    var cells: [[String]] {
        var head = ["server"]
        for metric in result.metrics {
            head.append(metric.title)
            if metric.isCompared { head.append("of \(result.floor)'s [min, max]") }
        }
        return [head] + result.servers.map(row)
    }

    private func row(_ server: ServerResult) -> [String] {
        var row = [server.name]
        for metric in result.metrics {
            let isVoid = metric.isRate && server.voidRounds > 0
            row.append((server.median(metric).map(Figure.text) ?? "-") + (isVoid ? " void" : ""))
            if metric.isCompared { row.append(result.ratio(metric, of: server).map { isVoid ? "void" : Figure.text($0) } ?? "-") }
        }
        return row
    }

    var text: String {
        var lines = ["", "\(result.name): \(result.summary)"]
        let cells = cells
        let widths = cells[0].indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        for row in cells {
            let parts = zip(row, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 ? cell.0 + space : space + cell.0
            }
            lines.append("  " + parts.joined(separator: "  "))
        }
        for target in result.targets {
            lines.append("  \(target.verdict.rawValue): \(target.target)" + (target.measured.map { "; \(target.kind ?? "") \(Figure.text($0))" } ?? ""))
        }
        lines += result.servers.flatMap { server in server.problems.map { "  PROBLEM \(server.name): \($0)" } }
        return lines.joined(separator: "\n")
    }

    var markdown: String {
        let cells = cells
        var lines = ["", "### \(result.name)", "", result.summary, "", Self.row(cells[0]), Self.row(cells[0].map { _ in "---" })]
        lines += cells.dropFirst().map(Self.row)
        let problems = result.servers.flatMap { server in server.problems.map { "- \(server.name), \($0)" } }
        if !problems.isEmpty { lines += [""] + problems }
        return lines.joined(separator: "\n")
    }

    static func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
}
