import HTTP
import Reactor

/// What a carrier stands between: the provider's response and the client's exchange, with all they share.
struct RelayLane {
    let context: GatewayContext
    let snapshot: GatewaySnapshot
    let loop: LoopContext
    let exchange: any ServerExchange
    let call: InferenceCall
    let upstream: UpstreamExchange
    let provider: Provider

    /// Why the client's queue could not be drained.
    var undrained: GatewayError {
        context.isStopping.load(ordering: .relaxed)
            ? GatewayError(stopping: true) : GatewayError(clientGone: true)
    }

    /// Monotonic time in nanoseconds, as of this turn of the loop.
    var now: Int64 { loop.loop.now }
}

/// Carries one response from a provider to its client.
protocol Carrier: AnyObject {
    /// Carries it to its end. Returns why it did not end well, for the books; nil when it did.
    func run() async -> GatewayError?
}

/// The three ways of a response.
enum RelayKind {
    /// Server-sent events, carried event by event.
    case stream
    /// Any other success, carried in pieces.
    case whole
    /// A status that is no success.
    case error

    init(of response: MessageHead) {
        guard (200..<300).contains(response.status) else {
            self = .error
            return
        }
        let type = response.value(of: .contentType)
        self = type?.starts(withIgnoringCase: "text/event-stream") ?? false ? .stream : .whole
    }
}

extension Int {
    /// A configured time in the reactor's unit.
    var millisecondsAsNanoseconds: Int64 { Int64(self) * 1_000_000 }
}
