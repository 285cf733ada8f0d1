import Dialects
import Store

/// The answer to `GET /metrics` (docs/contracts.md section 8).
enum MetricsDocument {
    /// Everything in one text, in a stable order.
    static func text(
        _ totals: MetricsTotals, books: UsageStore.Counters, logLinesDropped: Int, process: ProcessFacts, version: String
    ) -> String {
        var text = MetricsText()
        text.family("ekai_build_info", .gauge, "The running version; always 1.")
        text.sample("ekai_build_info", [("version", version)], "1")
        write(requests: totals, to: &text)
        write(models: totals, to: &text)
        write(times: totals, to: &text)
        write(loops: totals, to: &text)
        write(books, to: &text)
        text.single(
            "ekai_log_lines_dropped_total", .counter, "Lines of the log that standard error did not take.", "\(logLinesDropped)")
        write(process, to: &text)
        return text.text
    }

    private static func write(requests totals: MetricsTotals, to text: inout MetricsText) {
        text.family("ekai_requests_total", .counter, "Requests for an answer of a model, and those refused before, by what the client got.")
        let requests = totals.requests.sorted { left, right in
            (left.key.endpoint, left.key.model.provider, left.key.model.model, left.key.status)
                < (right.key.endpoint, right.key.model.provider, right.key.model.model, right.key.status)
        }
        for (labels, count) in requests {
            text.sample(
                "ekai_requests_total",
                [("endpoint", labels.endpoint)] + pair(labels.model) + [("status", labels.status)], "\(count)")
        }
        text.family("ekai_upstream_attempts_total", .counter, "Requests made to providers, by how they ended.")
        for (series, count) in totals.attempts.sorted(by: {
            ($0.key.provider, $0.key.outcome.rawValue) < ($1.key.provider, $1.key.outcome.rawValue)
        }) {
            text.sample(
                "ekai_upstream_attempts_total", [("provider", series.provider), ("outcome", series.outcome.rawValue)],
                "\(count)")
        }
    }

    private static func write(models totals: MetricsTotals, to text: inout MetricsText) {
        let models = totals.models.sorted { ($0.key.provider, $0.key.model) < ($1.key.provider, $1.key.model) }
        text.family("ekai_tokens_total", .counter, "Tokens by kind; reasoning is a part of output, the other kinds exclude one another.")
        for (labels, used) in models {
            let kinds = [
                ("input", used.input), ("cache_read", used.cacheRead), ("cache_write", used.cacheWrite),
                ("output", used.output), ("reasoning", used.reasoning),
            ]
            for (kind, count) in kinds { text.sample("ekai_tokens_total", pair(labels) + [("kind", kind)], "\(count)") }
        }
        text.family("ekai_cost_usd_total", .counter, "Cost in USD of the requests whose cost is known.")
        for (labels, used) in models {
            text.sample("ekai_cost_usd_total", pair(labels), MetricsText.decimal(used.costPico, digits: 12))
        }
        text.family("ekai_cost_unknown_requests_total", .counter, "Requests whose cost is not known and counts nowhere.")
        for (labels, used) in models {
            text.sample("ekai_cost_unknown_requests_total", pair(labels), "\(used.unknownCostRequests)")
        }
    }

