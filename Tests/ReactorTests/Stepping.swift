import Dispatch
import Glibc
import Testing

@testable import Reactor

/// Runs `body` as if on the loop's thread; it makes the turns itself, so that nothing happens between two of its lines.
func withSteppedLoop(_ body: (EventLoop) throws -> Void) throws {
    let loop = try EventLoop()
    try loop.entered { try body(loop) }
}

extension EventLoop {
    /// Turns until `isDone`. False when that did not come within ten seconds.
    func turns(until isDone: () -> Bool) -> Bool {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(10)
        while !isDone() {
            guard clock.now < end else { return false }
            turn(waitingAtMost: 2_000_000)
        }
        return true
    }

    /// One turn that takes what is ready and never blocks.
    func step() { turn(waitingAtMost: 0) }
}

/// Something that happens once on another thread.
struct Latch: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func open() { semaphore.signal() }
    func wait() -> Bool { semaphore.wait(timeout: .now() + 10) == .success }
}

/// A value that a task of the loop leaves for the test.
final class Outcome<Value> {
    var value: Value
    init(_ value: Value) { self.value = value }
}

/// The far end of a connection, driven by plain system calls.
struct RawPeer {
    let descriptor: Int32

    func write(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    }

    /// What has arrived, without waiting; nil at the end of the stream.
    func read(atMost count: Int = 1 << 20) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let read = recv(descriptor, &bytes, count, Int32(MSG_DONTWAIT))
        if read == 0 { return nil }
        return Array(bytes.prefix(max(0, read)))
    }

    func shutdownSending() { _ = Glibc.shutdown(descriptor, Int32(SHUT_WR)) }

    /// Closes with RST.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    func close() { _ = Glibc.close(descriptor) }
}

let loopback = SocketAddress(literal: "127.0.0.1", port: 0)!

/// A plain listening socket, of no loop.
func rawListener(backlog: Int32 = 16, isShared: Bool = false) throws -> (descriptor: Int32, address: SocketAddress) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    if isShared {
        var one: Int32 = 1
        _ = setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &one, 4)
    }
    try #require(loopback.withSockaddr { bind(descriptor, $0, $1) } == 0)
    try #require(listen(descriptor, backlog) == 0)
    var name = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let address = withUnsafeMutablePointer(to: &name) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            getsockname(descriptor, pointer, &size) == 0 ? SocketAddress(pointer, count: Int(size)) : nil
        }
    }
    return (descriptor, try #require(address))
}

/// Connects, blocking, from outside of the loop.
func rawConnect(_ address: SocketAddress) throws -> RawPeer {
    let descriptor = socket(address.domain, Int32(SOCK_STREAM.rawValue), 0)
    try #require(address.withSockaddr { connect(descriptor, $0, $1) } == 0)
    return RawPeer(descriptor: descriptor)
}

/// Both ends of a TCP connection over loopback; the first is non-blocking.
func tcpPair() throws -> (ours: Int32, peer: RawPeer) {
    let listener = try rawListener()
    defer { close(listener.descriptor) }
    let peer = try rawConnect(listener.address)
    let ours = accept4(listener.descriptor)
    try #require(ours >= 0)
    return (ours, peer)
}

private func accept4(_ listener: Int32) -> Int32 {
    let descriptor = accept(listener, nil, nil)
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    return descriptor
}

/// Both ends of a UNIX domain stream; the first is non-blocking.
func unixPair() throws -> (ours: Int32, peer: RawPeer) {
    var pair: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
    _ = fcntl(pair[0], F_SETFL, O_NONBLOCK)
    return (pair[0], RawPeer(descriptor: pair[1]))
}

extension StreamSocket {
    func send(_ text: String) {
        let bytes = Array(text.utf8)
        bytes.withUnsafeBytes { send($0) }
    }

    /// Receives until there is no more for now: the bytes, and what ended it.
    func receiveAll() -> (bytes: [UInt8], end: ReceiveOutcome) {
        var bytes: [UInt8] = []
        while true {
            let outcome = receive(into: loop.scratch)
            guard case .bytes(let count) = outcome else { return (bytes, outcome) }
            bytes += loop.scratch[..<count]
        }
    }
}
