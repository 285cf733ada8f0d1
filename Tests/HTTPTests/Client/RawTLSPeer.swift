import COpenSSL
import TestSupport

@testable import HTTP

/// One end of a TLS connection that a test drives by hand.
final class RawTLSPeer {
    let socket: RawSocket
    let engine: TLSEngine
    private var received: [UInt8] = []
    /// The other side said close_notify.
    private(set) var isClosed = false
    /// Records of application data, as the wire had them.
    private(set) var dataRecords = 0

    /// The server's end. Makes the handshake.
    convenience init(_ socket: RawSocket, _ context: TLSServerContext) throws {
        try self.init(socket, TLSEngine(server: context))
    }

    /// A client's end. Makes the handshake.
    convenience init(client socket: RawSocket, _ context: TLSClientContext, port: UInt16 = 443) throws {
        try self.init(socket, TLSEngine(client: context, host: "localhost", port: port))
    }

    private init(_ socket: RawSocket, _ engine: TLSEngine) throws {
        self.socket = socket
        self.engine = engine
        try engine.startHandshake()
        try flush()
        while engine.phase != .established { try receive() }
        try flush()
    }

    /// Reads a request to the end of its body, whose length is given.
    func readRequest(bodyBytes: Int) throws -> String { try readMessage(bodyBytes: bodyBytes).head }

    /// Reads a message whose body has `bodyBytes` bytes.
    func readMessage(bodyBytes: Int) throws -> (head: String, body: [UInt8]) {
        var headBytes: Int?
        while true {
            headBytes = headBytes ?? Self.headBytes(in: received)
            if let headBytes, received.count >= headBytes + bodyBytes {
                defer { received.removeFirst(headBytes + bodyBytes) }
                return (
                    String(decoding: received[..<headBytes], as: UTF8.self),
                    Array(received[headBytes..<(headBytes + bodyBytes)])
                )
            }
            try receive()
        }
    }

    /// Reads until the other side says close_notify; what came before it.
    func readToCloseNotify() throws -> [UInt8] {
        while !isClosed { try receive() }
        defer { received = [] }
        return received
    }

    private static func headBytes(in bytes: [UInt8]) -> Int? {
        let end: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        guard bytes.count >= end.count else { return nil }
        return (end.count...bytes.count).first { bytes[($0 - end.count)..<$0].elementsEqual(end) }
    }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = try rest.withUnsafeBytes { try engine.write($0) }
            rest = rest.dropFirst(written)
            try flush()
        }
    }

    /// Sends a key update that asks for one in return (RFC 8446 section 4.6.3), and reads nothing.
    func askForKeyUpdate() throws {
        guard SSL_key_update(engine.ssl, SSL_KEY_UPDATE_REQUESTED) == 1, SSL_do_handshake(engine.ssl) == 1 else { throw OpenSSLRefused() }
        try flush()
    }

    /// Says close_notify.
    func shutdown() throws {
        engine.shutdown()
        try flush()
    }

    private func receive() throws {
        if socket.unread.isEmpty { try socket.receive("a TLS record") }
        guard socket.end == .open else { throw TimedOut(description: "the TLS client went away") }
        let cipher = try socket.read(count: socket.unread.count)
        // No more at a time than the engine takes.
        for start in stride(from: 0, to: cipher.count, by: 8_192) {
            do {
                try cipher[start..<min(start + 8_192, cipher.count)].withUnsafeBytes { try engine.receive($0) }
            } catch {
                try flush()
                throw error
            }
            try decrypt()
        }
        try flush()
    }

    private func decrypt() throws {
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            switch try buffer.withUnsafeMutableBytes({ try engine.read(into: $0) }) {
            case .bytes(let count):
                // At most one record a call.
                dataRecords += 1
                received.append(contentsOf: buffer[..<count])
            case .closed:
                isClosed = true
                return
            case .wantMore: return
            }
        }
    }

    private func flush() throws {
        while engine.pendingOutputBytes > 0 {
            var output: [UInt8] = []
            engine.withPendingOutput { bytes in
                output = [UInt8](bytes)
                return bytes.count
            }
            try socket.send(output)
        }
    }
}
