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

/// The bytes of one connection, to a provider or of a client: plain, or through a `TLSEngine`. Loop-confined.
///
/// Under TLS the plaintext of a turn is gathered and becomes records when the turn's flush comes, so that the pieces of a head, and the
/// events of a turn, share one record and one system call.
final class Transport {
    let socket: StreamSocket
    private let loop: EventLoop
    private let tls: TLSEngine?
    private var tlsEnded = false
    /// Plaintext of this turn. Less than a record, else it is encrypted at once.
    private var staged = ByteAccumulator()

    /// - Parameter tls: an engine whose handshake is still to be made with `startHandshake`, or nil for plain TCP.
    init(socket: StreamSocket, tls: TLSEngine?) {
        self.socket = socket
        self.tls = tls
        loop = socket.loop
        if tls != nil { socket.beforeFlush = { [weak self] in self?.encryptStaged() } }
    }

    var isSecure: Bool { tls != nil }
    /// What ALPN settled on; nil on a plain connection, and with a peer that does not know ALPN.
    var negotiatedProtocol: String? { tls?.negotiatedProtocol }

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
            // A post-handshake message (a key update) may want an answer: a peer that asks for more and more of them, and reads none,
            // would fill the queue.
            sendPending(tls)
            guard socket.queuedBytes <= socket.highWatermarkBytes + TLSLimits.pendingOutputBytesHardMax else {
                throw .protocolViolation("the peer asks for more than it reads")
            }
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

    /// Bytes that the kernel has not taken: plaintext of this turn, and what is queued.
    var queuedBytes: Int { staged.count + socket.queuedBytes }
    /// True when nothing more should be sent before the drained signal.
    var isAboveHighWatermark: Bool { queuedBytes > socket.highWatermarkBytes }

    /// Queues `bytes` for the end of the turn. A caller with much to send does it in pieces and minds the watermark. A failure is not told
    /// here: it is final, and the socket counts as failed then.
    func send(_ bytes: UnsafeRawBufferPointer) {
        guard let tls else { return socket.send(bytes) }
        guard !socket.isFailed else { return }
        if staged.isEmpty, bytes.count >= TLSLimits.recordBytesMax { return encrypt(bytes, tls) }
        staged.append(bytes)
        if staged.count >= TLSLimits.recordBytesMax { encryptStaged() } else { socket.scheduleFlush() }
    }

    /// Queues `bytes` without a copy where that is possible, that is, on a plain connection.
    func send(borrowing bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        if tls == nil { socket.send(borrowing: bytes, owner: owner) } else { send(bytes) }
    }

    private func encryptStaged() {
        guard let tls, !staged.isEmpty else { return }
        encrypt(UnsafeRawBufferPointer(staged.bytes), tls)
        if staged.capacityBytes > TLSLimits.stagedBytesKept { staged.release() } else { staged.removeAll() }
    }

    private func encrypt(_ bytes: UnsafeRawBufferPointer, _ tls: TLSEngine) {
        var rest = bytes
        while rest.count > 0 {
            do throws(TLSFailure) {
                let written = try tls.write(rest)
                // Takes nothing after our close_notify: what came too late is dropped.
                guard written > 0 else { return }
                sendPending(tls)
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            } catch {
                return socket.abort()
            }
        }
    }

    /// Gives back what an idle connection needs no more.
    func releaseIdleMemory() {
        if staged.isEmpty { staged.release() }
        tls?.releaseIdleMemory()
    }

    private func sendPending(_ tls: TLSEngine) {
        tls.withPendingOutput { bytes in
            socket.send(bytes)
            return bytes.count
        }
    }

    // MARK: Ending

    /// Ends our half behind what is queued: close_notify under TLS, then FIN. The peer may still send.
    func shutdownSending() {
        sayGoodbye()
        socket.shutdownSending()
    }

    /// Ends the connection: with close_notify and FIN when the last exchange was whole.
    func close(orderly: Bool) {
        if orderly, tls != nil, socket.isOpen, !socket.isPeerGone {
            sayGoodbye()
            socket.flushNow()
        }
        staged.release()
        socket.close()
    }

    private func sayGoodbye() {
        guard let tls else { return }
        encryptStaged()
        tls.shutdown()
        sendPending(tls)
    }
}
