import CLinux
import Dialects
import HTTP
import Reactor
import Routing
import Streaming

/// The way of one inference request, top to bottom: authenticate, parse, admit, plan, attempt, relay, settle.
///
/// It runs on the connection's task, on the connection's loop. Each phase throws a `GatewayError`; `run` is the only place where one
/// becomes an answer, and `settle` the only one where a call becomes a row.
struct InferencePipeline {
    let context: GatewayContext
    let loop: LoopContext
    let exchange: any ServerExchange
    let call: InferenceCall

    func run() async {
        var failure: GatewayError?
        do throws(GatewayError) {
            let body = try await parse()
            try admit()
            let provider = try plan()
            try await attempt(provider, body)
        } catch {
            failure = error
            answer(error)
        }
        settle(failure)
    }

    // MARK: Parse

    /// Reads the body and finds the few facts in it that the gateway acts on.
    private func parse() async throws(GatewayError) -> RequestBody {
        noteHeaders()
        guard isJSON else {
            throw GatewayError(
                .unsupportedMediaType, .client, "The request needs Content-Type: application/json and no Content-Encoding.",
                label: "unsupported_media_type")
        }
        let body: RequestBody
        do throws(BodyFailure) {
            body = try await exchange.readBody()
        } catch {
            throw GatewayError(error)
        }
        call.workStartedNanoseconds = ekai_monotonic_ns()
        call.bodyBytes = body.bytes.count
        do throws(RequestProblem) {
            call.facts = try RequestFacts(body.bytes, dialect: call.dialect, tape: loop.tape)
        } catch {
            throw GatewayError(error)
        }
        call.session = call.session ?? call.facts?.sessionHint
        return body
    }

    private func noteHeaders() {
        let request = exchange.request
        if let id = request.value(of: .xRequestID), Self.isSaneID(id) { call.clientRequestID = id.text }
        for name in [FieldName.xClaudeCodeSessionID, .sessionID, .threadID, .xSessionID] {
            if let session = request.value(of: name), !session.isEmpty, call.session == nil {
                call.session = UnsafeRawBufferPointer(rebasing: session.prefix(DialectLimits.hintBytesMax)).text
            }
        }
    }

    /// JSON, sent as it is: a form or a plain text, which a foreign web page may post without asking, is refused.
    private var isJSON: Bool {
        let request = exchange.request
        if let coding = request.value(of: .contentEncoding), !coding.starts(withIgnoringCase: "identity") { return false }
        guard let type = request.value(of: .contentType) else { return false }
        return type.starts(withIgnoringCase: "application/json")
    }

