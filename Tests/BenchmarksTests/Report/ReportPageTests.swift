import Foundation
import Testing

@testable import Benchmarks

@Suite struct ReportPageTests {
    private func chart(_ points: [(x: Double, y: Double)], y: ChartScale) -> LineChart {
        LineChart(
            title: "a < b", xLabel: "x", yLabel: "y", x: .time(upTo: 10), y: y, series: [.init(name: "one & two", points: points, colour: 0)],
            xText: ChartText.short, yText: ChartText.short)
    }

    private func line(_ html: String) throws -> [[Double]] {
        let found = try #require(html.firstMatch(of: /<polyline class="s0" points="([^"]*)"/))
        return found.1.split(separator: " ").map { $0.split(separator: ",").compactMap { Double($0) } }
    }

    @Test func pointsStandWhereTheirValuesAre() throws {
        let places = try line(chart([(0, 0), (5, 50), (10, 100)], y: .linear(upTo: 100)).html)
        #expect(places.count == 3)
        // Left to right, bottom to top, in equal steps.
        #expect(abs(places[1][0] - (places[0][0] + places[2][0]) / 2) < 0.11)
        #expect(abs(places[1][1] - (places[0][1] + places[2][1]) / 2) < 0.11)
        #expect(places[0][0] < places[2][0])
        #expect(places[0][1] > places[2][1])
    }

    @Test func aLogarithmicPlotLeavesOutWhatIsNotAboveZero() throws {
        let places = try line(chart([(0, 1), (1, 0), (2, 100)], y: .logarithmic(around: [1, 100])).html)
        #expect(places.count == 2)
    }

    @Test func namesAreEscaped() {
        let html = chart([(0, 1)], y: .linear(upTo: 1)).html
        #expect(html.contains("a &lt; b"))
        #expect(html.contains("one &amp; two"))
        #expect(HTMLText.escaped("\"\u{0}\u{7}x") == "&quot;  x")
    }

    @Test func aKeyIsNotShown() {
        let secret = "sk-very-secret"
        for arguments in [["/a/Benchmarks", "load", "--api-key", secret, "--whole"], ["/a/Benchmarks", "load", "--api-key=\(secret)", "--whole"]] {
            let shown = RunFacts.shown(arguments)
            #expect(!shown.contains(secret))
            #expect(shown.hasPrefix("Benchmarks load --api-key"))
            #expect(shown.hasSuffix("--whole"))
        }
        #expect(RunFacts.shown(["b", "a b", "c'd"]) == "b 'a b' 'c'\\''d'")
    }

    @Test func anEmptyRunStillMakesAPage() throws {
        let result = LoadResult(
            plan: LoadPlan(), tally: LoadTally(), elapsedNanoseconds: 0, processorSeconds: 0, openPeak: 0, openAtEnd: 0, samples: [])
        let facts = RunFacts(command: ["b"], url: "http://<host>", format: .chat, model: "m", began: Date(timeIntervalSince1970: 0), seed: 7)
        let html = ReportPage(result: result, report: LoadReport(result), facts: facts).html
        #expect(html.contains("http://&lt;host&gt;"))
        #expect(html.hasSuffix("</html>\n"))
        #expect(html.contains("1970-01-01T00:00:00Z"))
    }
}
