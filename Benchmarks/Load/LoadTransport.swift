import Glibc
import Reactor

/// The bytes of one connection to the server under test, plain or through TLS. Loop-confined.
final class LoadTransport {
    /// What one attempt to receive brought; the bytes are valid until the next receive on this loop, writable in place.
    enum Outcome {
        case bytes(UnsafeMutableRawBufferPointer)
        case wouldBlock
        case end
        case failed(String)
    }

    private let loop: EventLoop
    private let socket: StreamSocket
    private let tls: ClientTLSSession?
    /// Called when there may be something to receive, or the peer is gone.
    var onActivity: (() -> Void)? {
        get { socket.onIdleActivity }
        set { socket.onIdleActivity = newValue }
    }

    /// Takes ownership of a connected `descriptor`.
    init(loop: EventLoop, descriptor: Int32, tls: ClientTLSSession?) throws(SystemError) {
        self.loop = loop
        self.tls = tls
        // Without a wakeup: no task waits, its readiness is told by a call.
        socket = try StreamSocket(loop: loop, descriptor: descriptor, role: .upstream)
    }

    /// Bytes that the kernel took, ciphertext under TLS.
    var bytesSent: UInt64 { socket.bytesSent }
    /// True once the peer closed or reset.
    var isPeerGone: Bool { socket.isPeerGone }
    /// True when another exchange may follow.
    var isReusable: Bool { socket.isOpen && !socket.isPeerGone && socket.queuedBytes == 0 }

    /// True when data may flow.
    func continueHandshake() throws(ClientTLSFailure) -> Bool {
        guard let tls, !tls.isEstablished else { return true }
        defer { sendPending(tls) }
        while true {
            try tls.continueHandshake()
            if tls.isEstablished { return true }
            sendPending(tls)
            switch socket.receive(into: loop.scratch) {
            case .bytes(let count): try tls.receive(UnsafeRawBufferPointer(rebasing: loop.scratch[..<count]))
            case .wouldBlock: return false
            case .endOfStream: throw ClientTLSFailure(or: "closed inside the handshake")
            case .failed(let code): throw ClientTLSFailure(or: SystemError("recv", code: code).description)
            }
        }
    }

    /// Queues a request for the end of the turn; without a copy on a plain connection.
    func send(_ request: RequestBytes) {
        guard let tls else { return socket.send(borrowing: request.bytes, owner: request) }
        do throws(ClientTLSFailure) {
            try tls.write(request.bytes)
        } catch {
            socket.abort()
        }
        sendPending(tls)
    }

    /// Receives what is there, at most `limit` bytes from the socket, without waiting.
    func receive(limit: Int) -> Outcome {
        guard let tls else {
            let buffer = UnsafeMutableRawBufferPointer(rebasing: loop.scratch[..<min(limit, loop.scratch.count)])
            switch socket.receive(into: buffer) {
            case .bytes(let count): return .bytes(UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
            case .wouldBlock: return .wouldBlock
            case .endOfStream: return .end
            case .failed(let code): return .failed(code == ECONNRESET ? "reset" : SystemError("recv", code: code).description)
            }
        }
        do throws(ClientTLSFailure) {
            return try receive(tls, limit: limit)
        } catch {
            return .failed("TLS: \(error.description)")
        }
    }

    private func receive(_ tls: ClientTLSSession, limit: Int) throws(ClientTLSFailure) -> Outcome {
        while true {
            var filled = 0
            reading: while filled < loop.plaintextScratch.count {
                switch try tls.read(into: UnsafeMutableRawBufferPointer(rebasing: loop.plaintextScratch[filled...])) {
                case .bytes(let count): filled += count
                case .wantMore: break reading
                case .closed:
                    if filled == 0 { return .end }
                    break reading
                }
            }
            sendPending(tls)
            if filled > 0 { return .bytes(UnsafeMutableRawBufferPointer(rebasing: loop.plaintextScratch[..<filled])) }
            let buffer = UnsafeMutableRawBufferPointer(rebasing: loop.scratch[..<min(limit, loop.scratch.count)])
            switch socket.receive(into: buffer) {
            case .bytes(let count): try tls.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            case .wouldBlock: return .wouldBlock
            case .endOfStream: return .end
            case .failed(let code): return .failed(code == ECONNRESET ? "reset" : SystemError("recv", code: code).description)
            }
        }
    }

    private func sendPending(_ tls: ClientTLSSession) {
        withUnsafeTemporaryAllocation(byteCount: 17 * 1024, alignment: 16) { buffer in
            tls.takePending(through: buffer) { socket.send($0) }
        }
    }

    func close() { socket.close() }
}
