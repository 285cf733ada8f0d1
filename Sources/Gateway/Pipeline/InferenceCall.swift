import CLinux
import Dialects
import Logging
import Routing
import Store

/// What becomes known of one call while it passes: its answer's head and its row in the books are made from it. Loop-confined.
final class InferenceCall {
    let requestID: String
    /// What the request's head asks for.
    let route: InferenceRoute
    /// The path that was called, without what Gemini's has behind `models`.
    let endpoint: String
    /// Wall clock, for the row.
    let startedMilliseconds: Int64
    /// Monotonic: when the request's head was whole.
    let startedNanoseconds: Int64
    /// The id that the client sent, when it is fit to be echoed.
    var clientRequestID: String?
    var session: String?
    /// Who calls, as the access policy found.
    var principal = Principal.anonymous
    /// The client's address for the log, where that is wanted.
    var clientAddress: ClientAddress?

    var facts: RequestFacts? {
        didSet { isUnderstood = true }
    }
    /// Whether the body was one that the gateway can act on.
    private(set) var isUnderstood = false
    var bodyBytes = 0
    /// Monotonic: when the body was whole, where the gateway's own work begins.
    var workStartedNanoseconds: Int64 = 0
    var provider: String = ""
    var target: Routing.ModelTarget?
    /// The dialect in which the provider is asked; the client's own unless the provider does not speak it.
    var upstreamDialect: Dialect
    var attempts = 0
    /// Monotonic: when the attempt began, and when the bytes came that the answer's head goes out with.
    var attemptStartedNanoseconds: Int64 = 0
    var responseNanoseconds: Int64 = 0
    var upstreamRequestID: String?
    var status = 0
    var firstContentNanoseconds: Int64?
    /// What `x-ekai-overhead-us` said; nil when no answer of a provider was sent.
    var answeredOverheadMicroseconds: Int64?
    var answer = ObservedAnswer()
    /// Where the count of tokens comes from that the client gets; nil for every other answer.
    var tokenCountOrigin: TokenCountOrigin?

    convenience init(_ ids: inout RequestIDGenerator, route: InferenceRoute, startedNanoseconds: Int64) {
        let now = ekai_realtime_ns() / 1_000_000
        self.init(
            requestID: ids.next(atMilliseconds: now), route: route, startedNanoseconds: startedNanoseconds,
            startedMilliseconds: now)
    }

    init(requestID: String, route: InferenceRoute, startedNanoseconds: Int64, startedMilliseconds: Int64) {
        self.requestID = requestID
        self.startedMilliseconds = startedMilliseconds
        self.route = route
        upstreamDialect = route.dialect
        endpoint = route.endpointPath
        self.startedNanoseconds = startedNanoseconds
    }

    /// The client's.
    var dialect: Dialect { route.dialect }
    /// Whether client and provider speak differently.
    var isTranslated: Bool { upstreamDialect != dialect }
    /// The model that was asked for; empty before the body is parsed.
    var model: String { facts?.model ?? "" }
    /// Whether the answer shall be streamed.
    var isStreaming: Bool { facts?.isStreaming ?? false }

    /// The id that the client is told: its own when it sent a sane one.
    var shownRequestID: String { clientRequestID ?? requestID }

    /// What a log line says of the request: the gateway's id, which is its row's, and the client's own where it sent one.
    var logMetadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["request": "\(requestID)"]
        if let clientRequestID { metadata["client_request"] = "\(clientRequestID)" }
        return metadata
    }

    /// Time that the gateway itself has spent, without the waits for client and provider, in microseconds.
    func overheadMicroseconds(nowNanoseconds: Int64) -> Int64 {
        guard attempts > 0, responseNanoseconds > 0 else { return (nowNanoseconds - workStartedNanoseconds) / 1_000 }
        let before = attemptStartedNanoseconds - workStartedNanoseconds
        return max(0, before + nowNanoseconds - responseNanoseconds) / 1_000
    }

    /// Bytes of the response came, and nothing of it has gone out yet: the wait for them was the provider's.
    func noteUpstreamBytes() { responseNanoseconds = ekai_monotonic_ns() }

    /// The row in the books.
    func record(outcome: UsageRecord.Outcome, errorKind: String?, isPossiblyBilled: Bool, nowNanoseconds: Int64)
        -> UsageRecord
    {
        var record = UsageRecord(
            requestID: requestID, timestampMilliseconds: startedMilliseconds, provider: provider,
            model: model)
        record.upstreamModel = target?.upstreamModel
        record.endpoint = endpoint
        record.clientDialect = dialect.rawValue
        record.status = status
        record.outcome = outcome
        record.errorKind = errorKind
        record.isStream = isStreaming
        record.latencyMicroseconds = (nowNanoseconds - startedNanoseconds) / 1_000
        record.timeToFirstTokenMicroseconds = firstContentNanoseconds.map { ($0 - startedNanoseconds) / 1_000 }
        record.attempts = attempts
        record.session = session
        record.keyID = principal.keyID
        record.upstreamRequestID = upstreamRequestID ?? answer.responseID
        record.isPossiblyBilled = isPossiblyBilled
        book(into: &record, outcome)
        return record
    }

    /// Tokens and their price. An attempt of which nothing came back costs nothing as far as anyone knows.
    private func book(into record: inout UsageRecord, _ outcome: UsageRecord.Outcome) {
        let sawAnswer = answer.usage != nil || answer.contentEvents > 0 || answer.contentTextBytes > 0
        guard sawAnswer || outcome == .ok else {
            record.isCostKnown = !record.isPossiblyBilled
            guard record.isCostKnown else { return }
            record.inputCostPico = 0
            record.cacheReadCostPico = 0
            record.cacheWriteCostPico = 0
            record.outputCostPico = 0
            record.totalCostPico = 0
            return
        }
        let usage = answer.settledUsage(estimatedInputTokens: (bodyBytes + 3) / 4)
        record.inputTokens = usage.input
        record.cacheReadTokens = usage.cacheRead
        record.cacheWriteTokens = usage.cacheWrite
        record.cacheWrite1hTokens = usage.cacheWrite1Hour
        record.outputTokens = usage.output
        record.reasoningTokens = usage.reasoning > 0 ? usage.reasoning : nil
        record.isUsageEstimated = usage.isEstimated
        let counts = TokenCounts(
            input: usage.input, cacheRead: usage.cacheRead, cacheWrite5m: usage.cacheWrite5Minutes,
            cacheWrite1h: usage.cacheWrite1Hour, output: usage.output)
        let cost = Cost(counts, price: target?.price, reportedTotal: usage.reportedCostPicodollars)
        record.inputCostPico = cost.input
        record.cacheReadCostPico = cost.cacheRead
        record.cacheWriteCostPico = cost.cacheWrite
        record.outputCostPico = cost.output
        record.totalCostPico = cost.total
        record.isCostKnown = cost.isKnown
    }
}
