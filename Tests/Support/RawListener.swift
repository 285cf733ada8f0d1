import Glibc

/// A listening port of 127.0.0.1 whose connections a test accepts by hand.
public final class RawListener {
    public let port: UInt16
    private let descriptor: Int32

    /// - Parameter backlog: connections that the kernel completes before `accept`.
    public init(backlog: Int32 = 64) throws {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SocketTrouble("socket") }
        guard Self.withLoopback(port: 0, { bind(descriptor, $0, $1) }) == 0, listen(descriptor, backlog) == 0 else {
            throw SocketTrouble("listen")
        }
        self.descriptor = descriptor
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    /// The next connection.
    /// - Parameter receiveBytes: SO_RCVBUF of the connection, for a server that shall be slow.
    public func accept(receiveBytes: Int32? = nil) throws -> RawSocket {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, RawSocket.patienceMilliseconds) > 0 else {
            throw TimedOut(description: "nobody connected to port \(port)")
        }
        let accepted = Glibc.accept(descriptor, nil, nil)
        guard accepted >= 0 else { throw SocketTrouble("accept") }
        if var receiveBytes {
            _ = setsockopt(accepted, SOL_SOCKET, SO_RCVBUF, &receiveBytes, socklen_t(MemoryLayout<Int32>.size))
        }
        return RawSocket(descriptor: accepted)
    }

    /// True when nobody waits to be accepted.
    public var isQuiet: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 0
    }

    /// A port on which nobody listens.
    public static func closedPort() throws -> UInt16 { try RawListener().port }

    static func withLoopback<Result>(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
