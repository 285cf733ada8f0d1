import Glibc

/// What a test waited for did not come in time.
public struct TimedOut: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
}

/// The system refused something that a test needs.
public struct SocketTrouble: Error, CustomStringConvertible {
    public let description: String

    init(_ what: String) { description = "\(what): \(String(cString: strerror(errno)))" }
}

/// One end of a TCP connection that a test drives by hand, from its own thread. Every wait has a deadline, so that a
/// server that does not answer fails a test instead of hanging it.
public final class RawSocket {
    /// How a connection ended, as its reader sees it.
    public enum End: Equatable, Sendable {
        case open
        /// In an orderly way, after everything that was sent.
        case finished
        /// By a reset: what was on its way may be lost.
        case reset
    }

    /// The longest wait for anything.
    public static let patienceMilliseconds: Int32 = 10_000

    public private(set) var end = End.open
    /// Received and not taken yet.
    public private(set) var unread: [UInt8] = []
    private var descriptor: Int32

    /// Takes ownership of a connected descriptor.
    public init(descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        var on: Int32 = 1
        _ = setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close() }

    /// Connects to a port of 127.0.0.1.
    /// - Parameter receiveBytes: SO_RCVBUF, for a client that shall be slow.
    public static func connect(port: UInt16, receiveBytes: Int32? = nil) throws -> RawSocket {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SocketTrouble("socket") }
        if var receiveBytes {
            _ = setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBytes, socklen_t(MemoryLayout<Int32>.size))
        }
        guard RawListener.withLoopback(port: port, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            let trouble = SocketTrouble("connect")
            Glibc.close(descriptor)
            throw trouble
        }
        return RawSocket(descriptor: descriptor)
    }

    // MARK: Sending

    public func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Sends everything, waiting for room as long as it takes.
    public func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            rest = rest.dropFirst(try sendOnce(rest))
            if !rest.isEmpty { try wait(for: POLLOUT, "room to send") }
        }
    }

    /// Sends what the kernel takes at once. Returns how much that was.
    public func sendOnce(_ bytes: ArraySlice<UInt8>) throws -> Int {
        let sent = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if sent >= 0 { return sent }
        guard errno == EAGAIN else { throw SocketTrouble("send") }
        return 0
    }

    /// Sends FIN; reading goes on.
    public func finishSending() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends the connection with a reset.
    public func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    public func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }

    // MARK: Receiving

    /// Takes `count` bytes.
    public func read(count: Int) throws -> [UInt8] {
        while unread.count < count { try receiveMore("\(count) bytes, has \(unread.count)") }
        defer { unread.removeFirst(count) }
        return Array(unread[..<count])
    }

    /// Takes everything up to the end of `marker`.
    public func read(through marker: String) throws -> String {
        let marker = Array(marker.utf8)
        var searched = 0
        while true {
            if let found = Self.find(marker, in: unread, from: searched) {
                return String(decoding: try read(count: found + marker.count), as: UTF8.self)
            }
            searched = max(0, unread.count - marker.count)
            try receiveMore(String(decoding: marker, as: UTF8.self))
        }
    }

    /// Takes everything up to the connection's end, which `end` then tells.
    public func readToEnd() throws -> [UInt8] {
        while end == .open { try receive("the end of the connection") }
        defer { unread = [] }
        return unread
    }

    /// Receives what comes next, whatever it is; tells an end by `end`.
    public func receive(_ what: String = "bytes") throws {
        try wait(for: POLLIN, what)
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 {
            unread.append(contentsOf: buffer[..<count])
        } else if count == 0 {
            end = .finished
        } else if errno != EAGAIN {
            end = .reset
        }
    }

    /// Waits for a reset without reading anything before it.
    public func waitForReset() throws { try wait(for: 0, "a reset") }

    /// True when nothing can be read at this moment, an end included.
    public var isSilent: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unread.isEmpty && poll(&entry, 1, 0) == 0
    }

    private func receiveMore(_ what: String) throws {
        guard end == .open else {
            throw TimedOut(description: "the connection ended (\(end)) before \(what) came; unread: \(unreadText)")
        }
        try receive(what)
    }

    /// For messages of failing tests.
    public var unreadText: String { String(decoding: unread.prefix(2_000), as: UTF8.self) }

    private func wait(for events: Int32, _ what: String) throws {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        guard poll(&entry, 1, Self.patienceMilliseconds) > 0 else {
            throw TimedOut(description: "waited in vain for \(what); unread: \(unreadText)")
        }
    }

    private static func find(_ needle: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= needle.count else { return nil }
        for index in start...(bytes.count - needle.count) where bytes[index] == needle[0] {
            if bytes[index..<(index + needle.count)].elementsEqual(needle) { return index }
        }
        return nil
    }
}
