import ArgumentParser

/// Measures the gateway, or any other server of the same dialects: `swift run -c release Benchmarks --help`.
@main
struct BenchmarksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Benchmarks",
        abstract: "Load-test an LLM gateway, and count what each event costs it.",
        subcommands: [ProviderCommand.self, LoadCommand.self, RunCommand.self, CountsCommand.self])
}
