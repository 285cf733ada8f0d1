import Dialects
import Routing
@testable import Store
import Testing

@testable import Gateway

/// What loops count, and what a scrape makes of it.
@Suite struct LoopCountsTests {
    private static func resolver(_ names: [String]) throws -> ModelResolver {
        ModelResolver(
            catalogue: try Catalogue.builtIn(),
            providers: [ProviderFacts(name: "mock", catalogueName: nil, dialects: [.chat], models: .listed(names, alsoRest: true))])
    }

    private static func target(_ model: String) -> Routing.ModelTarget {
        Routing.ModelTarget(providerIndex: 0, provider: "mock", dialects: [.chat], upstreamModel: model, price: nil, contextTokens: nil)
    }

    private static func count(_ counts: inout LoopCounts, _ model: String, _ models: ModelResolver, status: Int = 200, cost: Int64? = 5) {
        let call = InferenceCall(requestID: "r", route: InferenceRoute(.chat), startedNanoseconds: 1_000, startedMilliseconds: 0)
        call.target = target(model)
        call.status = status
        call.answeredOverheadMicroseconds = 30
        call.firstContentNanoseconds = 20_001_000
        var record = UsageRecord(requestID: "r", timestampMilliseconds: 0, provider: "mock", model: model)
        record.attempts = 1
        record.isStream = true
        record.inputTokens = 3
        record.outputTokens = 2
        record.totalCostPico = cost
        record.isCostKnown = cost != nil
        counts.count(call, record, nowNanoseconds: 2_000_001_000, models: models)
    }

    private static func read(_ loops: [LoopCounts], shown: inout Set<ModelLabels>) throws -> Exposition {
        var totals = MetricsTotals(loopsMissed: 1)
        for (index, counts) in loops.enumerated() {
            totals.add(
                LoopSnapshot(counts: counts, connections: 2, longestTurnNanoseconds: 7, busyNanoseconds: 9), ofLoop: index, shown: &shown)
        }
        let books = UsageStore.Counters(
            rowsWritten: 1, rowsDropped: 2, rowsDuplicate: 0, rowsPruned: 0, queueDepth: 3, writeFailures: 4, lastWriteFailure: nil,
            choreFailures: 5, lastChoreFailure: nil, isHousekeepingFailing: true)
        return try Exposition(MetricsDocument.text(totals, books: books, logLinesDropped: 6, process: .read(), version: "1.2.3"))
    }

    @Test("Series that come in turns, with new ones between, are counted each for itself")
    func alternatingSeries() throws {
        let models = try Self.resolver(["m-1", "m-2"])
        var counts = LoopCounts()
        var numbers = ModelNumbers()
        var expected: [LoopCounts.RequestSeries: UInt64] = [:]
        for step in 0..<400 {
            let model = step % 3 == 0 ? "m-2" : "m-1"
            let status = step % 7 == 0 ? 200 + step : 200
            Self.count(&counts, model, models, status: status)
            if step % 5 == 0 { counts.countRefusal(status: UInt16(400 + step % 9)) }
            let number = numbers.number(of: Self.target(model)) { models.listedName(of: $0) }
            expected[.init(endpoint: .chat, model: Int32(number), status: UInt16(status)), default: 0] += 1
            if step % 5 == 0 { expected[.init(endpoint: .other, model: 0, status: UInt16(400 + step % 9)), default: 0] += 1 }
        }
        #expect(counts.requests == expected)
        #expect(counts.attempts.values.reduce(0, +) == 400)
    }

    @Test func addsTheLoopsUp() throws {
        let models = try Self.resolver(["m-1"])
        var (one, other) = (LoopCounts(), LoopCounts())
        for _ in 0..<3 { Self.count(&one, "m-1", models) }
        Self.count(&other, "m-1", models)
        Self.count(&other, "m-1", models, status: 502, cost: nil)
        other.countRefusal(status: 404)
        other.countContent(.chat, events: 4, nanoseconds: 40_000_000)
        other.countBackpressure(nanoseconds: 1_500_000_000)
        one.streamsActive = 2
        var shown: Set<ModelLabels> = []
        let read = try Self.read([one, other], shown: &shown)
        let labels = ["endpoint": "/v1/chat/completions", "provider": "mock", "model": "m-1"]
        #expect(read.value("ekai_requests_total", labels.merging(["status": "200"]) { $1 }) == 4)
        #expect(read.value("ekai_requests_total", labels.merging(["status": "502"]) { $1 }) == 1)
        #expect(read.value("ekai_requests_total", ["endpoint": "other", "provider": "", "status": "404"]) == 1)
        #expect(read.value("ekai_tokens_total", ["model": "m-1", "kind": "input"]) == 15)
        #expect(read.value("ekai_tokens_total", ["model": "m-1", "kind": "output"]) == 10)
        #expect(read.samples.first { $0.name == "ekai_cost_usd_total" }?.value == "0.00000000002")
        #expect(read.value("ekai_cost_unknown_requests_total", ["model": "m-1"]) == 1)
        #expect(read.value("ekai_upstream_attempts_total", ["provider": "mock", "outcome": "ok"]) == 5)
        let chat = ["endpoint": "/v1/chat/completions"]
        #expect(read.value("ekai_request_duration_seconds_count", chat) == 5)
        #expect(read.value("ekai_request_duration_seconds_sum", chat) == 10)
        #expect(read.value("ekai_request_duration_seconds_bucket", chat.merging(["le": "1"]) { $1 }) == 0)
        #expect(read.value("ekai_request_duration_seconds_bucket", chat.merging(["le": "2.5"]) { $1 }) == 5)
        #expect(read.value("ekai_time_to_first_token_seconds_sum", chat) == 0.1)
        #expect(read.value("ekai_overhead_seconds_sum", chat) == 0.00015)
        #expect(read.value("ekai_inter_token_seconds_count", chat) == 4)
        #expect(read.value("ekai_inter_token_seconds_sum", chat) == 0.04)
        #expect(read.value("ekai_stream_backpressure_seconds_total") == 1.5)
        #expect(read.value("ekai_streams_active") == 2)
        #expect(read.value("ekai_connections_active") == 4)
        #expect(read.value("ekai_event_loop_lag_seconds", ["loop": "1"]) == 0.000000007)
        #expect(read.value("ekai_usage_queue_depth") == 3)
        #expect(read.value("ekai_usage_write_failures_total") == 4)
        #expect(read.value("ekai_usage_housekeeping_failures_total") == 5)
        #expect(read.value("ekai_log_lines_dropped_total") == 6)
        #expect(read.value("ekai_usage_rows_dropped_total") == 2)
        #expect(read.value("ekai_metrics_loops_missed_total") == 1)
        #expect(read.value("ekai_build_info", ["version": "1.2.3"]) == 1)
    }

