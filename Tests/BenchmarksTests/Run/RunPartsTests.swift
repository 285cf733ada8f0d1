import ArgumentParser
import Testing

@testable import Benchmarks

@Suite struct RunPartsTests {
    @Test func picksScenariosByNameAndByFirstWords() throws {
        #expect(try ScenarioList.named([]).count == ScenarioList.all.count)
        #expect(try ScenarioList.named(["idle", "short-requests"]).map(\.name) == ["short-requests", "idle"])
        #expect(
            try ScenarioList.named(["many-streams"]).map(\.name) == ["many-streams-1000", "many-streams-5000", "many-streams-9500"])
        #expect(try ScenarioList.named(["many-streams-5000"]).count == 1)
        #expect(throws: ValidationError.self) { _ = try ScenarioList.named(["idle", "unheard"]) }
        #expect(throws: ValidationError.self) { _ = try ScenarioList.named(["idl"]) }
    }

    /// What a scenario judges must be among what it measures.
    @Test func scenariosMeasureWhatTheyJudge() {
        for scenario in ScenarioList.all {
            let ids = scenario.metrics.map(\.id)
            #expect(Set(ids).count == ids.count, "\(scenario.name)")
            #expect(scenario.targets.allSatisfy { ids.contains($0.metric.id) }, "\(scenario.name)")
            #expect(!scenario.targets.isEmpty, "\(scenario.name)")
        }
        #expect(Set(ScenarioList.all.map(\.name)).count == ScenarioList.all.count)
    }

    @Test func readsPeers() {
        #expect(PeerSelection(argument: "none")?.peers == [])
        #expect(PeerSelection(argument: "nginx,envoy")?.peers == [.nginx, .envoy])
        for bad in ["", "ngin", "nginx,nginx", "nginx none", "none,nginx"] {
            #expect(PeerSelection(argument: bad) == nil, "\(bad)")
        }
    }

    @Test func fillsTemplates() {
        let text = Contender.fill("a {{PORT}} {{PROVIDER_PORT}} {{FOLDER}} {{PORT}}", port: 1, providerPort: 2, folder: "/f")
        #expect(text == "a 1 2 /f 1")
    }

    @Test(arguments: [
        ("nginx version: nginx/1.22.1", "1.22.1"), ("HAProxy version 2.6.12-1+deb12u4 2026/01/01 - https://haproxy.org/", "2.6.12-1+deb12u4"),
        ("", nil), ("no number 12 here", nil),
    ]) func readsVersions(text: String, version: String?) {
        #expect(Peer.firstVersion(in: text) == version)
    }

    /// Two CPU seconds more within four seconds of the window; what lies outside does not count.
    @Test func measuresProcessorsWithinAWindow() {
        let samples = [(0.0, 0.0), (1, 5), (3, 6), (5, 7), (6, 70)].map {
            UsageSample(seconds: $0.0, processorSeconds: $0.1, anonymousKiB: 0)
        }
        #expect(LoadOutcome.processors(samples, from: 1, to: 5.5) == 0.5)
        #expect(LoadOutcome.processors(samples, from: 1, to: 2) == nil)
        #expect(LoadOutcome.processors([], from: 0, to: 9) == nil)
    }

    /// The first sample within the window only says where counting begins.
    @Test func measuresTokensWithinAWindow() {
        let samples = [(second: 1.0, events: 500), (2, 70), (3, 100), (4, 200), (5, 900)]
        #expect(LoadOutcome.eventsPerSecond(samples, from: 2, to: 4.5) == 150)
        #expect(LoadOutcome.eventsPerSecond(samples, from: 2, to: 2.5) == nil)
        #expect(LoadOutcome.eventsPerSecond([(1, 0), (2, 0)], from: 0, to: 9) == nil)
    }

    @Test func switchesAccountingOff() {
        #expect(!BenchConfiguration.yaml(providerPort: 1).contains("usage:"))
        #expect(BenchConfiguration.yaml(providerPort: 1, isAccounting: false).hasSuffix("\nusage:\n  enabled: false\n"))
    }
}
