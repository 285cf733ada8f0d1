/// What can go wrong between a client and its answer, named once; each dialect has its own status and words for it.
public enum ErrorKind: Sendable, Hashable, CaseIterable {
    /// The request itself is wrong.
    case invalidRequest
    /// The client's key is missing or wrong.
    case authenticationFailed
    /// The client's key may not do this.
    case permissionDenied
    /// No such path.
    case notFound
    /// No configured provider serves the model.
    case modelNotFound
    /// The path exists, the method does not.
    case methodNotAllowed
    /// Body beyond the limit.
    case requestTooLarge
    /// A content type or coding that is not taken.
    case unsupportedMediaType
    /// The client, or its share at the provider, is over a rate limit.
    case rateLimited
    /// The gateway or the provider sheds load.
    case overloaded
    /// The provider could not be reached, broke off, or made no sense.
    case upstreamFailed
    /// The provider refused the operator's key or account.
    case providerAuthFailed
    /// The provider took too long.
    case timeout
    /// The client's budget is used up.
    case budgetExceeded
    /// The gateway's own fault.
    case `internal`
    /// The request asks for what the provider, which speaks another dialect than the client, has no words for.
    case notTranslatable

    /// The status to answer with.
    public func status(in dialect: Dialect) -> Int {
        let isMessages = dialect == .messages
        return switch self {
        case .invalidRequest, .notTranslatable: 400
        case .authenticationFailed: 401
        case .permissionDenied: 403
        case .notFound, .modelNotFound: 404
        case .methodNotAllowed: 405
        case .requestTooLarge: 413
        case .unsupportedMediaType: 415
        case .rateLimited: 429
        case .overloaded: isMessages ? 529 : 503
        case .upstreamFailed, .providerAuthFailed: 502
        case .timeout: 504
        case .budgetExceeded: isMessages ? 402 : 429
        case .internal: 500
        }
    }

    /// The error's `type`.
    public func type(in dialect: Dialect) -> StaticString {
        if dialect == .gemini { return geminiStatus }
        let isMessages = dialect == .messages
        return switch self {
        case .invalidRequest, .notTranslatable, .methodNotAllowed, .unsupportedMediaType: "invalid_request_error"
        case .requestTooLarge: isMessages ? "request_too_large" : "invalid_request_error"
        case .authenticationFailed: "authentication_error"
        case .permissionDenied: "permission_error"
        case .notFound, .modelNotFound: "not_found_error"
        case .rateLimited: "rate_limit_error"
        case .overloaded: "overloaded_error"
        case .timeout: isMessages ? "timeout_error" : "api_error"
        case .budgetExceeded: isMessages ? "billing_error" : "insufficient_quota"
        case .upstreamFailed, .providerAuthFailed, .internal: "api_error"
        }
    }

    /// Google's canonical name of the error (google.rpc.Code).
    private var geminiStatus: StaticString {
        switch self {
        case .invalidRequest, .notTranslatable, .methodNotAllowed, .unsupportedMediaType, .requestTooLarge: "INVALID_ARGUMENT"
        case .authenticationFailed: "UNAUTHENTICATED"
        case .permissionDenied: "PERMISSION_DENIED"
        case .notFound, .modelNotFound: "NOT_FOUND"
        case .rateLimited, .budgetExceeded: "RESOURCE_EXHAUSTED"
        case .overloaded: "UNAVAILABLE"
        case .timeout: "DEADLINE_EXCEEDED"
        case .upstreamFailed, .providerAuthFailed, .internal: "INTERNAL"
        }
    }

    /// The `code` of OpenAI's two dialects, nil where a kind has none. Anthropic's and Gemini's errors have none.
    public var code: StaticString? {
        switch self {
        case .invalidRequest, .notFound: nil
        case .authenticationFailed: "invalid_api_key"
        case .permissionDenied: "permission_denied"
        case .modelNotFound: "model_not_found"
        case .methodNotAllowed: "method_not_allowed"
        case .requestTooLarge: "request_too_large"
        case .unsupportedMediaType: "unsupported_media_type"
        case .rateLimited: "rate_limit_exceeded"
        case .overloaded: "overloaded"
        case .upstreamFailed: "upstream_failed"
        case .providerAuthFailed: "provider_auth_failed"
        case .timeout: "timeout"
        case .budgetExceeded: "insufficient_quota"
        case .internal: "internal_error"
        case .notTranslatable: "unsupported_by_provider"
        }
    }

    /// True when the answer carries `x-should-retry: false`: asking again cannot help until someone acts.
    public var forbidsRetry: Bool {
        switch self {
        case .providerAuthFailed, .budgetExceeded, .notTranslatable: true
        default: false
        }
    }

    /// The kind that an upstream's status stands for, whatever its body says. 401, 402 and 403 concern the operator's key.
    public init(upstreamStatus status: Int) {
        self =
            switch status {
            case 401, 402, 403: .providerAuthFailed
            case 404: .modelNotFound
            case 408, 504: .timeout
            case 413: .requestTooLarge
            case 429: .rateLimited
            case 503, 529: .overloaded
            case 400, 409, 410, 415, 422, 424, 425, 451: .invalidRequest
            default: .upstreamFailed
            }
    }
}
