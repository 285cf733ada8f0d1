import Dialects
import HTTP
import Logging

/// Answers every request of one loop's clients: routes it, and hands it to the pipeline or to an endpoint. Loop-confined.
final class GatewayHandler: ServerHandler {
    private let context: GatewayContext
    private let loop: LoopContext
    private let control: ControlEndpoints

    init(context: GatewayContext, loop: LoopContext) {
        self.context = context
        self.loop = loop
        control = ControlEndpoints(context: context, loop: loop)
    }

    /// What a request comes to once it is routed.
    private enum Work {
        case inference(InferencePipeline)
        case tokenCount(TokenCountPipeline)
        case embedding(EmbeddingPipeline)
        case control(Route)
        /// Answered already.
        case done
    }

    func handle(_ exchange: any ServerExchange) async {
        // All that needs no waiting happens in `route`: what is held here, every open stream holds.
        switch route(exchange) {
        case .inference(let pipeline): await pipeline.run()
        case .tokenCount(let pipeline): await pipeline.run()
        case .embedding(let pipeline): await pipeline.run()
        case .control(let route): await control.answer(route, exchange)
        case .done: break
        }
    }

    @inline(never)
    private func route(_ exchange: any ServerExchange) -> Work {
        let route = Route.of(exchange.request)
        guard let principal = admit(exchange, route) else { return .done }
        switch route {
        case .inference(let route):
            let call = InferenceCall(
                &loop.requestIDs, route: route, startedNanoseconds: exchange.receivedNanoseconds)
            call.principal = principal
            if context.logger.logLevel <= .debug { call.clientAddress = clientAddress(of: exchange) }
            switch route.operation {
            case .answer, .generate, .stream:
                return .inference(InferencePipeline(context: context, loop: loop, exchange: exchange, call: call))
            case .countTokens: return .tokenCount(TokenCountPipeline(context: context, loop: loop, exchange: exchange, call: call))
            case .embed: return .embedding(EmbeddingPipeline(context: context, loop: loop, exchange: exchange, call: call))
            }
        case .models, .model, .usage, .metrics, .health, .live, .ready, .configStatus, .probe:
            return .control(route)
        case .responsesUpgrade:
            refuse(exchange, 426, .invalidRequest, "WebSocket is not offered here: POST to /v1/responses.") { fields in
                fields.add(.upgrade, "HTTP/1.1")
            }
        case .notFound:
            refuse(exchange, 404, .notFound, "There is nothing at this path.")
        case .methodNotAllowed(let allow, _):
            refuse(exchange, 405, .methodNotAllowed, "This path takes \(allow) only.") { fields in
                fields.add(.allow, allow)
            }
        }
        return .done
    }

    // MARK: Admission

    /// Who sends the request, when it may take its route; nil when it has been answered: refused, or a browser's question.
    private func admit(_ exchange: any ServerExchange, _ route: Route) -> Principal? {
        let request = loop.snapshot.access.request(exchange.request, for: route)
        if let origin = request.origin, loop.snapshot.access.isCrossOrigin(request) {
            exchange.commonFields = CrossOrigin.commonFields(for: origin)
        }
        let principal: Principal
        switch loop.snapshot.access.judge(route, request) {
        case .allowed(let caller): principal = caller
        case .preflight(let methods):
            answerPreflight(exchange, methods)
            return nil
        case .refused(let reason):
            turnAway(exchange, reason)
            return nil
        }
        guard !isOwnRequest(exchange.request) else {
            refuse(exchange, 508, .upstreamFailed, "The gateway is its own upstream: its Via stands in the request.")
            return nil
        }
        return principal
    }

    private func turnAway(_ exchange: any ServerExchange, _ reason: AccessRefusal) {
        let facts: Logger.Metadata = ["client": "\(clientAddress(of: exchange))", "reason": "\(reason.rawValue)"]
        refuse(exchange, reason.status, reason.kind, reason.message, logged: .info, facts) { fields in
            if reason == .unauthorized { fields.add(.wwwAuthenticate, "Bearer realm=\"ekai\"") }
        }
    }

    /// Tells a browser that a page of an allowed origin may call the path. What it may do there, its key decides.
    private func answerPreflight(_ exchange: any ServerExchange, _ methods: String) {
        let requested = exchange.request.value(of: .accessControlRequestHeaders)
        exchange.sendHead(204, body: .none) { fields in
            CrossOrigin.addPreflightFields(methods: methods, requested: requested, to: &fields)
        }
        exchange.finish()
    }

    private func clientAddress(of exchange: any ServerExchange) -> ClientAddress {
        var lines: [UnsafeRawBufferPointer] = []
        exchange.request.forEachField { field in if field.name == .xForwardedFor { lines.append(field.value) } }
        return ClientAddress(
            peer: exchange.peerAddress, forwardedFor: lines, trusted: loop.snapshot.configuration.access.trustedProxies)
    }

    /// A provider's address that leads back here would send a request round and round.
    private func isOwnRequest(_ request: MessageHead) -> Bool {
        guard let via = request.value(of: .via) else { return false }
        return context.via.stands(in: via)
    }

    private func refuse(
        _ exchange: any ServerExchange, _ status: UInt16, _ kind: ErrorKind, _ message: String,
        logged level: Logger.Level = .debug, _ facts: Logger.Metadata = [:],
        _ fields: (inout any FieldWriter) -> Void = { _ in }
    ) {
        let refusal = refusal(status, kind, message, exchange.request, logged: level, facts)
        exchange.answer(status, contentType: refusal.contentType, refusal.body) { writer in
            for field in refusal.fields { writer.add(field.name, field.value) }
            fields(&writer)
        }
    }

    /// Counts and logs a refusal and puts it in words. Its id is the client's own, when that sent a sane one.
    private func refusal(
        _ status: UInt16, _ kind: ErrorKind, _ message: String, _ head: MessageHead?, logged level: Logger.Level = .debug,
        _ facts: Logger.Metadata = [:]
    ) -> ServerRefusal {
        loop.counts.countRefusal(status: status)
        let id = head.flatMap(ClientRequestID.of) ?? loop.nextRequestID()
        context.logger.log(
            level: level, "request refused",
            metadata: facts.merging(["request": "\(id)", "status": "\(status)"]) { $1 })
        let dialect = head.map { Route.dialect(of: $0) } ?? .chat
        var fields: [(name: FieldName, value: String)] = [(name: .xRequestID, value: id)]
        if dialect == .messages { fields.append((name: .requestID, value: id)) }
        return ServerRefusal(
            contentType: "application/json",
            body: ErrorBody(dialect: dialect, kind: kind, message: message, requestID: id).json(), fields: fields)
    }

    func refusal(status: UInt16, message: StaticString, head: MessageHead?) -> ServerRefusal {
        let kind: ErrorKind =
            switch status {
            case 408: .timeout
            case 413: .requestTooLarge
            case 500: .internal
            default: .invalidRequest
            }
        return refusal(status, kind, message.description, head)
    }
}
