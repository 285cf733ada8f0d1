import Dialects
import HTTP

/// What a request's method and path ask for: decided once, here, by exact bytes; everything else is 404 or 405.
enum Route: Equatable, Sendable {
    /// An answer of a model, in a client's dialect.
    case inference(Dialect)
    /// `GET /v1/responses` with `Upgrade: websocket`, which Codex tries first and which is refused at once.
    case responsesUpgrade
    case models
    /// One model; its id may hold slashes.
    case model(String)
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
        case (.model(let a), .model(let b)): a == b
        case (.methodNotAllowed(let a, let routeA), .methodNotAllowed(let b, let routeB)):
            a.description == b.description && routeA == routeB
        case (.responsesUpgrade, .responsesUpgrade), (.models, .models), (.usage, .usage), (.metrics, .metrics), (.health, .health),
            (.live, .live), (.ready, .ready), (.configStatus, .configStatus), (.probe, .probe), (.notFound, .notFound):
            true
        default: false
        }
    }

    /// The route of a request whose head was accepted. The query never decides.
    static func of(_ head: MessageHead) -> Route {
        let path = head.path
        if path.equals("/v1/chat/completions") { return post(head, .inference(.chat)) }
        if path.equals("/v1/messages") { return post(head, .inference(.messages)) }
        if path.equals("/v1/responses") {
            return head.method == .get && head.value(of: .upgrade)?.starts(withIgnoringCase: "websocket") ?? false
                ? .responsesUpgrade : post(head, .inference(.responses))
        }
        if path.equals("/v1/models") { return get(head, .models) }
        if path.equals("/usage") { return get(head, .usage) }
        if path.equals("/metrics") { return get(head, .metrics) }
        if path.equals("/health") { return get(head, .health) }
        if path.equals("/livez") { return get(head, .live) }
        if path.equals("/readyz") { return get(head, .ready) }
        if path.equals("/config/status") { return get(head, .configStatus) }
        if path.equals("/") || path.equals("/api/hello") { return get(head, .probe) }
        if path.starts(with: "/v1/models/"), path.count > "/v1/models/".utf8.count {
            let id = UnsafeRawBufferPointer(rebasing: path["/v1/models/".utf8.count...])
            return get(head, .model(PercentCoding.decoded(id)))
        }
        return .notFound
    }

    /// The dialect in which a path's errors are told; OpenAI's where a path has none of its own.
    static func dialect(of head: MessageHead) -> Dialect {
        let path = head.path
        if path.starts(with: "/v1/messages") { return .messages }
        if path.starts(with: "/v1/responses") { return .responses }
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
