import Foundation
import Testing

@testable import Benchmarks

@Suite struct RunTableTests {
    private let cost = Metric("cost", "CPU us", isCompared: true)
    private let rate = Metric("rate", "requests/s", isRate: true)

    private func result() -> ScenarioResult {
        var result = ScenarioResult(
            name: "some", summary: "Some load", metrics: [cost, rate], floor: "nginx",
            servers: [ServerResult(name: "gateway", isGateway: true), ServerResult(name: "nginx", isGateway: false)])
        for round in 1...3 {
            let factor = Double(round)
            result.servers[0].add(
                Measurement(values: ["cost": 12 * factor, "rate": 12_345.6]), round: round, metrics: [cost, rate])
            result.servers[1].add(
                Measurement(values: ["cost": 10 * factor], problems: round == 2 ? ["1 x reset"] : [], isThroughputVoid: round == 3),
                round: round, metrics: [cost, rate])
        }
        result.targets = [Target("cheap", cost, .ratioAtMost(1.1)).judge(result.servers[0], floor: result.servers[1])]
        return result
    }

    @Test func hasMediansAndRatios() {
        let cells = ResultTable(result: result()).cells
        #expect(cells[0] == ["server", "CPU us", "of nginx's [min, max]", "requests/s"])
        #expect(cells[1] == ["gateway", "24", "1.20 [1.20, 1.20]", "12,346"])
        #expect(cells[2] == ["nginx", "20", "-", "- void"])
    }

    @Test func saysVerdictsAndProblems() {
        let text = ResultTable(result: result()).text
        #expect(text.contains("missed: cheap; ratio 1.20 [1.20, 1.20]"))
        #expect(text.contains("PROBLEM nginx: round 2: 1 x reset"))
        // A peer's problem is not the gateway's.
        #expect(result().gatewayProblems == [])
        #expect(result().missed.count == 1)
    }

    @Test func survivesJSON() throws {
        let data = try JSONEncoder().encode(result())
        let read = try JSONDecoder().decode(ScenarioResult.self, from: data)
        #expect(ResultTable(result: read).text == ResultTable(result: result()).text)
    }

    @Test(arguments: [
        (0.0, "0"), (7, "7"), (0.0314, "0.031"), (0.4, "0.40"), (1.234, "1.23"), (12.34, "12.3"), (123.4, "123"), (-2.5, "-2.50"),
        (999.6, "1000"), (1_234.4, "1,234"), (1_000_000, "1,000,000"), (-12_345, "-12,345"),
    ]) func writesFigures(value: Double, text: String) {
        #expect(Figure.text(value) == text)
    }
}
