import CLinux
import Dialects
import HTTP
import Reactor
import Routing
import Streaming

/// The way of one inference request, top to bottom: authenticate, parse, admit, plan, translate, attempt, relay, settle.
///
/// It runs on the connection's task, on the connection's loop. The phases that other ways have too are `CallPhases`; one that fails leaves its error in
/// `failure` and ends the way.
///
/// The asynchronous functions here are short and keep their state in the object: what they hold across a suspension is
/// memory of every open stream (docs/decisions/0010).
final class InferencePipeline {
    private let phases: CallPhases
    private var provider: Provider?
    private var upstream: UpstreamExchange?
    private var hidesUsageChunk = false
    /// The client's request in the provider's dialect, where that is another; its plan serves the answer.
    private var translated: TranslatedBody?
    private var answerPlan: AnswerPlan?
    /// The client's body, until the provider has it.
    private var body: RequestBody?
    private var failure: GatewayError?

    private var loop: LoopContext { phases.loop }
    private var exchange: any ServerExchange { phases.exchange }
    private var call: InferenceCall { phases.call }

    init(context: GatewayContext, loop: LoopContext, exchange: any ServerExchange, call: InferenceCall) {
        phases = CallPhases(context: context, loop: loop, exchange: exchange, call: call)
    }

    func run() async {
        if await readBody(), prepare(), await attempt() { await relay() }
        phases.end(failure, upstream, isBooked: true)
    }

    /// Everything between the whole body and the provider, without a wait.
    @inline(never)
    private func prepare() -> Bool {
        do throws(GatewayError) {
            try parse()
            try phases.admit()
            try plan()
            try translate()
            return true
        } catch {
            return fail(error)
        }
    }

    private func fail(_ error: GatewayError) -> Bool {
        failure = error
        return false
    }

    // MARK: Parse

    private func readBody() async -> Bool {
        guard checkHeaders() else { return false }
        do throws(BodyFailure) {
            body = try await exchange.readBody()
            return true
        } catch {
            return fail(GatewayError(error))
        }
    }

    private func checkHeaders() -> Bool {
        do throws(GatewayError) {
            try phases.checkHeaders()
            return true
        } catch {
            return fail(error)
        }
    }

    private func parse() throws(GatewayError) {
        guard let body else { preconditionFailure("read before parsed") }
        try phases.parse(body)
    }

    // MARK: Plan

    /// From the model's name to the provider that is asked, and the dialect in which it is.
    private func plan() throws(GatewayError) {
        let (target, provider) = try phases.resolve()
        guard let dialect = call.dialect.spoken(to: target.upstreamModel, where: { target.dialects.contains($0.wire) }) else {
            preconditionFailure("a provider speaks at least one dialect")
        }
        call.upstreamDialect = dialect
        self.provider = provider
    }

    // MARK: Translate

    /// Puts the request in the provider's words where they are not the client's.
    private func translate() throws(GatewayError) {
        guard call.isTranslated else { return }
        guard let body, let target = call.target, let provider else { preconditionFailure("planned before translated") }
        var plan = AnswerPlan()
        plan.model = call.model
        plan.isStreaming = call.isStreaming
        plan.includesUsage = call.facts?.usageOption == .on
        plan.isJSONArray = call.route.isJSONArray
        plan.idStem = call.requestID.filter { $0.isLetter || $0.isNumber }
        plan.createdSeconds = Int(call.startedMilliseconds / 1_000)
        do throws(RequestProblem) {
            let translated = TranslatedBody(
                try RequestTranslation(
                    body.bytes, dialect: call.dialect,
                    target: TranslationTarget(
                        dialect: call.upstreamDialect, model: target.upstreamModel, profile: provider.profile,
                        outputTokensMax: target.outputTokensMax, reasons: target.reasons),
                    plan: plan, tape: loop.tape, reader: loop.reader))
            self.translated = translated
            answerPlan = translated.plan
        } catch {
            throw GatewayError(error)
        }
    }

    // MARK: Attempt

