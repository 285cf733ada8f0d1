import CLinux
import Dialects
import HTTP
import Reactor
import Routing

/// The phases of a request that has one small answer and no stream: counting tokens, embeddings. They are those of `InferencePipeline`; one that
/// fails throws the error that ends the way.
///
/// Belongs to one request, on its connection's task and loop.
final class UnaryPhases {
    let context: GatewayContext
    let loop: LoopContext
    let exchange: any ServerExchange
    let call: InferenceCall
    /// The configuration that was in force when the request came: it holds to its end.
    private let snapshot: GatewaySnapshot
    private var upstream: UpstreamExchange?

    init(context: GatewayContext, loop: LoopContext, exchange: any ServerExchange, call: InferenceCall) {
        self.context = context
        self.loop = loop
        self.exchange = exchange
        self.call = call
        snapshot = loop.snapshot
    }

    // MARK: Parse, admit

    /// Reads the body and the few facts in it that the gateway acts on, and goes on only with what could be finished.
    func readRequest() async throws(GatewayError) -> RequestBody {
        call.noteHeaders(of: exchange.request)
        guard exchange.request.holdsJSON else { throw .notJSON }
        let body: RequestBody
        do throws(BodyFailure) {
            body = try await exchange.readBody()
        } catch {
            throw GatewayError(error)
        }
        call.workStartedNanoseconds = ekai_monotonic_ns()
        call.bodyBytes = body.bytes.count
        do throws(RequestProblem) {
            call.facts = try RequestFacts(body.bytes, dialect: call.dialect, path: call.route.path, tape: loop.tape)
        } catch {
            throw GatewayError(error)
        }
        call.session = call.session ?? call.facts?.sessionHint
        if exchange.isClientGone { throw GatewayError(clientGone: false) }
        if context.isDraining.load(ordering: .relaxed) { throw GatewayError(stopping: false) }
        return body
    }

    // MARK: Plan

    /// The provider of the model that the request names.
    func plan() throws(GatewayError) -> (provider: Provider, model: String) {
        switch snapshot === loop.snapshot ? loop.resolve(call.model) : snapshot.models.resolve(call.model) {
        case .unknown(let nearest): throw GatewayError(unknownModel: call.model, nearest: nearest)
        case .targets(let targets):
            guard let target = targets.first else { preconditionFailure("a resolution has a target") }
            call.target = target
            call.provider = target.provider
            return (snapshot.providers[target.providerIndex], target.upstreamModel)
        }
    }

    // MARK: Attempt

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
        let upstream = prepare(provider)
        let request = exchange.request
        let (call, via) = (call, context.via)
        do throws(UpstreamFailure) {
            try await upstream.perform(target: question.target, body: question.body) { sink in
                UpstreamRequestHead.write(
                    for: provider, from: request, question.dialect, isTranslated: call.isTranslated, via: via, to: &sink)
            }
        } catch {
            throw failed(error, provider)
        }
        call.responseNanoseconds = ekai_monotonic_ns()
        let response = upstream.response
        provider.maskSecrets(in: response)
        call.upstreamRequestID = (response.value(of: .requestID) ?? response.value(of: .xRequestID))?.text
        return RelayLane(
            context: context, snapshot: snapshot, loop: loop, exchange: exchange, call: call, upstream: upstream, provider: provider)
    }

    private func prepare(_ provider: Provider) -> UpstreamExchange {
        var timeouts = UpstreamTimeouts()
        timeouts.connectNanoseconds = provider.timeouts.connectMilliseconds.millisecondsAsNanoseconds
        timeouts.firstByteNanoseconds = provider.timeouts.wholeFirstByteMilliseconds.millisecondsAsNanoseconds
        let upstream = UpstreamExchange(
            client: loop.client, endpoint: provider.endpoint, timeouts: timeouts, wakeup: exchange.wakeup, timer: exchange.timer)
        self.upstream = upstream
        call.attempts += 1
        call.attemptStartedNanoseconds = ekai_monotonic_ns()
        return upstream
    }

    private func failed(_ error: UpstreamFailure, _ provider: Provider) -> GatewayError {
        if error.kind != .clientGone {
            context.logger.warning(
                "attempt failed",
                metadata: call.logMetadata.merging([
                    "provider": "\(provider.name)", "failure": "\(error.kind)", "possibly_billed": "\(error.isPossiblyBilled)",
                ]) { $1 })
        }
        return GatewayError(error, provider: provider.name)
    }

    // MARK: End

    /// Ends the way: the connection to the provider, the client's answer where it has none yet, the counts, and, with `isBooked`, a row.
    func end(_ failure: GatewayError?, isBooked: Bool) {
        upstream?.close()
        if let failure { answer(failure) }
        if call.status == 0 { call.status = failure?.outcome == .cancelled ? 499 : 500 }
        let now = ekai_monotonic_ns()
        let outcome = failure?.outcome ?? .ok
        let isCurrent = snapshot === loop.snapshot
        if isBooked, call.isUnderstood {
            let record = call.record(
                outcome: outcome, errorKind: failure?.label, isPossiblyBilled: failure?.isPossiblyBilled ?? false, nowNanoseconds: now)
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

    private func answer(_ error: GatewayError) {
        guard error.isAnswerable, !exchange.isHeadSent else { return }
        let body = ErrorBody(
            dialect: call.dialect, kind: error.kind, message: error.message, param: error.param, requestID: call.shownRequestID)
        call.status = error.status ?? body.status
        exchange.answer(UInt16(call.status), contentType: "application/json", body.json()) { fields in
            AnswerHead.addOwnFields(call, to: &fields)
            if error.kind.forbidsRetry { fields.add(.xShouldRetry, "false") }
            if let seconds = error.retryAfterSeconds { fields.add(.retryAfter, UInt64(clamping: seconds)) }
        }
    }
}

extension RelayLane {
    /// The whole body of the response, the operator's secrets masked.
    ///
    /// - Parameter bytesMax: a longer one is an error of the provider.
    func wholeBody(bytesMax: Int) async throws(GatewayError) -> WholeBody {
        let body = WholeBody()
        do throws(UpstreamFailure) {
            while body.count <= bytesMax, let bytes = try await nextPiece() {
                call.noteUpstreamBytes()
                body.append(bytes)
            }
        } catch {
            throw GatewayError(error, provider: provider.name)
        }
        guard body.count <= bytesMax else {
            throw GatewayError(
                .upstreamFailed, .upstream, "\(provider.name) sent an oversized answer.", label: "oversized_answer", isPossiblyBilled: true)
        }
        provider.maskSecrets(in: body.bytes)
        return body
    }

    /// Answers with a body of the gateway's making, in the client's dialect.
    func answer(_ bytes: UnsafeRawBufferPointer, contentType: StaticString? = "application/json") {
        let head = AnswerHead(
            exchange, call: call, upstream: upstream, status: 200, body: .length(UInt64(bytes.count)), isEventStream: false,
            contentType: contentType)
        head.send()
        exchange.send(bytes)
        exchange.finish()
    }
}

/// A response's body that is read to its end.
final class WholeBody {
    private var store = ByteAccumulator()

    /// Valid until the next `append`, as long as this object is.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(store.bytes) }
    var count: Int { store.count }

    func append(_ bytes: UnsafeRawBufferPointer) { store.append(bytes) }
}
