import Dialects
import HTTP

/// What a request's method and path ask for: decided once, here, by exact bytes; everything else is 404 or 405.
enum Route: Equatable, Sendable {
    /// An answer of a model, a count of tokens, or embeddings, in a client's dialect.
    case inference(InferenceRoute)
    /// `GET /v1/responses` with `Upgrade: websocket`, which Codex tries first and which is refused at once.
    case responsesUpgrade
    /// The list of models, in a client's shape.
    case models(ModelShape)
    /// One model; its id may hold slashes.
    case model(String, ModelShape)
    case usage
    case metrics
    case health
    case live
    case ready
    case configStatus
    /// The bare address, and Claude Code's probe: 200 without a key.
    case probe
    case notFound
    /// The path exists; these are its methods, and this is the route that they lead to.
    indirect case methodNotAllowed(allow: StaticString, of: Route)

    static func == (left: Route, right: Route) -> Bool {
        switch (left, right) {
        case (.inference(let a), .inference(let b)): a == b
        case (.models(let a), .models(let b)): a == b
        case (.model(let a, let shapeA), .model(let b, let shapeB)): a == b && shapeA == shapeB
        case (.methodNotAllowed(let a, let routeA), .methodNotAllowed(let b, let routeB)):
            a.description == b.description && routeA == routeB
        case (.responsesUpgrade, .responsesUpgrade), (.usage, .usage), (.metrics, .metrics), (.health, .health),
            (.live, .live), (.ready, .ready), (.configStatus, .configStatus), (.probe, .probe), (.notFound, .notFound):
            true
        default: false
        }
    }

    /// The route of a request whose head was accepted. The query decides nothing but the form of a Gemini stream.
    static func of(_ head: MessageHead) -> Route {
        let path = head.path
        if path.equals("/v1/chat/completions") { return post(head, .inference(InferenceRoute(.chat))) }
        if path.equals("/v1/messages") { return post(head, .inference(InferenceRoute(.messages))) }
        if path.equals("/v1/messages/count_tokens") { return post(head, .inference(InferenceRoute(.messages, .countTokens))) }
        if path.equals("/v1/responses/input_tokens") { return post(head, .inference(InferenceRoute(.responses, .countTokens))) }
        if path.equals("/v1/embeddings") { return post(head, .inference(InferenceRoute(.chat, .embed))) }
        if path.equals("/v1/responses") {
            return head.method == .get && head.value(of: .upgrade)?.starts(withIgnoringCase: "websocket") ?? false
                ? .responsesUpgrade : post(head, .inference(InferenceRoute(.responses)))
        }
        if path.equals("/v1/models") || path.equals("/v1beta/models") { return get(head, .models(ModelShape(of: head))) }
        if path.equals("/usage") { return get(head, .usage) }
        if path.equals("/metrics") { return get(head, .metrics) }
        if path.equals("/health") { return get(head, .health) }
        if path.equals("/livez") { return get(head, .live) }
        if path.equals("/readyz") { return get(head, .ready) }
        if path.equals("/config/status") { return get(head, .configStatus) }
        if path.equals("/") || path.equals("/api/hello") { return get(head, .probe) }
        return behindModels(head)
    }

    /// `/v1/models/…` and `/v1beta/models/…`: one model, or what is asked of it in Gemini's way.
    private static func behindModels(_ head: MessageHead) -> Route {
        guard let rest = InferenceRoute.behindModels(head.path) else { return .notFound }
        if let route = InferenceRoute(geminiPath: head.path, query: head.query) { return post(head, .inference(route)) }
        // A method of Gemini's that is not offered, such as `embedContent`.
        if head.method == .post, head.path.starts(with: "/v1beta/"), rest.contains(UInt8(ascii: ":")) { return .notFound }
        return get(head, .model(PercentCoding.decoded(rest), ModelShape(of: head)))
    }

    /// The dialect in which a path's errors are told; OpenAI's where a path has none of its own.
    static func dialect(of head: MessageHead) -> Dialect {
        let path = head.path
        if path.starts(with: "/v1/messages") { return .messages }
        if path.starts(with: "/v1/responses") { return .responses }
        if path.starts(with: "/v1beta/") || InferenceRoute(geminiPath: path, query: nil) != nil { return .gemini }
        if path.starts(with: "/v1/models"), head.value(of: .anthropicVersion) != nil { return .messages }
        return .chat
    }

    private static func post(_ head: MessageHead, _ route: Route) -> Route {
        head.method == .post ? route : .methodNotAllowed(allow: "POST", of: route)
    }

    private static func get(_ head: MessageHead, _ route: Route) -> Route {
        head.method == .get || head.method == .head ? route : .methodNotAllowed(allow: "GET, HEAD", of: route)
    }
}
