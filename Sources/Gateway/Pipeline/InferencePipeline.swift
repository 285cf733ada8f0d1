import CLinux
import Dialects
import HTTP
import Reactor
import Routing
import Streaming

/// The way of one inference request, top to bottom: authenticate, parse, admit, plan, translate, attempt, relay, settle.
///
/// It runs on the connection's task, on the connection's loop. A phase that fails leaves a `GatewayError` and ends the way; `answer` is
/// the only place where one becomes an answer, and `settle` the only one where a call becomes a row.
///
/// The asynchronous functions here are short and keep their state in the object: what they hold across a suspension is
/// memory of every open stream (docs/decisions/0010).
final class InferencePipeline {
    private let context: GatewayContext
    private let loop: LoopContext
    /// The configuration that was in force when the request came: it holds to its end.
    private let snapshot: GatewaySnapshot
    private let exchange: any ServerExchange
    private let call: InferenceCall
    private var provider: Provider?
    private var upstream: UpstreamExchange?
    private var hidesUsageChunk = false
    /// The client's request in the provider's dialect, where that is another; its plan serves the answer.
    private var translated: TranslatedBody?
    private var answerPlan: AnswerPlan?
    /// The client's body, until the provider has it.
    private var body: RequestBody?
    private var failure: GatewayError?

    init(context: GatewayContext, loop: LoopContext, exchange: any ServerExchange, call: InferenceCall) {
        self.context = context
        self.loop = loop
        snapshot = loop.snapshot
        self.exchange = exchange
        self.call = call
    }

    func run() async {
        if await readBody(), parse(), admit(), plan(), translate(), await attempt() { await relay() }
        upstream?.close()
        if let failure { answer(failure) }
        settle()
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

    @inline(never)
    private func checkHeaders() -> Bool {
        call.noteHeaders(of: exchange.request)
        return exchange.request.holdsJSON || fail(.notJSON)
    }

    /// Finds the few facts in the body that the gateway acts on.
    @inline(never)
    private func parse() -> Bool {
        guard let body else { preconditionFailure("read before parsed") }
        call.workStartedNanoseconds = ekai_monotonic_ns()
        call.bodyBytes = body.bytes.count
        do throws(RequestProblem) {
            call.facts = try RequestFacts(body.bytes, dialect: call.dialect, path: call.route.path, tape: loop.tape)
        } catch {
            return fail(GatewayError(error))
        }
        call.session = call.session ?? call.facts?.sessionHint
        return true
    }

    // MARK: Admit

    /// Work that could not be finished is not begun.
    private func admit() -> Bool {
        if exchange.isClientGone { return fail(GatewayError(clientGone: false)) }
        if context.isDraining.load(ordering: .relaxed) { return fail(GatewayError(stopping: false)) }
        return true
    }

    // MARK: Plan

    /// From the model's name to the provider that is asked, and the dialect in which it is.
    @inline(never)
    private func plan() -> Bool {
        let model = call.model
        // A reload while the body came in: the memory is of the configuration that is in force by now.
        switch snapshot === loop.snapshot ? loop.resolve(model) : snapshot.models.resolve(model) {
        case .unknown(let nearest):
            return fail(GatewayError(unknownModel: model, nearest: nearest))
        case .targets(let targets):
            guard let target = targets.first,
                let dialect = call.dialect.spoken(to: target.upstreamModel, where: { target.dialects.contains($0.wire) })
            else { preconditionFailure("a provider speaks at least one dialect") }
            call.target = target
            call.provider = target.provider
            call.upstreamDialect = dialect
            provider = snapshot.providers[target.providerIndex]
            return true
        }
    }

    // MARK: Translate

    /// Puts the request in the provider's words where they are not the client's.
    @inline(never)
    private func translate() -> Bool {
        guard call.isTranslated else { return true }
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
            return true
        } catch {
            return fail(GatewayError(error))
        }
    }

    // MARK: Attempt

    /// Sends the request and waits for the head of the response.
    private func attempt() async -> Bool {
        guard let provider else { preconditionFailure("planned before attempted") }
        let upstream = prepare(provider)
        let request = exchange.request
        let (call, via) = (call, context.via)
        do throws(UpstreamFailure) {
            try await upstream.perform(target: target(provider), body: forwardedParts()) { sink in
                UpstreamRequestHead.write(
                    for: provider, from: request, call.upstreamDialect, isTranslated: call.isTranslated, via: via, to: &sink)
            }
        } catch {
            return attemptFailed(error, provider)
        }
        noteResponse(upstream)
        return true
    }

