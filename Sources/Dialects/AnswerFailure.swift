/// A failure that a provider reported inside an answer whose status was 200.
public struct AnswerFailure: Sendable, Equatable {
    /// The nearest of the gateway's own kinds, for deciding what to do next.
    public var kind: ErrorKind
    /// The provider's `type`, where it gave one.
    public var type: String?
    /// The provider's `code`, a number in decimal.
    public var code: String?
    /// The provider's words, at most `DialectLimits.failureMessageBytesMax` bytes. For logs and, where nothing better is
    /// known, for the client.
    public var message: String?
    /// How long the provider asks to wait, in seconds, where it says so in the body (Google's `RetryInfo`).
    public var retryAfterSeconds: Int?

    public init(kind: ErrorKind, type: String? = nil, code: String? = nil, message: String? = nil) {
        self.kind = kind
        self.type = type
        self.code = code
        self.message = message
    }

    /// Judges by `code` and `type`, which providers fill in every way: names, names in capitals, HTTP statuses.
    init(type: String?, code: String?, message: String?) {
        self.init(kind: Self.kind(code) ?? Self.kind(type) ?? .upstreamFailed, type: type, code: code, message: message)
    }

    private static func kind(_ name: String?) -> ErrorKind? {
        guard let name, !name.isEmpty else { return nil }
        if let status = Int(name) { return (400..<600).contains(status) ? ErrorKind(upstreamStatus: status) : nil }
        switch name.lowercased() {
        case "overloaded_error", "overloaded", "server_overloaded", "server_is_overloaded", "slow_down",
            "engine_overloaded", "unavailable", "service_unavailable":
            return .overloaded
        case "rate_limit_error", "rate_limit_exceeded", "rate_limited", "too_many_requests", "resource_exhausted":
            return .rateLimited
        case "insufficient_quota", "billing_error", "payment_required", "authentication_error", "invalid_api_key",
            "permission_error", "permission_denied":
            return .providerAuthFailed
        case "invalid_request_error", "invalid_prompt", "context_length_exceeded", "tool_use_failed", "bad_request":
            return .invalidRequest
        case "not_found_error", "model_not_found":
            return .modelNotFound
        case "request_too_large":
            return .requestTooLarge
        case "timeout_error", "timeout":
            return .timeout
        default:
            return nil
        }
    }
}
