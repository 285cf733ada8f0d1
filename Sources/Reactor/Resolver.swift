import CLinux
import Glibc
import Locking

/// Names to addresses, on helper threads, because `getaddrinfo` blocks.
///
/// Shared by all loops. Answers are remembered for a while; look-ups of the same name that are under way are joined.
public final class Resolver: Sendable {
    /// One who waits for a look-up.
    ///
    /// `@unchecked Sendable`: `completion` is made, called and released on `loop` alone. Were it merely captured, the
    /// last reference to it, and to the connection behind it, could die on a helper thread.
    private final class Waiter: @unchecked Sendable {
        private let loop: EventLoop
        private let port: UInt16
        private var completion: ((Result<[SocketAddress], ConnectFailure>) -> Void)?

        init(
            loop: EventLoop, port: UInt16, completion: @escaping (Result<[SocketAddress], ConnectFailure>) -> Void
        ) {
            self.loop = loop
            self.port = port
            self.completion = completion
        }

        func deliver(_ result: Result<[SocketAddress], ConnectFailure>) {
            loop.post { [self] in
                let completion = self.completion
                self.completion = nil
                completion?(result.map { $0.map { $0.with(port: port) } })
            }
        }
    }

    private struct Answer {
        var result: Result<[SocketAddress], ConnectFailure>
        var expiresNanoseconds: Int64
    }

    private struct State {
        var answers: [String: Answer] = [:]
        var underWay: [String: [Waiter]] = [:]
        var queue: [String] = []
        var threads = 0
    }

    private let state = Locked(State())
    private let lookUp: @Sendable (String) -> Result<[SocketAddress], ConnectFailure>

    /// How long an answer and a failure are believed.
    private let lifetimeNanoseconds, failureLifetimeNanoseconds: Int64

    /// - Parameter lookUp: blocks until it has the addresses (port 0) of a name; a test gives its own.
    public convenience init(
        lookUp: @escaping @Sendable (String) -> Result<[SocketAddress], ConnectFailure> = Resolver.systemLookUp
    ) {
        self.init(
            lifetimeNanoseconds: ReactorLimits.resolverTTLNanoseconds,
            failureLifetimeNanoseconds: ReactorLimits.resolverFailureTTLNanoseconds, lookUp: lookUp)
    }

    init(
        lifetimeNanoseconds: Int64, failureLifetimeNanoseconds: Int64,
        lookUp: @escaping @Sendable (String) -> Result<[SocketAddress], ConnectFailure>
    ) {
        self.lifetimeNanoseconds = lifetimeNanoseconds
        self.failureLifetimeNanoseconds = failureLifetimeNanoseconds
        self.lookUp = lookUp
    }

    /// Resolves `host` and calls `completion` on `loop`: within this call when the answer is known, else later.
    public func resolve(
        _ host: String, port: UInt16, on loop: EventLoop,
        completion: @escaping (Result<[SocketAddress], ConnectFailure>) -> Void
    ) {
        loop.preconditionInLoop()
        if let literal = SocketAddress(literal: host, port: port) { return completion(.success([literal])) }
        let waiter = Waiter(loop: loop, port: port, completion: completion)
        let now = loop.now
        let known = state.withLock { state -> Result<[SocketAddress], ConnectFailure>? in
            if let answer = state.answers[host], answer.expiresNanoseconds > now { return answer.result }
            if state.underWay[host] != nil {
                state.underWay[host]?.append(waiter)
                return nil
            }
            guard state.queue.count < ReactorLimits.resolverQueueMax else {
                return .failure(.unresolved("too many look-ups are waiting"))
            }
            if state.threads < ReactorLimits.resolverThreadsMax, startThread() { state.threads += 1 }
            guard state.threads > 0 else { return .failure(.unresolved("no thread for a look-up")) }
            state.underWay[host] = [waiter]
            state.queue.append(host)
            return nil
        }
        if let known { completion(known.map { $0.map { $0.with(port: port) } }) }
    }

    /// A helper lives as long as there is something to look up. False when the system grants no thread. Called with the state
    /// locked: the helper first waits for it.
    private func startThread() -> Bool {
        let thread = Thread.startIfPossible(name: "ekai-resolver") { [self] in
            while let host = nextHost() {
                let result = lookUp(host)
                remember(host, result)
            }
        }
        thread?.detach()
        return thread != nil
    }

    private func nextHost() -> String? {
        state.withLock { state in
            guard !state.queue.isEmpty else {
                state.threads -= 1
                return nil
            }
            return state.queue.removeFirst()
        }
    }

    private func remember(_ host: String, _ result: Result<[SocketAddress], ConnectFailure>) {
        let lifetime: Int64
        if case .success = result {
            lifetime = lifetimeNanoseconds
        } else {
            lifetime = failureLifetimeNanoseconds
        }
        let now = ekai_monotonic_ns()
        let (result, waiters) = state.withLock { state in
            // Addresses that were good a moment ago are better than none: a short outage of the name service is not one of the provider.
            var result = result
            if case .failure = result, case .success? = state.answers[host]?.result, let known = state.answers[host] {
                result = known.result
            }
            if state.answers.count >= ReactorLimits.resolverCacheMax {
                state.answers = state.answers.filter { $0.value.expiresNanoseconds > now }
                if state.answers.count >= ReactorLimits.resolverCacheMax { state.answers.removeAll() }
            }
            state.answers[host] = Answer(result: result, expiresNanoseconds: now &+ lifetime)
            return (result, state.underWay.removeValue(forKey: host) ?? [])
        }
        for waiter in waiters { waiter.deliver(result) }
    }

    /// `getaddrinfo`, in the order that the system's policy (RFC 6724) gives.
    public static let systemLookUp: @Sendable (String) -> Result<[SocketAddress], ConnectFailure> = { host in
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { return .failure(.unresolved(String(cString: gai_strerror(code)))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = list
        while let info = entry?.pointee {
            if let raw = info.ai_addr, let address = SocketAddress(raw, count: Int(info.ai_addrlen)) {
                addresses.append(address)
            }
            entry = info.ai_next
        }
        return addresses.isEmpty ? .failure(.unresolved("no usable address")) : .success(addresses)
    }
}