    private static func write(times totals: MetricsTotals, to text: inout MetricsText) {
        typealias Endpoint = LoopCounts.Endpoint
        let families: [(name: String, help: String, histograms: [Histogram], endpoints: [Endpoint])] = [
            ("ekai_request_duration_seconds", "From the whole head of a request to the end of its answer.", totals.durations, Endpoint.timed),
            ("ekai_time_to_first_token_seconds", "From the whole head of a streamed request to the first content.", totals.firstTokens, Endpoint.streaming),
            ("ekai_inter_token_seconds", "From one content event of a stream to the next; what one read brought shares its time evenly.", totals.interTokens, Endpoint.streaming),
            ("ekai_overhead_seconds", "The gateway's own work on a request, without the waits for client and provider.", totals.overheads, Endpoint.timed),
        ]
        for family in families {
            text.family(family.name, .histogram, family.help)
            for endpoint in family.endpoints {
                guard family.histograms.indices.contains(Int(endpoint.rawValue)) else { continue }
                text.histogram(family.name, [("endpoint", endpoint.label)], family.histograms[Int(endpoint.rawValue)])
            }
        }
        text.single("ekai_streams_active", .gauge, "Streams that a provider is sending now.", "\(totals.streamsActive)")
        text.single(
            "ekai_stream_backpressure_seconds_total", .counter, "Time for which streams were not read because their clients were slow.",
            MetricsText.seconds(totals.backpressureNanoseconds))
    }

    private static func write(loops totals: MetricsTotals, to text: inout MetricsText) {
        text.single("ekai_connections_active", .gauge, "Connections of clients.", "\(totals.connections)")
        text.family("ekai_event_loop_lag_seconds", .gauge, "Longest time since the last scrape for which a loop worked without looking at its sockets.")
        for (index, lag) in totals.longestTurns.sorted(by: { $0.key < $1.key }) {
            text.sample("ekai_event_loop_lag_seconds", [("loop", "\(index)")], MetricsText.seconds(UInt64(max(0, lag))))
        }
        text.family("ekai_event_loop_busy_seconds_total", .counter, "Time for which a loop did not wait.")
        for (index, busy) in totals.busy.sorted(by: { $0.key < $1.key }) {
            text.sample("ekai_event_loop_busy_seconds_total", [("loop", "\(index)")], MetricsText.seconds(UInt64(max(0, busy))))
        }
        text.single(
            "ekai_metrics_loops_missed_total", .counter, "Loops that did not answer a scrape in time and were shown as before.",
            "\(totals.loopsMissed)")
    }

    private static func write(_ books: UsageStore.Counters, to text: inout MetricsText) {
        text.single("ekai_usage_queue_depth", .gauge, "Rows that wait to be written to the books.", "\(books.queueDepth)")
        text.single("ekai_usage_rows_written_total", .counter, "Rows written to the books.", "\(books.rowsWritten)")
        text.single("ekai_usage_rows_dropped_total", .counter, "Rows lost because the books could not be written.", "\(books.rowsDropped)")
        text.single(
            "ekai_usage_write_failures_total", .counter, "Batches of rows that the books refused; they are tried again.",
            "\(books.writeFailures)")
        text.single(
            "ekai_usage_housekeeping_failures_total", .counter, "Failures to delete old rows or to cut the books' write-ahead log.",
            "\(books.choreFailures)")
    }

    private static func write(_ process: ProcessFacts, to text: inout MetricsText) {
        text.single(
            "process_cpu_seconds_total", .counter, "User and system CPU time.",
            MetricsText.decimal(Int128(process.cpuMicroseconds), digits: 6))
        let gauges: [(name: String, help: String, value: String?)] = [
            ("process_resident_memory_bytes", "Resident memory.", process.residentBytes.map { "\($0)" }),
            ("process_virtual_memory_bytes", "Virtual memory.", process.virtualBytes.map { "\($0)" }),
            ("process_open_fds", "Open descriptors.", process.openDescriptors.map { "\($0)" }),
            ("process_max_fds", "Descriptors that the process may have.", process.descriptorsMax.map { "\($0)" }),
            (
                "process_start_time_seconds", "Unix time of the start.",
                process.startedHundredths.map { MetricsText.decimal(Int128($0), digits: 2) }
            ),
        ]
        for gauge in gauges {
            if let value = gauge.value { text.single(gauge.name, .gauge, gauge.help, value) }
        }
    }

    private static func pair(_ labels: ModelLabels) -> [MetricsText.Label] {
        [("provider", labels.provider), ("model", labels.model)]
    }
}
