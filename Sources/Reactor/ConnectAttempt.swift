import CLinux
import Glibc

/// Why no connection came about.
public enum ConnectFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The deadline passed first.
    case timedOut
    /// Every address refused; the last one's `errno`.
    case refused(Int32)
    /// The name has no address, or the look-up failed.
    case unresolved(String)
    /// `cancel` was called.
    case cancelled

    public var description: String {
        switch self {
        case .timedOut: "connect timed out"
        case .refused(let code): "connect: \(String(cString: strerror(code)))"
        case .unresolved(let reason): "name not resolved: \(reason)"
        case .cancelled: "cancelled"
        }
    }
}

/// Connects to one of several addresses: the first that answers wins (RFC 8305, "Happy Eyeballs").
///
/// Attempts start one after the other, `connectStaggerNanoseconds` apart, or at once when the one before failed.
/// Keeps itself alive until its completion was called. Loop-confined.
public final class ConnectAttempt {
    /// Long past: a timer set to it fires in the next turn, without the tick that rounding up would add.
    private static let atOnce: Int64 = 0

    private let loop: EventLoop
    private var waiting: ArraySlice<SocketAddress>
    private var racing: [Racer] = []
    private var completion: ((Result<Int32, ConnectFailure>) -> Void)?
    private var deadlineTimer: LoopTimer?
    private var staggerTimer: LoopTimer?
    private var lastError: Int32 = ECONNREFUSED

    /// Starts to connect.
    /// - Parameters:
    ///   - addresses: in order of preference; families are interleaved here (RFC 8305 section 4).
    ///   - deadlineNanoseconds: monotonic time at which to give up.
    ///   - completion: called once, on the loop, never from inside this initialiser; it owns the descriptor.
    public init(
        loop: EventLoop, addresses: [SocketAddress], deadlineNanoseconds: Int64,
        completion: @escaping (Result<Int32, ConnectFailure>) -> Void
    ) {
        loop.preconditionInLoop()
        self.loop = loop
        self.completion = completion
        waiting = Self.interleaved(addresses).prefix(ReactorLimits.addressesPerHostMax)[...]
        let deadline = LoopTimer(loop: loop) { self.finish(.failure(.timedOut)) }
        deadline.schedule(atNanoseconds: deadlineNanoseconds)
        deadlineTimer = deadline
        let stagger = LoopTimer(loop: loop) { self.startNext() }
        // The first attempt starts from the timer as well: at the next turn, so that the caller has its object first.
        stagger.schedule(atNanoseconds: Self.atOnce)
        staggerTimer = stagger
    }

    /// Gives up; the completion gets `.cancelled`.
    public func cancel() { finish(.failure(.cancelled)) }

    /// Alternates families, beginning with that of the first address.
    static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
        guard let first = addresses.first else { return [] }
        var preferred = addresses.filter { $0.family == first.family }[...]
        var others = addresses.filter { $0.family != first.family }[...]
        var result: [SocketAddress] = []
        while !preferred.isEmpty || !others.isEmpty {
            if let address = preferred.popFirst() { result.append(address) }
            if let address = others.popFirst() { result.append(address) }
        }
        return result
    }

    private func startNext() {
        guard completion != nil else { return }
        guard let address = waiting.popFirst() else {
            if racing.isEmpty { finish(.failure(.refused(lastError))) }
            return
        }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.domain, type, 0)
        guard descriptor >= 0 else { return failed(ekai_errno()) }
        SocketOptions.applyUpstream(descriptor, family: address.family)
        let result = address.withSockaddr { connect(descriptor, $0, $1) }
        let code = result == 0 ? 0 : ekai_errno()
        // Interrupted means under way as well (connect(2)).
        if code != 0, code != EINPROGRESS, code != EINTR {
            Glibc.close(descriptor)
            return failed(code)
        }
        do {
            racing.append(try Racer(loop: loop, descriptor: descriptor, attempt: self))
        } catch {
            Glibc.close(descriptor)
            return failed(error.code)
        }
        if !waiting.isEmpty {
            staggerTimer?.schedule(afterNanoseconds: ReactorLimits.connectStaggerNanoseconds)
        }
    }

    private func failed(_ code: Int32) {
        lastError = code
        if waiting.isEmpty && racing.isEmpty {
            finish(.failure(.refused(code)))
        } else {
            staggerTimer?.schedule(atNanoseconds: Self.atOnce)
        }
    }

    fileprivate func resolved(_ racer: Racer, error: Int32) {
        racing.removeAll { $0 === racer }
        if error == 0 {
            finish(.success(racer.release()))
        } else {
            racer.close()
            failed(error)
        }
    }

    private func finish(_ result: Result<Int32, ConnectFailure>) {
        guard let completion else { return }
        self.completion = nil
        deadlineTimer?.cancel()
        staggerTimer?.cancel()
        // Their actions hold this object.
        deadlineTimer = nil
        staggerTimer = nil
        for racer in racing { racer.close() }
        racing.removeAll()
        completion(result)
    }
}

/// One address being connected to.
private final class Racer: ReadinessHandler {
    private let loop: EventLoop
    private let descriptor: Int32
    private var token: Selector.Token?
    private weak var attempt: ConnectAttempt?

    init(loop: EventLoop, descriptor: Int32, attempt: ConnectAttempt) throws(SystemError) {
        self.loop = loop
        self.descriptor = descriptor
        self.attempt = attempt
        token = try loop.selector.add(descriptor, self)
    }

    func becameReady(_ readiness: Readiness) {
        guard token != nil, !readiness.isDisjoint(with: [.writable, .failed, .hungUp]) else { return }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        if getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) != 0 { code = ekai_errno() }
        attempt?.resolved(self, error: code)
    }

    /// Hands the connected descriptor over, unregistered.
    func release() -> Int32 {
        if let token { loop.selector.remove(descriptor, token) }
        token = nil
        return descriptor
    }

    func close() {
        guard let token else { return }
        self.token = nil
        loop.selector.remove(descriptor, token)
        loop.closeLater(descriptor)
    }
}
