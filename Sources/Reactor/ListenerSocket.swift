import CLinux
import Glibc

/// A listening socket of one loop. Each loop has its own on the same address (SO_REUSEPORT). Loop-confined.
public final class ListenerSocket: ReadinessHandler {
    private let loop: EventLoop
    private let descriptor: Int32
    private var token: Selector.Token?
    private let onAccept: (Int32) -> Void
    private var resumeTimer: LoopTimer?
    /// Where it listens; the port is the real one, also when 0 was asked for.
    public let address: SocketAddress

    /// Listens on `address`.
    /// - Parameter onAccept: called on the loop with each accepted descriptor, non-blocking and with its options set;
    ///   it owns the descriptor.
    /// - Throws: `SystemError`: address in use, not available, not permitted.
    public init(
        loop: EventLoop, address: SocketAddress, onAccept: @escaping (Int32) -> Void
    ) throws(SystemError) {
        loop.preconditionInLoop()
        self.loop = loop
        self.onAccept = onAccept
        let descriptor = try Self.open(address, isShared: true)
        self.descriptor = descriptor
        self.address = Self.localAddress(descriptor) ?? address
        do {
            token = try loop.selector.addListener(descriptor, self)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        resumeTimer = LoopTimer(loop: loop) { [weak self] in self?.resume() }
    }

    /// Binds `address` without SO_REUSEPORT and lets go again: fails when any other socket, of this program or another,
    /// listens there, which a bind with SO_REUSEPORT would not notice. Resolves port 0 to a free one, and removes the
    /// path of a UNIX domain socket that nobody listens on any more.
    /// - Returns: the address with its real port.
    /// - Throws: `SystemError` with EADDRINUSE and the like.
    public static func probe(_ address: SocketAddress) throws(SystemError) -> SocketAddress {
        if let path = address.path, isAbandoned(address) { unlink(path) }
        let descriptor = try open(address, isShared: false)
        defer {
            Glibc.close(descriptor)
            if let path = address.path { unlink(path) }
        }
        return localAddress(descriptor) ?? address
    }

    private static func open(_ address: SocketAddress, isShared: Bool) throws(SystemError) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.domain, type, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        SocketOptions.applyListener(descriptor, family: address.family, isShared: isShared)
        guard address.withSockaddr({ bind(descriptor, $0, $1) }) == 0 else {
            let error = SystemError("bind")
            Glibc.close(descriptor)
            throw error
        }
        // Who may reach the socket is all the access control there is: this user.
        if let path = address.path { _ = chmod(path, 0o600) }
        guard !isShared || listen(descriptor, Int32(ReactorLimits.listenBacklog)) == 0 else {
            let error = SystemError("listen")
            Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    /// True for the path of a socket whose owner is gone: the file outlives it, and would keep the next one from binding.
    private static func isAbandoned(_ address: SocketAddress) -> Bool {
        var status = stat()
        guard let path = address.path, lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
            return false
        }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.domain, type, 0)
        guard descriptor >= 0 else { return false }
        defer { Glibc.close(descriptor) }
        return address.withSockaddr { connect(descriptor, $0, $1) } != 0 && ekai_errno() == ECONNREFUSED
    }

    private static func localAddress(_ descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getsockname(descriptor, address, &size) == 0 else { return nil }
                return SocketAddress(address, count: Int(size))
            }
        }
    }

    func becameReady(_ readiness: Readiness) {
        var left = ReactorLimits.acceptsPerTurnMax
        while left > 0, token != nil {
            left -= 1
            let accepted = ekai_accept(descriptor)
            if accepted >= 0 {
                loop.counters.accepted &+= 1
                SocketOptions.applyDownstream(accepted, family: address.family)
                onAccept(accepted)
                continue
            }
            switch ekai_errno() {
            case EAGAIN: return
            case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP,
                ENETUNREACH:
                continue  // that connection's own trouble (accept(2), "Error handling")
            default:
                // EMFILE, ENFILE, ENOBUFS, ENOMEM: the backlog stays readable, so asking on would spin.
                pause()
                return
            }
        }
    }

    private func pause() {
        guard let token else { return }
        loop.counters.acceptPauses &+= 1
        loop.selector.setListening(false, descriptor, token)
        resumeTimer?.schedule(afterNanoseconds: ReactorLimits.acceptPauseNanoseconds)
    }

    private func resume() {
        guard let token else { return }
        loop.selector.setListening(true, descriptor, token)
    }

    /// Stops listening. Connections in the kernel's queue are reset; the path of a UNIX domain socket is removed.
    public func close() {
        guard let token else { return }
        self.token = nil
        resumeTimer?.cancel()
        loop.selector.remove(descriptor, token)
        loop.closeLater(descriptor)
        if let path = address.path { unlink(path) }
    }
}
