import Dialects
import HTTP
import Reactor

/// The way of a request that has one small answer and no stream, as far as counting tokens and embeddings have it in common. A phase that fails throws
/// the error that ends the way.
///
/// Belongs to one request, on its connection's task and loop.
final class UnaryPhases {
    private let phases: CallPhases
    private var upstream: UpstreamExchange?

    var loop: LoopContext { phases.loop }
    var exchange: any ServerExchange { phases.exchange }
    var call: InferenceCall { phases.call }

    init(context: GatewayContext, loop: LoopContext, exchange: any ServerExchange, call: InferenceCall) {
        phases = CallPhases(context: context, loop: loop, exchange: exchange, call: call)
    }

    /// Goes the way: `work`, and whatever came of it, its end.
    ///
    /// - Parameter isBooked: whether there is a row for it.
    func run(isBooked: Bool, _ work: () async throws(GatewayError) -> Void) async {
        var failure: GatewayError?
        do throws(GatewayError) {
            try await work()
        } catch {
            failure = error
        }
        phases.end(failure, upstream, isBooked: isBooked)
    }

    /// Reads the body and the few facts in it that the gateway acts on, and goes on only with what could be finished.
    func readRequest() async throws(GatewayError) -> RequestBody {
        try phases.checkHeaders()
        let body: RequestBody
        do throws(BodyFailure) {
            body = try await exchange.readBody()
        } catch {
            throw GatewayError(error)
        }
        try phases.parse(body)
        try phases.admit()
        return body
    }

    /// The provider of the model that the request names.
    func plan() throws(GatewayError) -> (provider: Provider, model: String) {
        let (target, provider) = try phases.resolve()
        return (provider, target.upstreamModel)
    }

    /// What a provider is asked.
    struct Question {
        /// Path and query.
        var target: String
        var body: [UpstreamBodyPart]
        /// Names the fields that carry the key; one that the provider speaks.
        var dialect: Dialect
    }

    /// Sends the request and waits for the head of the response. Whether the client's fields go with it, `call.isTranslated` says.
    func ask(_ provider: Provider, _ question: Question) async throws(GatewayError) -> RelayLane {
        let upstream = phases.beginAttempt(at: provider, isStreaming: false)
        self.upstream = upstream
        let request = exchange.request
        let (call, via) = (call, phases.context.via)
        do throws(UpstreamFailure) {
            try await upstream.perform(target: question.target, body: question.body) { sink in
                UpstreamRequestHead.write(
                    for: provider, from: request, question.dialect, isTranslated: call.isTranslated, via: via, to: &sink)
            }
        } catch {
            throw phases.attemptFailed(error, at: provider)
        }
        phases.noteResponse(upstream, of: provider)
        return phases.lane(upstream, provider)
    }
}