    /// Fit to be echoed and logged: short, and of unsuspicious characters.
    private static func isSaneID(_ id: UnsafeRawBufferPointer) -> Bool {
        (1...128).contains(id.count)
            && id.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5F: true
                default: false
                }
            }
    }

    // MARK: Admit

    /// Work that could not be finished is not begun.
    private func admit() throws(GatewayError) {
        if exchange.isClientGone { throw .clientGone(isPossiblyBilled: false) }
        if context.isDraining.load(ordering: .relaxed) { throw .stopping(isPossiblyBilled: false) }
    }

    // MARK: Plan

    /// From the model's name to the provider that is asked, which speaks the client's dialect.
    private func plan() throws(GatewayError) -> Provider {
        guard let facts = call.facts else { preconditionFailure("parsed before planned") }
        switch context.models.resolve(facts.model) {
        case .unknown(let nearest):
            var message = "The model '\(facts.model)' does not exist or no configured provider serves it."
            if !nearest.isEmpty { message += " Nearest: \(nearest.prefix(3).joined(separator: ", "))." }
            var error = GatewayError(.modelNotFound, .client, message, label: "model_not_found")
            error.param = "model"
            throw error
        case .targets(let targets):
            guard let target = targets.first(where: { $0.dialects.contains(facts.dialect.wire) }) else {
                throw needsTranslation(facts, targets)
            }
            call.target = target
            call.provider = target.provider
            return context.providers[target.providerIndex]
        }
    }

    private func needsTranslation(_ facts: RequestFacts, _ targets: [Routing.ModelTarget]) -> GatewayError {
        let provider = targets.first?.provider ?? ""
        let spoken = Dialect.allCases.filter { dialect in targets.contains { $0.dialects.contains(dialect.wire) } }
        let names = spoken.map { "\($0.displayName) (\($0.endpointPath))" }.joined(separator: " or ")
        var error = GatewayError(
            .needsTranslation, .client,
            "The model '\(facts.model)' is served by \(provider), which does not speak \(facts.dialect.displayName). "
                + "This version does not translate between dialects: ask for it through \(names).",
            label: "needs_translation")
        error.param = "model"
        return error
    }

    // MARK: Attempt

    private func attempt(_ provider: Provider, _ body: RequestBody) async throws(GatewayError) {
        guard let facts = call.facts, let target = call.target, let path = provider.paths[facts.dialect] else {
            preconditionFailure("planned before attempted")
        }
        let upstream = UpstreamExchange(
            client: loop.client, endpoint: provider.endpoint, timeouts: timeouts(of: provider, facts),
            wakeup: exchange.wakeup, timer: exchange.timer)
        defer { upstream.close() }
        call.attempts += 1
        let edits = ForwardEdits(
            facts, upstreamModel: target.upstreamModel, acceptsStreamOptions: provider.acceptsStreamOptions)
        call.attemptStartedNanoseconds = ekai_monotonic_ns()
        do throws(UpstreamFailure) {
            let request = exchange.request
            try await upstream.perform(
                target: path + query, body: ForwardBody(body, edits: edits).parts()
            ) { sink in UpstreamRequestHead.write(for: provider, from: request, to: &sink) }
        } catch {
            logFailure(error, provider)
            throw GatewayError(error, provider: provider.name)
        }
        call.responseNanoseconds = ekai_monotonic_ns()
        let response = upstream.response
        call.upstreamRequestID = (response.value(of: .requestID) ?? response.value(of: .xRequestID))?.text
        let relay = AnswerRelay(
            context: context, loop: loop, exchange: exchange, call: call, upstream: upstream, provider: provider)
        try await relay.run(hidesUsageChunk: edits.hidesUsageChunk)
    }

    /// `?beta=true` and the like go on: providers read them.
    private var query: String {
        guard let query = exchange.request.query, !query.isEmpty else { return "" }
        return "?" + query.text
    }

    private func timeouts(of provider: Provider, _ facts: RequestFacts) -> UpstreamTimeouts {
        var timeouts = UpstreamTimeouts()
        timeouts.connectNanoseconds = Int64(provider.timeouts.connectMilliseconds) * 1_000_000
        let firstByte =
            facts.isStreaming ? provider.timeouts.firstByteMilliseconds : provider.timeouts.wholeFirstByteMilliseconds
        timeouts.firstByteNanoseconds = Int64(firstByte) * 1_000_000
        return timeouts
    }

    private func logFailure(_ failure: UpstreamFailure, _ provider: Provider) {
        guard failure.kind != .clientGone else { return }
        context.logger.warning(
            "attempt failed",
            metadata: [
                "request": "\(call.requestID)", "provider": "\(provider.name)", "failure": "\(failure.kind)",
                "possibly_billed": "\(failure.isPossiblyBilled)",
            ])
    }

    // MARK: Answering errors

    /// A JSON error as long as the head is not out; the relay has ended a stream itself.
    private func answer(_ error: GatewayError) {
        guard error.isAnswerable, !exchange.isHeadSent else { return }
        let body = ErrorBody(
            dialect: call.dialect, kind: error.kind, message: error.message, param: error.param,
            requestID: call.shownRequestID)
        call.status = body.status
        exchange.answer(UInt16(body.status), contentType: "application/json", body.json()) { fields in
            AnswerHead.addOwnFields(call, to: &fields)
            if error.kind.forbidsRetry { fields.add(.xShouldRetry, "false") }
            if let seconds = error.retryAfterSeconds { fields.add(.retryAfter, seconds) }
        }
    }

    // MARK: Settle

    /// Offers the row to the books; never waits. A request that was not understood has no row.
    private func settle(_ failure: GatewayError?) {
        guard call.facts != nil else { return }
        if call.status == 0 { call.status = failure?.outcome == .cancelled ? 499 : 500 }
        let outcome = failure?.outcome ?? .ok
        context.store.offer(
            call.record(
                outcome: outcome, errorKind: failure?.label, isPossiblyBilled: failure?.isPossiblyBilled ?? false,
                nowNanoseconds: ekai_monotonic_ns()))
        context.logger.debug(
            "request settled",
            metadata: [
                "request": "\(call.requestID)", "provider": "\(call.provider)", "status": "\(call.status)",
                "outcome": "\(outcome.rawValue)",
            ])
    }
}
