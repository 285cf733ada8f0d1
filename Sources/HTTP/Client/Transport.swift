import Reactor

/// What one attempt to receive from a transport brought. The bytes lie in one of the loop's shared buffers: valid until
/// the next receive on this loop, writable in place.
public enum TransportOutcome {
    case bytes(UnsafeMutableRawBufferPointer)
    case wouldBlock
    /// The peer ended its half in an orderly way: FIN, and under TLS a close_notify before it.
    case end
    /// The connection failed, or ended under TLS without close_notify, so that the end may be an attacker's.
    case failed(String)
}

/// The bytes of one connection to a provider: plain, or through a `TLSEngine`. Loop-confined.
final class Transport {
    let socket: StreamSocket
    private let loop: EventLoop
    private let tls: TLSEngine?
    private var tlsEnded = false

    /// - Parameter tls: an engine whose handshake is still to be made with `startHandshake`, or nil for plain TCP.
    init(socket: StreamSocket, tls: TLSEngine?) {
        self.socket = socket
        self.tls = tls
        loop = socket.loop
    }

    var isSecure: Bool { tls != nil }

    // MARK: Handshake

    /// Queues the first message of the handshake. Does nothing on a plain connection.
    func startHandshake() throws(TLSFailure) {
        guard let tls else { return }
        try tls.startHandshake()
        sendPending(tls)
    }

    /// Moves the handshake on as far as the bytes at hand allow. True when it is complete.
    /// - Throws: `TLSFailure`, also for a peer that closed meanwhile.
    func continueHandshake() throws(TLSFailure) -> Bool {
        guard let tls else { return true }
        while tls.phase != .established {
            switch socket.receive(into: secureSlice(.max)) {
            case .bytes(let count):
                // An alert of ours is sent even when the handshake failed.
                defer { sendPending(tls) }
                try tls.receive(UnsafeRawBufferPointer(rebasing: loop.scratch[..<count]))
            case .wouldBlock: return false
            case .endOfStream, .failed: try tls.receiveEnd()
            }
        }
        return true
    }

    /// Takes ciphertext that came before the handshake began: what stood behind a proxy's reply. Plain connections have no use for it.
    func receive(early bytes: UnsafeRawBufferPointer) throws(TLSFailure) {
        guard let tls else { return }
        defer { sendPending(tls) }
        try tls.receive(bytes)
    }

    private func secureSlice(_ limit: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: loop.scratch[..<min(limit, TLSLimits.receiveSliceBytes)])
    }

    // MARK: Receiving

    /// Receives what is there, at most `limit` bytes, without waiting.
    func receive(limit: Int) -> TransportOutcome {
        guard let tls else {
            let buffer = UnsafeMutableRawBufferPointer(rebasing: loop.scratch[..<min(limit, loop.scratch.count)])
            switch socket.receive(into: buffer) {
            case .bytes(let count): return .bytes(UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
            case .wouldBlock: return .wouldBlock
            case .endOfStream: return .end
            case .failed(let code): return .failed(SystemError("recv", code: code).description)
            }
        }
        do {
            return try receiveSecure(tls, limit: limit)
        } catch {
            // An alert of ours may wait.
            sendPending(tls)
            socket.flushNow()
            return .failed(error.description)
        }
    }

    private func receiveSecure(_ tls: TLSEngine, limit: Int) throws(TLSFailure) -> TransportOutcome {
        let plain = UnsafeMutableRawBufferPointer(
            rebasing: loop.plaintextScratch[..<min(limit, loop.plaintextScratch.count)])
        while true {
            // What the engine still holds comes first: the socket says nothing about it.
            var filled = 0
            reading: while filled < plain.count {
                switch try tls.read(into: UnsafeMutableRawBufferPointer(rebasing: plain[filled...])) {
                case .bytes(let count): filled += count
                case .wantMore: break reading
                case .closed:
                    tlsEnded = true
                    break reading
                }
            }
            // A post-handshake message (a key update) may want an answer.
            sendPending(tls)
            if filled > 0 { return .bytes(UnsafeMutableRawBufferPointer(rebasing: plain[..<filled])) }
            if tlsEnded { return .end }
            switch socket.receive(into: secureSlice(limit)) {
            case .bytes(let count): try tls.receive(UnsafeRawBufferPointer(rebasing: loop.scratch[..<count]))
            case .wouldBlock: return .wouldBlock
            case .endOfStream: try tls.receiveEnd()
            case .failed(let code): return .failed(SystemError("recv", code: code).description)
            }
        }
    }

    // MARK: Sending

    /// True when nothing more should be sent before the drained signal.
    var isAboveHighWatermark: Bool { socket.isAboveHighWatermark }

    /// Queues `bytes` for the end of the turn; under TLS they become records at once, so that a caller with much to
    /// send does it in pieces and minds the watermark. A failure is not told here: it is final, and the next receive says it.
    func send(_ bytes: UnsafeRawBufferPointer) {
        guard let tls else { return socket.send(bytes) }
        var rest = bytes
        while rest.count > 0 {
            guard let written = try? tls.write(rest), written > 0 else { return }
            sendPending(tls)
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// Queues `bytes` without a copy where that is possible, that is, on a plain connection.
    func send(borrowing bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        if tls == nil { socket.send(borrowing: bytes, owner: owner) } else { send(bytes) }
    }

    /// Gives back what an idle connection needs no more.
    func releaseIdleMemory() { tls?.releaseIdleMemory() }

    private func sendPending(_ tls: TLSEngine) {
        tls.withPendingOutput { bytes in
            socket.send(bytes)
            return bytes.count
        }
    }

    /// Ends the connection: with close_notify and FIN when the last exchange was whole.
    func close(orderly: Bool) {
        if orderly, let tls, socket.isOpen, !socket.isPeerGone {
            tls.shutdown()
            sendPending(tls)
            socket.flushNow()
        }
        socket.close()
    }
}
