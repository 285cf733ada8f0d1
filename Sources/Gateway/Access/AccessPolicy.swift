import HTTP

/// The one place that decides who may do what. Immutable: the same question gets the same answer, and nothing but the request's head and
/// the configuration counts. The peer's address does not: behind a proxy on this machine everybody comes from loopback.
///
/// It judges the `Route` that the request will take, not the path once more, so that the two cannot disagree about it.
final class AccessPolicy: Sendable {
    enum Verdict: Equatable {
        case allowed(as: Principal)
        /// A browser asks for a page of an allowed origin whether it may send a request (Fetch standard section 3.2.2). It shows no
        /// credential when it asks. These are the methods of the path.
        case preflight(methods: String)
        case refused(AccessRefusal)
    }

    /// The parts of a request's head that count. Borrows them.
    struct Request {
        var method: HTTPMethod
        /// Host and port that the request is for.
        var authority: UnsafeRawBufferPointer?
        var origin: UnsafeRawBufferPointer?
        var credential: PresentedCredential
        /// Whether `Access-Control-Request-Method` is there.
        var asksBeforehand: Bool
    }

    private let admin: SHA256Digest?
    private let viewer: SHA256Digest?
    private let hasKeys: Bool
    private let browsers: BrowserGuard
    /// What `/metrics` asks for.
    let metricsRight: Right

    init(_ configuration: AccessConfiguration) {
        admin = configuration.adminKey.map { $0.withBytes(SHA256Digest.init(of:)) }
        viewer = configuration.viewerKey.map { $0.withBytes(SHA256Digest.init(of:)) }
        hasKeys = configuration.hasKeys
        browsers = BrowserGuard(configuration)
        metricsRight = configuration.metricsArePublic ? .open : .viewer
    }

    /// What `route` asks for, once there are keys. A new route does not compile before it stands here.
    ///
    /// A wrong method asks for what the right one does, so that nobody learns without a key what there is behind it; a path where
    /// nothing is says so to everyone, as the source of the gateway does.
    func right(for route: Route) -> Right {
        switch route {
        case .health, .live, .ready, .probe, .notFound: .open
        case .inference, .responsesUpgrade, .models, .model: .client
        case .usage, .configStatus: .viewer
        case .metrics: metricsRight
        case .methodNotAllowed(_, let route): right(for: route)
        }
    }

    /// Whether a request may take `route`.
    func judge(_ route: Route, _ request: Request) -> Verdict {
        let right = right(for: route)
        guard browsers.knows(request.authority, hostRule(right)) else { return .refused(.foreignHost) }
        let origin = browsers.origin(request.origin, calling: request.authority)
        guard origin != .foreign else { return .refused(.foreignOrigin) }
        if origin == .allowed, request.method == .options, request.asksBeforehand,
            case .methodNotAllowed(let methods, _) = route
        {
            return .preflight(methods: methods.description)
        }
        guard hasKeys, right != .open else { return .allowed(as: .anonymous) }
        guard let principal = principal(request.credential) else { return .refused(.unauthorized) }
        return principal.has(right) ? .allowed(as: principal) : .refused(.forbidden)
    }

    /// Whether the answer, whatever it is, is for a page of an allowed other origin to read.
    func isCrossOrigin(_ request: Request) -> Bool {
        browsers.origin(request.origin, calling: request.authority) == .allowed
    }

    /// The parts of `head` that `judge` wants for `route`. Without keys no credential is looked at.
    func request(_ head: MessageHead, for route: Route) -> Request {
        Request(
            method: head.method, authority: head.authority, origin: head.value(of: .origin),
            credential: hasKeys && right(for: route) != .open
                ? PresentedCredential(of: head, isQueryRead: Self.readsQueryKey(route)) : .none,
            asksBeforehand: head.value(of: .accessControlRequestMethod) != nil)
    }

    private func hostRule(_ right: Right) -> BrowserGuard.HostRule {
        guard hasKeys else { return .loopback }
        return switch right {
        case .open, .client: .any
        case .viewer, .admin: .addresses
        }
    }

    /// Only Google's paths have their key in the query; anywhere else it would stand in logs of proxies for nothing.
    private static func readsQueryKey(_ route: Route) -> Bool {
        switch route {
        case .inference(let route): route.dialect == .gemini
        case .models(let shape), .model(_, let shape): shape == .gemini
        case .responsesUpgrade, .usage, .metrics, .health, .live, .ready, .configStatus, .probe, .notFound: false
        case .methodNotAllowed(_, let route): readsQueryKey(route)
        }
    }

    /// Whose key it is. Every key is compared, in constant time each, whichever fits.
    private func principal(_ credential: PresentedCredential) -> Principal? {
        guard case .hashed(let digest) = credential else { return nil }
        let isAdmin = admin == digest
        let isViewer = viewer == digest
        return isAdmin ? .admin : isViewer ? .viewer : nil
    }
}
