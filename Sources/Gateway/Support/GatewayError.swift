import Dialects
import HTTP
import Store

/// Why a request did not end well: what the client is told, and what the books say.
///
/// A class, because it is rare and large: as a struct it would stand in the frame of every task that could fail.
final class GatewayError: Error, Sendable {
    /// Whose doing it was.
    enum Source: String { case client, upstream, gateway }

    let kind: ErrorKind
    let source: Source
    /// For the client: no key, no internal path, nothing that the provider said of our account.
    let message: String
    /// The request member at fault, for OpenAI's dialects.
    let param: String?
    /// A short word for the books and the log.
    let label: String
    let outcome: UsageRecord.Outcome
    let retryAfterSeconds: Int64?
    /// False when nobody waits for an answer any more.
    let isAnswerable: Bool
    /// True when the provider may bill the failed attempt.
    let isPossiblyBilled: Bool
    /// The status to answer with, where it is not the kind's own.
    let status: Int?

    init(
        _ kind: ErrorKind, _ source: Source, _ message: String, label: String, param: String? = nil,
        outcome: UsageRecord.Outcome = .error, retryAfterSeconds: Int64? = nil, isAnswerable: Bool = true,
        isPossiblyBilled: Bool = false, status: Int? = nil
    ) {
        self.kind = kind
        self.source = source
        self.message = message
        self.label = label
        self.param = param
        self.outcome = outcome
        self.retryAfterSeconds = retryAfterSeconds
        self.isAnswerable = isAnswerable
        self.isPossiblyBilled = isPossiblyBilled
        self.status = status
    }
}

extension GatewayError {
    /// The request itself is wrong.
    convenience init(_ problem: RequestProblem) {
        self.init(
            problem.kind, .client, problem.message,
            label: problem.kind == .notTranslatable ? "not_translatable" : "invalid_request", param: problem.param)
    }

    /// The request's body could not be read.
    convenience init(_ failure: BodyFailure) {
        switch failure {
        case .refused(let reason):
            self.init(
                reason.status == 413 ? .requestTooLarge : .invalidRequest, .client, reason.message.description,
                label: reason.status == 413 ? "request_too_large" : "invalid_request")
        case .timedOut:
            self.init(
                .invalidRequest, .client, "The body of the request took too long.", label: "request_timeout", status: 408)
        case .overloaded:
            self.init(
                .overloaded, .gateway, "The gateway holds as many request bodies as it may. Try again shortly.",
                label: "bodies_in_flight", outcome: .refused, retryAfterSeconds: 1)
        case .clientGone: self.init(clientGone: false)
        case .stopping: self.init(stopping: false)
        }
    }

    /// The attempt at `provider` failed.
    convenience init(_ failure: UpstreamFailure, provider: String) {
        let isBilled = failure.isPossiblyBilled
        var kind = ErrorKind.upstreamFailed
        var outcome = UsageRecord.Outcome.error
        let message: String
        let label: String
        switch failure.kind {
        case .clientGone:
            self.init(clientGone: isBilled)
            return
        case .stopping:
            self.init(stopping: isBilled)
            return
        case .truncated:
            self.init(truncatedBy: provider)
            return
        case .poolExhausted:
            self.init(
                .overloaded, .gateway, "Too many requests wait for a connection to \(provider).", label: "pool_exhausted",
                outcome: .refused, retryAfterSeconds: 1)
            return
        case .connect(.timedOut), .timedOut(.connect):
            (kind, outcome) = (.timeout, .timeout)
            (message, label) = ("Connecting to \(provider) took too long.", "connect_timeout")
        case .timedOut(let phase):
            (kind, outcome) = (.timeout, .timeout)
            (message, label) = ("\(provider) took too long to answer.", "\(phase.label)_timeout")
        case .connect: (message, label) = ("No connection to \(provider) could be made.", "connect_failed")
        case .proxy:
            (message, label) = ("No connection to \(provider) could be made: the outbound proxy failed.", "proxy_failed")
        case .tls: (message, label) = ("No secure connection to \(provider) could be made.", "tls_failed")
        case .closedBeforeResponse:
            (message, label) = ("\(provider) closed the connection without an answer.", "closed_before_response")
        case .malformed: (message, label) = ("\(provider) sent an answer that is not HTTP.", "malformed_response")
        }
        self.init(kind, .upstream, message, label: label, outcome: outcome, isPossiblyBilled: isBilled)
    }

    /// The answer ended without its end mark.
    convenience init(truncatedBy provider: String) {
        self.init(
            .upstreamFailed, .upstream, "\(provider) ended its answer before it was complete.", label: "truncated",
            outcome: .truncated, isPossiblyBilled: true)
    }

    /// The client went away; `isPossiblyBilled` when the provider had been asked.
    convenience init(clientGone isPossiblyBilled: Bool) {
        self.init(
            .internal, .client, "The client closed the connection.", label: "client_gone", outcome: .cancelled,
            isAnswerable: false, isPossiblyBilled: isPossiblyBilled)
    }

    /// The gateway is stopping; `isPossiblyBilled` when the provider had been asked.
    convenience init(stopping isPossiblyBilled: Bool) {
        self.init(
            .overloaded, .gateway, "The gateway is stopping.", label: "stopping",
            outcome: isPossiblyBilled ? .error : .refused, retryAfterSeconds: 1,
            isPossiblyBilled: isPossiblyBilled)
    }
}

extension UpstreamFailure.Phase {
    /// As it stands in the books.
    fileprivate var label: String {
        switch self {
        case .connect: "connect"
        case .send: "send"
        case .firstByte: "first_byte"
        case .firstToken: "first_token"
        case .idle: "idle"
        }
    }
}
