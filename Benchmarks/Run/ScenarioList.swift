import ArgumentParser

/// Every scenario, in the order in which they run.
enum ScenarioList {
    static let all: [any Scenario] =
        [ShortRequests(), FirstToken(), LoneTokens(), FullSpeed()]
        + [1_000, 5_000, 9_500].map { ManyStreams(streams: $0) }
        + [BigBodies(), StalledReaders(), Accounting(), Translation(), ColdStart(), Idle()]

    /// Those of that name, and those whose name begins with it and a dash; all without names.
    /// - Throws: `ValidationError` for a name that picks none.
    static func named(_ names: [String]) throws -> [any Scenario] {
        guard !names.isEmpty else { return all }
        for name in names where !all.contains(where: { picks(name, $0) }) {
            throw ValidationError("there is no scenario `\(name)`; there are \(all.map(\.name).joined(separator: ", "))")
        }
        return all.filter { scenario in names.contains { picks($0, scenario) } }
    }

    private static func picks(_ name: String, _ scenario: any Scenario) -> Bool {
        scenario.name == name || scenario.name.hasPrefix(name + "-")
    }
}
