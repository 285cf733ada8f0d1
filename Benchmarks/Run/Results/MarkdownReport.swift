/// A run as text for a page: where and when, the targets, then every scenario's table.
struct MarkdownReport {
    let result: RunResult

    var text: String {
        let machine = result.machine
        var lines = [
            "\(result.date), commit \(result.commit ?? "unknown"). \(machine.processors) CPUs (\(machine.processor)), "
                + "\(machine.memoryGiB) GiB, Linux \(machine.kernel).",
            place + " Up to \(result.rounds) rounds of about \(result.seconds) s, servers in turn within each; medians, ratios within a round.",
            "Versions: "
                + result.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ") + ".",
        ]
        lines += result.absent
        let targets = result.scenarios.flatMap { scenario in scenario.targets.map { (scenario.name, $0) } }
        if !targets.isEmpty {
            lines += ["", ResultTable.row(["scenario", "target", "measured: median [min, max]", "verdict"])]
            lines.append(ResultTable.row(["---", "---", "---", "---"]))
            for (name, target) in targets {
                let measured = target.measured.map { "\(target.kind ?? "") \(Figure.text($0))" } ?? "-"
                lines.append(ResultTable.row([name, target.target, measured, target.verdict.rawValue]))
            }
        }
        lines += result.scenarios.map { ResultTable(result: $0).markdown }
        return lines.joined(separator: "\n") + "\n"
    }

    private var place: String {
        guard let server = result.serverProcessor, let load = result.loadProcessor else { return "Nothing was pinned to a CPU." }
        return "Server under test pinned to CPU \(server), provider and load generator to CPU \(load)."
    }
}