    @Test func namesThatNobodyListsShareALabel() throws {
        let models = try Self.resolver(["m-1"])
        var counts = LoopCounts()
        for number in 0..<(MetricsLimits.spellingsMax + 100) { Self.count(&counts, "made-up-\(number)", models) }
        Self.count(&counts, "M-1", models)
        var shown: Set<ModelLabels> = []
        let read = try Self.read([counts], shown: &shown)
        #expect(read.value("ekai_requests_total", ["model": "other"]) == Double(MetricsLimits.spellingsMax + 100))
        #expect(read.value("ekai_requests_total", ["model": "m-1"]) == 1)
    }

    /// Providers may stand in another order then, and a name that nobody listed may be listed.
    @Test func aReloadForgetsWhichNamesAreListed() throws {
        var counts = LoopCounts()
        Self.count(&counts, "m-1", try Self.resolver([]))
        Self.count(&counts, "m-1", try Self.resolver(["m-1"]))
        counts.noteReload()
        Self.count(&counts, "m-1", try Self.resolver(["m-1"]))
        var shown: Set<ModelLabels> = []
        let read = try Self.read([counts], shown: &shown)
        #expect(read.value("ekai_requests_total", ["model": "other"]) == 2)
        #expect(read.value("ekai_requests_total", ["model": "m-1"]) == 1)
    }

    /// However many models are listed, and whichever loop met which of them.
    @Test func seriesAreBoundedAndNoneEverVanishes() throws {
        let names = (0..<(MetricsLimits.modelsMax * 2)).map { "m-\($0)" }
        let models = try Self.resolver(names)
        var (one, other) = (LoopCounts(), LoopCounts())
        for name in names.prefix(MetricsLimits.modelsMax + 5) { Self.count(&one, name, models) }
        var shown: Set<ModelLabels> = []
        let first = try Self.read([one, other], shown: &shown)
        for name in names.reversed() { Self.count(&other, name, models) }
        let second = try Self.read([other, one], shown: &shown)
        #expect(Set(second.samples.compactMap { $0.labels["model"] }).count <= MetricsLimits.modelsMax + 2)
        #expect(second.samples.filter { $0.name == "ekai_requests_total" }.compactMap { Double($0.value) }.reduce(0, +) == Double(names.count + MetricsLimits.modelsMax + 5))
        for sample in first.samples where sample.name.hasSuffix("_total") && sample.labels["model"] != nil {
            let later = second.samples.first { $0.name == sample.name && $0.labels == sample.labels }
            #expect(Double(later?.value ?? "-1") ?? -1 >= Double(sample.value) ?? 0)
        }
    }

    @Test func statusesAreBounded() throws {
        let models = try Self.resolver((0..<20).map { "m-\($0)" })
        var counts = LoopCounts()
        for model in 0..<20 {
            for status in 200..<600 { Self.count(&counts, "m-\(model)", models, status: status) }
        }
        #expect(counts.requests.count <= MetricsLimits.requestSeriesMax + 20)
        #expect(counts.requests.values.reduce(0, +) == 8_000)
        var shown: Set<ModelLabels> = []
        #expect(try Self.read([counts], shown: &shown).value("ekai_requests_total", ["model": "m-19", "status": "other"]) != nil)
    }

    @Test func aRequestThatWasNotUnderstoodIsCountedToo() throws {
        var counts = LoopCounts()
        let call = InferenceCall(requestID: "r", route: InferenceRoute(.messages), startedNanoseconds: 0, startedMilliseconds: 0)
        call.status = 415
        counts.count(call, nowNanoseconds: 5, models: try Self.resolver([]))
        var shown: Set<ModelLabels> = []
        let read = try Self.read([counts], shown: &shown)
        #expect(read.value("ekai_requests_total", ["endpoint": "/v1/messages", "provider": "", "model": "", "status": "415"]) == 1)
        #expect(!read.samples.contains { $0.name == "ekai_tokens_total" })
    }
}
