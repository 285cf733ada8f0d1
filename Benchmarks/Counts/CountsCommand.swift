import ArgumentParser
import Foundation

/// `Benchmarks counts`: exact counts, the same on any machine, held against the thresholds in the repository.
struct CountsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "counts",
        abstract: "Count allocations, system calls and enqueues of the gateway's loop; exit 1 when one rose.",
        discussion: """
            Runs provider, gateway (one loop) and client in one process, each on a thread of its own, and counts on the gateway's \
            thread alone. Counts of streams are the difference between a long and a longer one. Build with -c release. \
            EKAI_ALLOC_TRACE=n prints where the first n allocations of each measurement come from.
            """)

    @Option(help: "The file with the thresholds.")
    var thresholds = "Benchmarks/thresholds.json"

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        guard let data = FileManager.default.contents(atPath: thresholds) else {
            throw ValidationError("no thresholds at \(thresholds): run from the repository, or name the file")
        }
        let limits = try JSONDecoder().decode([String: Double].self, from: data)
        let traces = ProcessInfo.processInfo.environment["EKAI_ALLOC_TRACE"].flatMap { Int32($0) } ?? 0
        let bench = try CountBench(traces: traces)
        let counts = try GatewayCounts(bench: bench).run()
        bench.close()

        var failed = 0
        print(Table.row(["count, on the gateway's loop", "measured", "at most", ""]))
        for count in counts {
            let limit = limits[count.name]
            let isWell = limit.map { count.value <= $0 } ?? false
            if !isWell { failed += 1 }
            print(
                Table.row([
                    count.name, String(format: "%.4f", count.value), limit.map { String(format: "%.4f", $0) } ?? "none",
                    isWell ? "ok" : "FAILED",
                ]))
        }
        let measured = Set(counts.map(\.name))
        for name in limits.keys.sorted() where !measured.contains(name) {
            failed += 1
            print(Table.row([name, "not measured", "", "FAILED"]))
        }
        print("\(counts.count + limits.keys.filter { !measured.contains($0) }.count - failed) passed, \(failed) failed")
        fflush(nil)
        Foundation.exit(failed == 0 ? 0 : 1)
    }
}
