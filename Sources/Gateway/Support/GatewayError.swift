import Dialects
import HTTP
import Store

/// Why a request did not end well: what the client is told, and what the books say.
struct GatewayError: Error {
    /// Whose doing it was.
    enum Source: String { case client, upstream, gateway }

    var kind: ErrorKind
    var source: Source
    /// For the client: no key, no internal path, nothing that the provider said of our account.
    var message: String
    var param: String?
    /// A short word for the books and the log.
    var label: String
    var outcome: UsageRecord.Outcome = .error
    var retryAfterSeconds: Int64?
    /// False when nobody waits for an answer any more.
    var isAnswerable = true
    /// True when the provider may bill the failed attempt.
    var isPossiblyBilled = false

    /// The request itself is wrong.
    init(_ problem: RequestProblem) {
        self.init(.invalidRequest, .client, problem.message, label: "invalid_request")
        param = problem.param
    }

    init(_ kind: ErrorKind, _ source: Source, _ message: String, label: String) {
        self.kind = kind
        self.source = source
        self.message = message
        self.label = label
    }

    /// The request's body could not be read.
    init(_ failure: BodyFailure) {
        switch failure {
        case .refused(let reason):
            self.init(
                reason.status == 413 ? .requestTooLarge : .invalidRequest, .client, reason.message.description,
                label: reason.status == 413 ? "request_too_large" : "invalid_request")
        case .timedOut:
            self.init(.timeout, .client, "The body of the request took too long.", label: "request_timeout")
        case .overloaded:
            self.init(
                .overloaded, .gateway, "The gateway holds as many request bodies as it may. Try again shortly.",
                label: "bodies_in_flight")
            retryAfterSeconds = 1
        case .clientGone: self = .clientGone(isPossiblyBilled: false)
        case .stopping: self = .stopping(isPossiblyBilled: false)
        }
    }

    /// The attempt at `provider` failed.
    init(_ failure: UpstreamFailure, provider: String) {
        switch failure.kind {
        case .clientGone: self = .clientGone(isPossiblyBilled: failure.isPossiblyBilled)
        case .stopping: self = .stopping(isPossiblyBilled: failure.isPossiblyBilled)
        case .connect(.timedOut), .timedOut(.connect):
            self.init(.timeout, .upstream, "Connecting to \(provider) took too long.", label: "connect_timeout")
        case .connect:
            self.init(.upstreamFailed, .upstream, "No connection to \(provider) could be made.", label: "connect_failed")
        case .tls:
            self.init(
                .upstreamFailed, .upstream, "No secure connection to \(provider) could be made.", label: "tls_failed")
        case .poolExhausted:
            self.init(
                .overloaded, .gateway, "Too many requests wait for a connection to \(provider).", label: "pool_exhausted")
            retryAfterSeconds = 1
        case .timedOut(let phase):
            self.init(.timeout, .upstream, "\(provider) took too long to answer.", label: "\(phase.rawValue)_timeout")
            outcome = .timeout
        case .closedBeforeResponse:
            self.init(
                .upstreamFailed, .upstream, "\(provider) closed the connection without an answer.",
                label: "closed_before_response")
        case .truncated:
            self = .truncated(provider: provider)
        case .malformed:
            self.init(.upstreamFailed, .upstream, "\(provider) sent an answer that is not HTTP.", label: "malformed_response")
        }
        isPossiblyBilled = failure.isPossiblyBilled
    }

    /// The answer ended without its end mark.
    static func truncated(provider: String) -> GatewayError {
        var error = GatewayError(
            .upstreamFailed, .upstream, "\(provider) ended its answer before it was complete.", label: "truncated")
        error.outcome = .truncated
        error.isPossiblyBilled = true
        return error
    }

    static func clientGone(isPossiblyBilled: Bool) -> GatewayError {
        var error = GatewayError(.internal, .client, "The client closed the connection.", label: "client_gone")
        error.outcome = .cancelled
        error.isAnswerable = false
        error.isPossiblyBilled = isPossiblyBilled
        return error
    }

    static func stopping(isPossiblyBilled: Bool) -> GatewayError {
        var error = GatewayError(.overloaded, .gateway, "The gateway is stopping.", label: "stopping")
        error.retryAfterSeconds = 1
        error.isPossiblyBilled = isPossiblyBilled
        return error
    }
}
