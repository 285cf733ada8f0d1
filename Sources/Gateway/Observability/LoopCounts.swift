import Dialects
import Routing
import Store

/// What one loop has counted since the start: plain numbers, changed by its own loop alone, copied for a scrape.
///
/// Counting a request whose labels are known allocates nothing; an event of a stream costs nothing, a batch of them one observation.
struct LoopCounts: Sendable {
    /// Where a request went, as a label: one of the dialects' paths, where tokens are counted or embeddings made, or elsewhere.
    enum Endpoint: UInt8, Sendable, Hashable, CaseIterable {
        case chat, responses, messages, gemini
        case responsesCount, messagesCount, geminiCount, embeddings
        case other

        /// Those with times of their own. The first ones can stream.
        static let timed = allCases.filter { $0 != .other }
        static let streaming = Dialect.allCases.map { Self($0) }

        init(_ route: InferenceRoute) {
            switch (route.operation, route.dialect) {
            case (.embed, _): self = .embeddings
            case (.countTokens, .messages): self = .messagesCount
            case (.countTokens, .gemini): self = .geminiCount
            case (.countTokens, _): self = .responsesCount
            case (.answer, let dialect), (.generate, let dialect), (.stream, let dialect): self.init(dialect)
            }
        }

        init(_ dialect: Dialect) {
            switch dialect {
            case .chat: self = .chat
            case .responses: self = .responses
            case .messages: self = .messages
            case .gemini: self = .gemini
            }
        }

        var label: String {
            switch self {
            case .chat: Dialect.chat.endpointPath
            case .responses: Dialect.responses.endpointPath
            case .messages: Dialect.messages.endpointPath
            case .gemini: Dialect.gemini.endpointPath
            case .responsesCount: InferenceRoute(.responses, .countTokens).endpointPath
            case .messagesCount: InferenceRoute(.messages, .countTokens).endpointPath
            case .geminiCount: InferenceRoute(.gemini, .countTokens).endpointPath
            case .embeddings: InferenceRoute(.chat, .embed).endpointPath
            case .other: MetricsLimits.other
            }
        }
    }

    struct RequestSeries: Sendable, Hashable {
        var endpoint: Endpoint
        var model: Int32
        /// 0 for `other`.
        var status: UInt16
    }

    struct AttemptSeries: Sendable, Hashable {
        var provider: String
        var outcome: UsageRecord.Outcome
    }

    private(set) var requests: [RequestSeries: UInt64] = [:]
    private(set) var numbers = ModelNumbers()
    /// By the models' numbers.
    private(set) var models = [ModelTotals()]
    private(set) var attempts: [AttemptSeries: UInt64] = [:]
    /// Where the last ones were counted; good until a new series comes, which sets them anew.
    private var lastRequest: (series: RequestSeries, index: Dictionary<RequestSeries, UInt64>.Index)?
    private var lastAttempt: (series: AttemptSeries, index: Dictionary<AttemptSeries, UInt64>.Index)?
    /// By endpoints; of those that never stream, first and inter-token times stay empty.
    private(set) var durations = Self.histograms(.duration)
    private(set) var firstTokens = Self.histograms(.firstToken)
    private(set) var interTokens = Self.histograms(.interToken)
    private(set) var overheads = Self.histograms(.overhead)
    private(set) var backpressureNanoseconds: UInt64 = 0
    /// Streams between their head from the provider and their end.
    var streamsActive = 0

    private static func histograms(_ bounds: HistogramBounds) -> [Histogram] {
        Array(repeating: Histogram(bounds), count: Endpoint.timed.count)
    }

    // MARK: Counting

    /// A request that was refused before it came to the pipeline.
    mutating func countRefusal(status: UInt16) {
        count(RequestSeries(endpoint: .other, model: 0, status: status))
    }

    /// A call that has ended, and what the books say of it.
    ///
    /// - Parameter isCurrent: `names` is what new requests are resolved with; what an older one says is not remembered.
    mutating func count(
        _ call: InferenceCall, _ record: UsageRecord, nowNanoseconds: Int64, models names: ModelResolver, isCurrent: Bool = true
    ) {
        let number = count(call, nowNanoseconds: nowNanoseconds, models: names, isCurrent: isCurrent)
        if record.isStream, let first = call.firstContentNanoseconds {
            firstTokens[Int(Endpoint(call.route).rawValue)].observe(nanoseconds: first - call.startedNanoseconds)
        }
        guard record.attempts > 0 else { return }
        count(AttemptSeries(provider: record.provider, outcome: record.outcome))
        book(record, number)
    }

    /// A call that has ended and was not understood: no record. Returns the model's number.
    @discardableResult
    mutating func count(
        _ call: InferenceCall, nowNanoseconds: Int64, models names: ModelResolver, isCurrent: Bool = true
    ) -> Int {
        let endpoint = Endpoint(call.route)
        var number = 0
        if let target = call.target { number = numbers.number(of: target, isRemembered: isCurrent) { names.listedName(of: $0) } }
        count(RequestSeries(endpoint: endpoint, model: Int32(number), status: UInt16(clamping: call.status)))
        let index = Int(endpoint.rawValue)
        durations[index].observe(nanoseconds: nowNanoseconds - call.startedNanoseconds)
        if let overhead = call.answeredOverheadMicroseconds { overheads[index].observe(nanoseconds: overhead * 1_000) }
        return number
    }

    /// A batch brought `events` of content, `nanoseconds` after the content before it.
    mutating func countContent(_ dialect: Dialect, events: UInt64, nanoseconds: Int64) {
        interTokens[Int(Endpoint(dialect).rawValue)].observe(events, nanoseconds: nanoseconds)
    }

    /// A stream waited for its client.
    mutating func countBackpressure(nanoseconds: Int64) {
        backpressureNanoseconds &+= UInt64(max(0, nanoseconds))
    }

    /// The configuration changed, and with it perhaps which models are listed.
    mutating func noteReload() { numbers.forgetSpellings() }

    private mutating func count(_ series: RequestSeries) {
        // Most requests are like the one before: their place is known without a hash.
        if let place = lastRequest, place.series == series {
            requests.values[place.index] &+= 1
            return
        }
        var counted = series
        if requests[series] == nil, requests.count >= MetricsLimits.requestSeriesMax { counted.status = 0 }
        requests[counted, default: 0] &+= 1
        lastRequest = requests.index(forKey: counted).map { (series, $0) }
    }

    private mutating func count(_ series: AttemptSeries) {
        if let place = lastAttempt, place.series == series {
            attempts.values[place.index] &+= 1
            return
        }
        attempts[series, default: 0] &+= 1
        lastAttempt = attempts.index(forKey: series).map { (series, $0) }
    }

    private mutating func book(_ record: UsageRecord, _ number: Int) {
        while models.count <= number { models.append(ModelTotals()) }
        models[number].input &+= UInt64(max(0, record.inputTokens))
        models[number].cacheRead &+= UInt64(max(0, record.cacheReadTokens))
        models[number].cacheWrite &+= UInt64(max(0, record.cacheWriteTokens))
        models[number].output &+= UInt64(max(0, record.outputTokens))
        models[number].reasoning &+= UInt64(max(0, record.reasoningTokens ?? 0))
        if record.isCostKnown, let cost = record.totalCostPico {
            models[number].costPico &+= Int128(cost)
        } else {
            models[number].unknownCostRequests &+= 1
        }
    }
}