    /// Sends the request and waits for the head of the response.
    private func attempt() async -> Bool {
        guard let provider else { preconditionFailure("planned before attempted") }
        let upstream = phases.beginAttempt(at: provider, isStreaming: call.isStreaming)
        self.upstream = upstream
        let request = exchange.request
        let (call, via) = (call, phases.context.via)
        do throws(UpstreamFailure) {
            try await upstream.perform(target: target(provider), body: forwardedParts()) { sink in
                UpstreamRequestHead.write(
                    for: provider, from: request, call.upstreamDialect, isTranslated: call.isTranslated, via: via, to: &sink)
            }
        } catch {
            return fail(phases.attemptFailed(error, at: provider))
        }
        phases.noteResponse(upstream, of: provider)
        releaseRequest()
        return true
    }

    /// The provider has the request: a long stream keeps neither its body nor its head.
    private func releaseRequest() {
        body = nil
        translated = nil
        exchange.releaseRequest()
    }

    private func target(_ provider: Provider) -> String {
        guard let path = provider.paths[call.upstreamDialect], let model = call.target?.upstreamModel else {
            preconditionFailure("planned for a dialect that is spoken")
        }
        guard !call.isTranslated else {
            return UpstreamTarget.text(
                path: path, dialect: call.upstreamDialect, operation: call.isStreaming ? .stream : .generate, isJSONArray: false,
                model: model, query: nil)
        }
        return UpstreamTarget.text(
            path: path, dialect: call.dialect, operation: call.route.operation, isJSONArray: call.route.isJSONArray, model: model,
            query: exchange.request.query)
    }

    /// The client's bytes with the smallest splice.
    @inline(never)
    private func forwardedParts() -> [UpstreamBodyPart] {
        if let translated { return translated.parts() }
        guard let body, let facts = call.facts, let target = call.target, let provider else {
            preconditionFailure("planned before forwarded")
        }
        var edits = ForwardEdits(
            facts, upstreamModel: target.upstreamModel, acceptsStreamOptions: provider.acceptsStreamOptions)
        edits.leaveOutMarkedStates(in: body.bytes, dialect: call.dialect, tape: loop.tape)
        hidesUsageChunk = edits.hidesUsageChunk
        return ForwardBody(body, edits: edits).parts()
    }

    // MARK: Relay

    private func relay() async {
        failure = await carrier().run()
    }

    /// Who carries the response to the client: decided by its status and type.
    @inline(never)
    private func carrier() -> any Carrier {
        guard let upstream, let provider else { preconditionFailure("attempted before relayed") }
        let lane = phases.lane(upstream, provider)
        let kind = RelayKind(of: upstream.response)
        switch (kind, answerPlan) {
        case (.error, _): return ErrorCarrier(lane)
        case (.stream, nil): return StreamCarrier(lane, relay(lane))
        case (.whole, nil): return WholeCarrier(lane)
        case (.stream, .some(let plan)) where plan.isStreaming:
            return StreamCarrier(lane, translator(lane, plan), contentType: plan.isJSONArray ? "application/json" : "text/event-stream")
        case (_, .some(let plan)): return TranslatedCarrier(lane, plan: plan, isEventStream: kind == .stream)
        }
    }

    private func relay(_ lane: RelayLane) -> StreamRelay<StreamObserver> {
        StreamRelay(
            observer: StreamObserver(call.dialect, hidesUsageChunk: hidesUsageChunk, reader: loop.reader),
            client: RelayClient(waitingSince: UInt64(lane.now)), limits: relayLimits, scrub: lane.provider.eventScrubber)
    }

    private func translator(_ lane: RelayLane, _ plan: AnswerPlan) -> StreamTranslator {
        StreamTranslator(
            from: call.upstreamDialect, to: call.dialect, plan: plan, waiting: RelayClient(waitingSince: UInt64(lane.now)),
            limits: relayLimits, scrub: lane.provider.eventScrubber, reader: loop.reader, scratch: loop.translationScratch)
    }

    private var relayLimits: RelayLimits {
        let heartbeat = call.dialect.allowsComments ? phases.snapshot.configuration.server.heartbeatMilliseconds : 0
        return RelayLimits(heartbeatNanoseconds: UInt64(heartbeat.millisecondsAsNanoseconds))
    }
}
