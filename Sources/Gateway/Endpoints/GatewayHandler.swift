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
        case control(Route)
        /// Answered already.
        case done
    }

    func handle(_ exchange: any ServerExchange) async {
        // All that needs no waiting happens in `route`: what is held here, every open stream holds.
        switch route(exchange) {
        case .inference(let pipeline): await pipeline.run()
        case .control(let route): await control.answer(route, exchange)
        case .done: break
        }
    }

    @inline(never)
    private func route(_ exchange: any ServerExchange) -> Work {
        guard admit(exchange) else { return .done }
        let route = Route.of(exchange.request)
        switch route {
        case .inference(let dialect):
            let call = InferenceCall(
                requestID: loop.requestIDs.next(), dialect: dialect, startedNanoseconds: exchange.receivedNanoseconds)
            return .inference(InferencePipeline(context: context, loop: loop, exchange: exchange, call: call))
        case .models, .model, .usage, .metrics, .health, .live, .ready, .configStatus, .probe:
            return .control(route)
        case .responsesUpgrade:
            refuse(exchange, 426, .invalidRequest, "WebSocket is not offered here: POST to /v1/responses.") { fields in
                fields.add(.upgrade, "HTTP/1.1")
            }
        case .notFound:
            refuse(exchange, 404, .notFound, "There is nothing at this path.")
        case .methodNotAllowed(let allow):
            refuse(exchange, 405, .methodNotAllowed, "This path takes \(allow) only.") { fields in
                fields.add(.allow, allow)
            }
        }
        return .done
    }

    /// Turns away what foreign web pages send, and our own requests that came back.
    private func admit(_ exchange: any ServerExchange) -> Bool {
        switch BrowserGuard.judge(exchange.request) {
        case .allowed: break
        case .foreignHost:
            refuse(exchange, 403, .permissionDenied, "The Host of the request is not this gateway.")
            return false
        case .foreignOrigin:
            refuse(exchange, 403, .permissionDenied, "Pages of other origins may not call this gateway.")
            return false
        }
        guard !isOwnRequest(exchange.request) else {
            refuse(exchange, 508, .upstreamFailed, "The gateway is its own upstream: its Via stands in the request.")
            return false
        }
        return true
    }

    /// A provider's address that leads back here would send a request round and round.
    private func isOwnRequest(_ request: MessageHead) -> Bool {
        guard let via = request.value(of: .via) else { return false }
        let name = UpstreamRequestHead.via
        return ByteSearch.firstIndex(
            of: UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), in: via) != nil
    }

    private func refuse(
        _ exchange: any ServerExchange, _ status: UInt16, _ kind: ErrorKind, _ message: String,
        _ fields: (inout any FieldWriter) -> Void = { _ in }
    ) {
        let refusal = refusal(status, kind, message, exchange.request)
        exchange.answer(status, contentType: refusal.contentType, refusal.body) { writer in
            for field in refusal.fields { writer.add(field.name, field.value) }
            fields(&writer)
        }
    }

    /// Counts and logs a refusal and puts it in words. The client's own id is told, when it sent a sane one.
    private func refusal(
        _ status: UInt16, _ kind: ErrorKind, _ message: String, _ head: MessageHead?
    ) -> ServerRefusal {
        loop.counts.countRefusal(status: status)
        let id = head.flatMap(ClientRequestID.of) ?? loop.requestIDs.next()
        context.logger.debug("request refused", metadata: ["request": "\(id)", "status": "\(status)"])
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
