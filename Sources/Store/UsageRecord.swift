/// One line of the books: a request that passed authentication and parsing, however it ended.
///
/// Texts longer than ``StoreLimits/textBytesMax`` are cut when the record is offered. Money is in pico-USD (10^-12 USD); nil means
/// that a price is unknown, which is not the same as free.
public struct UsageRecord: Sendable, Hashable {
    /// How a request ended.
    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        case ok
        /// The provider or the gateway failed; ``UsageRecord/errorKind`` says how.
        case error
        /// The client went away.
        case cancelled
        /// The answer began and stopped without its end mark.
        case truncated
        case timeout
        /// The gateway turned it away: budget, limit, overload.
        case refused
    }

    /// The gateway's own id, unique; never one that a client sent.
    public var requestID: String
    /// When the request came, in milliseconds since 1970 UTC.
    public var timestampMilliseconds: Int64
    /// The operator's name of the provider that answered or was tried last; empty when none was.
    public var provider: String
    /// The model that the client asked for.
    public var model: String
    /// The model named to the provider.
    public var upstreamModel: String?

    /// Input tokens apart from cached ones.
    public var inputTokens: Int = 0
    /// Input tokens written to a prompt cache, of any lifetime.
    public var cacheWriteTokens: Int = 0
    /// How many of ``cacheWriteTokens`` went to a one-hour cache.
    public var cacheWrite1hTokens: Int = 0
    /// Input tokens read from a prompt cache.
    public var cacheReadTokens: Int = 0
    public var outputTokens: Int = 0
    /// How many of ``outputTokens`` (or beside them, as the provider counts) were spent on reasoning; nil when not told.
    public var reasoningTokens: Int?

    public var inputCostPico: Int64?
    public var cacheWriteCostPico: Int64?
    public var cacheReadCostPico: Int64?
    public var outputCostPico: Int64?
    public var totalCostPico: Int64?
    /// False when a price that this request needed is unknown.
    public var isCostKnown: Bool = true
    /// `api_key` or `x402`.
    public var paymentMethod: String = "api_key"

    /// The path that the client called: `/v1/chat/completions`, …
    public var endpoint: String = ""
    /// The client's dialect: `chat`, `messages`, `responses`, `gemini`.
    public var clientDialect: String = ""
    /// The HTTP status that the client got, or would have got.
    public var status: Int = 0
    public var outcome: Outcome = .ok
    /// A short word for what went wrong, such as `upstream_5xx`; nil when nothing did.
    public var errorKind: String?
    public var isStream: Bool = false
    /// From the request's first byte to the end of the answer, in microseconds.
    public var latencyMicroseconds: Int64 = 0
    /// To the first content, in microseconds; nil when there was none.
    public var timeToFirstTokenMicroseconds: Int64?
    /// Upstream attempts, the successful one included.
    public var attempts: Int = 0
    /// The client's session, when it names one.
    public var session: String?
    /// The provider's id of the answer; may be missing or repeat.
    public var upstreamRequestID: String?
    /// True when token counts are the gateway's estimate (a cancelled stream), not the provider's figures.
    public var isUsageEstimated: Bool = false
    /// True when a failed attempt may have been billed by the provider.
    public var isPossiblyBilled: Bool = false
    /// The name of the client or admin key that the call was made with, never the key itself; nil when it came without one.
    public var keyID: String?

    public init(requestID: String, timestampMilliseconds: Int64, provider: String, model: String) {
        self.requestID = requestID
        self.timestampMilliseconds = timestampMilliseconds
        self.provider = provider
        self.model = model
    }

    /// The sum of the four token columns; saturates.
    public var totalTokens: Int {
        [cacheWriteTokens, cacheReadTokens, outputTokens].reduce(inputTokens) { sum, count in
            let (total, overflow) = sum.addingReportingOverflow(count)
            return overflow ? .max : total
        }
    }
}
