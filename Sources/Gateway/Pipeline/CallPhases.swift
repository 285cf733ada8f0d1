import CLinux
import Dialects
import HTTP
import Reactor
import Routing

/// A call, what it takes place in, and the phases that every way of a request has: an answer of a model, a count of tokens, embeddings.
///
/// `end` is the only place where an error becomes an answer, and where a call becomes a row. On the call's own loop.
struct CallPhases {
    let context: GatewayContext
    let loop: LoopContext
    /// The configuration that was in force when the request came: it holds to its end.
    let snapshot: GatewaySnapshot
    let exchange: any ServerExchange
    let call: InferenceCall

    init(context: GatewayContext, loop: LoopContext, exchange: any ServerExchange, call: InferenceCall) {
        self.context = context
        self.loop = loop
        self.exchange = exchange
        self.call = call
        snapshot = loop.snapshot
    }

    // MARK: Parse

    /// What the head tells, before the body is read.
    @inline(never)
    func checkHeaders() throws(GatewayError) {
        call.noteHeaders(of: exchange.request)
        guard exchange.request.holdsJSON else { throw .notJSON }
    }

    /// Finds the few facts in the body that the gateway acts on.
    @inline(never)
    func parse(_ body: RequestBody) throws(GatewayError) {
        call.workStartedNanoseconds = ekai_monotonic_ns()
        call.bodyBytes = body.bytes.count
        do throws(RequestProblem) {
            call.facts = try RequestFacts(body.bytes, dialect: call.dialect, path: call.route.path, tape: loop.tape)
        } catch {
            throw GatewayError(error)
        }
        call.session = call.session ?? call.facts?.sessionHint
    }

    // MARK: Admit

    /// Work that could not be finished is not begun.
    func admit() throws(GatewayError) {
        if exchange.isClientGone { throw GatewayError(clientGone: false) }
        if context.isDraining.load(ordering: .relaxed) { throw GatewayError(stopping: false) }
    }

    // MARK: Plan

    /// From the model's name to the provider that is asked.
    @inline(never)
    func resolve() throws(GatewayError) -> (target: Routing.ModelTarget, provider: Provider) {
        // A reload while the body came in: the memory is of the configuration that is in force by now.
        switch snapshot === loop.snapshot ? loop.resolve(call.model) : snapshot.models.resolve(call.model) {
        case .unknown(let nearest):
            throw GatewayError(unknownModel: call.model, nearest: nearest)
        case .targets(let targets):
            guard let target = targets.first else { preconditionFailure("a resolution has a target") }
            call.target = target
            call.provider = target.provider
            return (target, snapshot.providers[target.providerIndex])
        }
    }

    // MARK: Attempt

    /// A way to the provider, within its times.
    ///
    /// - Parameter isStreaming: an answer that is not streamed may begin later.
    @inline(never)
    func beginAttempt(at provider: Provider, isStreaming: Bool) -> UpstreamExchange {
        let firstByte =
            isStreaming ? provider.timeouts.firstByteMilliseconds : provider.timeouts.wholeFirstByteMilliseconds
        var timeouts = UpstreamTimeouts()
        timeouts.connectNanoseconds = provider.timeouts.connectMilliseconds.millisecondsAsNanoseconds
        timeouts.firstByteNanoseconds = firstByte.millisecondsAsNanoseconds
        call.attempts += 1
        call.attemptStartedNanoseconds = ekai_monotonic_ns()
        return UpstreamExchange(
            client: loop.client, endpoint: provider.endpoint, timeouts: timeouts, wakeup: exchange.wakeup, timer: exchange.timer)
    }

    /// The attempt failed before there was a response.
    @inline(never)
    func attemptFailed(_ error: UpstreamFailure, at provider: Provider) -> GatewayError {
        if error.kind != .clientGone {
            context.logger.warning(
                "attempt failed",
                metadata: call.logMetadata.merging([
                    "provider": "\(provider.name)", "failure": "\(error.kind)",
                    "possibly_billed": "\(error.isPossiblyBilled)",
                ]) { $1 })
        }
        return GatewayError(error, provider: provider.name)
    }

    /// The head of the provider's response is here.
    @inline(never)
    func noteResponse(_ upstream: UpstreamExchange, of provider: Provider) {
        call.responseNanoseconds = ekai_monotonic_ns()
        let response = upstream.response
        provider.maskSecrets(in: response)
        call.upstreamRequestID = (response.value(of: .requestID) ?? response.value(of: .xRequestID))?.text
    }

    /// What a carrier stands between.
    func lane(_ upstream: UpstreamExchange, _ provider: Provider) -> RelayLane {
        RelayLane(
            context: context, snapshot: snapshot, loop: loop, exchange: exchange, call: call, upstream: upstream,
            provider: provider)
    }

    // MARK: End

    /// Ends the way: the connection to the provider, the client's answer where it has none yet, the counts, and a row. Never waits.
    ///
    /// - Parameter isBooked: false for a call that costs nothing by its nature.
    @inline(never)
    func end(_ failure: GatewayError?, _ upstream: UpstreamExchange?, isBooked: Bool) {
        upstream?.close()
        if let failure { answer(failure) }
        settle(failure, isBooked: isBooked)
    }

    /// A JSON error as long as the head is not out; a carrier has ended a stream itself.
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

    /// Counts the call and offers its row to the books. A request that was not understood has no row.
    private func settle(_ failure: GatewayError?, isBooked: Bool) {
        if call.status == 0 { call.status = failure?.outcome == .cancelled ? 499 : 500 }
        let outcome = failure?.outcome ?? .ok
        let now = ekai_monotonic_ns()
        let isCurrent = snapshot === loop.snapshot
        if isBooked, call.isUnderstood {
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