    @inline(never)
    private func prepare(_ provider: Provider) -> UpstreamExchange {
        var timeouts = UpstreamTimeouts()
        timeouts.connectNanoseconds = Int64(provider.timeouts.connectMilliseconds) * 1_000_000
        let firstByte =
            call.isStreaming ? provider.timeouts.firstByteMilliseconds : provider.timeouts.wholeFirstByteMilliseconds
        timeouts.firstByteNanoseconds = Int64(firstByte) * 1_000_000
        let upstream = UpstreamExchange(
            client: loop.client, endpoint: provider.endpoint, timeouts: timeouts, wakeup: exchange.wakeup,
            timer: exchange.timer)
        self.upstream = upstream
        call.attempts += 1
        call.attemptStartedNanoseconds = ekai_monotonic_ns()
        return upstream
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

    @inline(never)
    private func attemptFailed(_ error: UpstreamFailure, _ provider: Provider) -> Bool {
        if error.kind != .clientGone {
            context.logger.warning(
                "attempt failed",
                metadata: call.logMetadata.merging([
                    "provider": "\(provider.name)", "failure": "\(error.kind)",
                    "possibly_billed": "\(error.isPossiblyBilled)",
                ]) { $1 })
        }
        return fail(GatewayError(error, provider: provider.name))
    }

    @inline(never)
    private func noteResponse(_ upstream: UpstreamExchange) {
        call.responseNanoseconds = ekai_monotonic_ns()
        let response = upstream.response
        provider?.maskSecrets(in: response)
        call.upstreamRequestID = (response.value(of: .requestID) ?? response.value(of: .xRequestID))?.text
        // The provider has the request: a long stream keeps neither its body nor its head.
        body = nil
        translated = nil
        exchange.releaseRequest()
    }

    // MARK: Relay

    private func relay() async {
        failure = await carrier().run()
    }

    /// Who carries the response to the client: decided by its status and type.
    @inline(never)
    private func carrier() -> any Carrier {
        guard let upstream, let provider else { preconditionFailure("attempted before relayed") }
        let lane = RelayLane(
            context: context, snapshot: snapshot, loop: loop, exchange: exchange, call: call, upstream: upstream,
            provider: provider)
        let kind = RelayKind(of: upstream.response)
        switch (kind, answerPlan) {
        case (.error, _): return ErrorCarrier(lane)
        case (.stream, nil): return StreamCarrier(lane, relayTransit(lane))
        case (.whole, nil): return WholeCarrier(lane)
        case (.stream, .some(let plan)) where plan.isStreaming:
            return StreamCarrier(lane, translatorTransit(lane, plan), contentType: plan.isJSONArray ? "application/json" : "text/event-stream")
        case (_, .some(let plan)): return TranslatedCarrier(lane, plan: plan, isEventStream: kind == .stream)
        }
    }

    private func relayTransit(_ lane: RelayLane) -> RelayTransit {
        RelayTransit(
            StreamRelay(
                observer: StreamObserver(call.dialect, hidesUsageChunk: hidesUsageChunk, reader: loop.reader),
                client: RelayClient(waitingSince: UInt64(lane.now)), limits: relayLimits, scrub: lane.provider.eventScrubber))
    }

    private func translatorTransit(_ lane: RelayLane, _ plan: AnswerPlan) -> TranslatorTransit {
        TranslatorTransit(
            StreamTranslator(
                from: call.upstreamDialect, to: call.dialect, plan: plan, waiting: RelayClient(waitingSince: UInt64(lane.now)),
                limits: relayLimits, scrub: lane.provider.eventScrubber, reader: loop.reader, scratch: loop.translationScratch))
    }

    private var relayLimits: RelayLimits {
        let heartbeat = call.dialect.allowsComments ? snapshot.configuration.server.heartbeatMilliseconds : 0
        return RelayLimits(heartbeatNanoseconds: UInt64(heartbeat.millisecondsAsNanoseconds))
    }

    // MARK: Answering errors

    /// A JSON error as long as the head is not out; a carrier has ended a stream itself.
    @inline(never)
    private func answer(_ error: GatewayError) {
        guard error.isAnswerable, !exchange.isHeadSent else { return }
        let body = ErrorBody(
            dialect: call.dialect, kind: error.kind, message: error.message, param: error.param,
            requestID: call.shownRequestID)
        call.status = error.status ?? body.status
        exchange.answer(UInt16(call.status), contentType: "application/json", body.json()) { fields in
            AnswerHead.addOwnFields(call, to: &fields)
            if error.kind.forbidsRetry { fields.add(.xShouldRetry, "false") }
            if let seconds = error.retryAfterSeconds { fields.add(.retryAfter, UInt64(clamping: seconds)) }
        }
    }

    // MARK: Settle

    /// Counts the call and offers its row to the books; never waits. A request that was not understood has no row.
    @inline(never)
    private func settle() {
        if call.status == 0 { call.status = failure?.outcome == .cancelled ? 499 : 500 }
        let outcome = failure?.outcome ?? .ok
        let now = ekai_monotonic_ns()
        let isCurrent = snapshot === loop.snapshot
        if call.isUnderstood {
            let record = call.record(
                outcome: outcome, errorKind: failure?.label, isPossiblyBilled: failure?.isPossiblyBilled ?? false,
                nowNanoseconds: now)
            loop.counts.count(call, record, nowNanoseconds: now, models: snapshot.models, isCurrent: isCurrent)
            if snapshot.recordsUsage { context.store.offer(record) }
        } else {
            loop.counts.count(call, nowNanoseconds: now, models: snapshot.models, isCurrent: isCurrent)
        }
        context.logger.debug(
            "request settled",
            metadata: call.logMetadata.merging([
                "provider": "\(call.provider)", "status": "\(call.status)", "outcome": "\(outcome.rawValue)",
                "key": "\(call.principal.keyID ?? "none")", "client": "\(call.clientAddress ?? .unknown)",
            ]) { $1 })
    }
}
