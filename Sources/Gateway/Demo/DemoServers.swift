import CLinux
import Glibc
import HTTP
import Locking
import Reactor

/// The demo provider's server of each loop, found when a request wants to connect to it.
final class DemoServers: Sendable {
    private let servers = Locked<[Int: LoopBound<HTTPServer>]>([:])

    func register(_ server: HTTPServer, on loop: EventLoop) {
        let bound = LoopBound(server, to: loop)
        servers.withLock { $0[loop.index] = bound }
    }

    /// Connects a socket pair: one end for the loop's demo server, the other for the caller. Nil when there is none to be had.
    func connect(on loop: EventLoop) -> Int32? {
        guard let server = servers.withLock({ $0[loop.index] }) else { return nil }
        var pair: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &pair) == 0 else { return nil }
        server.value.accept(pair[0])
        return pair[1]
    }
}
