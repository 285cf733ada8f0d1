import CLinux
import Glibc

/// What one attempt to receive brought.
public enum ReceiveOutcome: Equatable, Sendable {
    /// This many bytes, at the start of the buffer.
    case bytes(Int)
    /// Nothing now; the wakeup will be signalled when there is.
    case wouldBlock
    /// The peer closed its sending half, after everything it sent was received.
    case endOfStream
    /// The connection failed; `errno`.
    case failed(Int32)
}

/// A connected, non-blocking stream socket of one loop.
///
/// Reading is pulled: a readiness only signals the task's `Wakeup`, and the task receives into the loop's shared
/// buffer when it wants to. Not wanting to is all that backpressure takes. Writing is queued and flushed once at the
/// end of the turn. Loop-confined.
public final class StreamSocket: ReadinessHandler, Flushable {
    public let loop: EventLoop
    private let role: SocketRole
    private let descriptor: Int32
    private var token: Selector.Token?
    private var outbound: OutboundQueue
    /// Whom readiness wakes; nil while nobody cares.
    public var wakeup: Wakeup?
    /// Told instead of `wakeup` that an idle, pooled connection became readable or ended.
    public var onIdleActivity: (() -> Void)?
    /// Called at the start of a flush: a layer above hands over what it has gathered in this turn, with `send`.
    public var beforeFlush: (() -> Void)?

    private var maybeReadable = true
    private var isWritable = true
    private var isDirty = false
    private var isAskedAgain = false
    private var sawPeerClose = false
    private var isEnding = false
    private var sentEnd = false
    private var budgetTurn: UInt64 = 0
    private var budgetLeft = 0
    private var failure: Int32?

    /// Above this many queued bytes a writer should stop producing.
    public let highWatermarkBytes: Int
    /// At or below this many, it is signalled to go on.
    public let lowWatermarkBytes: Int
    /// Bytes received since the start.
    public private(set) var bytesReceived: UInt64 = 0
    /// Bytes the kernel took since the start.
    public private(set) var bytesSent: UInt64 = 0

    /// Takes ownership of `descriptor`.
    /// - Throws: `SystemError` when epoll refuses it; the descriptor is closed then.
    public init(
        loop: EventLoop, descriptor: Int32, role: SocketRole,
        highWatermarkBytes: Int = 32 * 1024, lowWatermarkBytes: Int = 8 * 1024
    ) throws(SystemError) {
        loop.preconditionInLoop()
        self.loop = loop
        self.role = role
        self.descriptor = descriptor
        self.highWatermarkBytes = highWatermarkBytes
        self.lowWatermarkBytes = lowWatermarkBytes
        outbound = OutboundQueue(pool: loop.blocks)
        do {
            token = try loop.selector.add(descriptor, self)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    deinit { precondition(token == nil, "a socket is closed before it is dropped") }

    // MARK: State

    /// True until `close`.
    public var isOpen: Bool { token != nil }
    /// True once the peer closed or reset, in whichever direction; bytes it sent before may still be unread.
    public var isPeerGone: Bool { sawPeerClose || failure != nil }
    /// True once the connection is broken: nothing can be sent any more.
    public var isFailed: Bool { failure != nil || !isOpen }
    /// Bytes queued and not yet taken by the kernel.
    public var queuedBytes: Int { outbound.byteCount }
    /// The peer's address, asked of the kernel each time; nil once the connection is gone.
    public var peerAddress: SocketAddress? {
        guard isOpen else { return nil }
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getpeername(descriptor, address, &size) == 0 else { return nil }
                return SocketAddress(address, count: Int(size))
            }
        }
    }
    /// True when a writer should wait for the drained signal before it produces more.
    public var isAboveHighWatermark: Bool { outbound.byteCount > highWatermarkBytes }

    /// Bytes that the peer has taken since the start: what the kernel took less what it still holds. A slow peer empties the kernel's
    /// buffer long before the kernel asks for more.
    public var bytesTaken: UInt64 {
        guard isOpen else { return bytesSent }
        return bytesSent - min(bytesSent, UInt64(max(0, ekai_unsent_bytes(descriptor))))
    }

    // MARK: Reading

    /// Receives into `buffer` without waiting. A task asks until `.wouldBlock` before it waits for the readable signal.
    ///
    /// What arrived before a failure is still delivered, in order: a provider that refuses a long request answers,
    /// closes, and resets the bytes it did not want. The failure comes after the last byte.
    ///
    /// A read shorter than asked means the kernel's buffer is empty, which saves the call that would only say so, but
    /// not once the peer closed: the end of the stream makes no edge of its own then.
    public func receive(into buffer: UnsafeMutableRawBufferPointer) -> ReceiveOutcome {
        guard isOpen else { return .failed(failure ?? ECONNABORTED) }
        guard maybeReadable else { return failure.map { .failed($0) } ?? .wouldBlock }
        let allowed = takeBudget(buffer.count)
        guard allowed > 0 else {
            askAgain()
            return .wouldBlock
        }
        var count: Int
        repeat {
            loop.counters.receives &+= 1
            count = recv(descriptor, buffer.baseAddress, allowed, 0)
        } while count < 0 && ekai_errno() == EINTR
        if count > 0 {
            budgetLeft -= count
            bytesReceived &+= UInt64(count)
            if count < allowed, !isPeerGone { maybeReadable = false }
            return .bytes(count)
        }
        if count < 0, ekai_errno() != EAGAIN {
            if failure == nil { failure = ekai_errno() }
        } else if count < 0 {
            maybeReadable = false
        } else {
            sawPeerClose = true
        }
        // The kernel tells an error once and then "end of stream": a failure that was seen stays one.
        if let failure { return .failed(failure) }
        return count == 0 ? .endOfStream : .wouldBlock
    }

    private func takeBudget(_ wanted: Int) -> Int {
        if budgetTurn != loop.turnNumber {
            budgetTurn = loop.turnNumber
            budgetLeft = ReactorLimits.receiveBytesPerTurnMax
        }
        return min(wanted, budgetLeft)
    }

    private func askAgain() {
        guard !isAskedAgain else { return }
        isAskedAgain = true
        loop.continueLater(self)
    }

    func continueReading() {
        isAskedAgain = false
        if isOpen { notify(role.readable) }
    }

    // MARK: Writing

    /// Queues a copy of `bytes` for the end of the turn. Silently dropped once the connection failed, which its task
    /// will see, and after `shutdownSending`.
    public func send(_ bytes: UnsafeRawBufferPointer) {
        guard isOpen, failure == nil, !isEnding else { return }
        outbound.append(bytes)
        markDirty()
    }

    /// Queues `bytes` without a copy; `owner` keeps them alive.
    public func send(borrowing bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        guard isOpen, failure == nil, !isEnding else { return }
        outbound.append(borrowing: bytes, owner: owner)
        markDirty()
    }

    /// Has the socket flushed at the end of this turn though nothing may be queued yet: `beforeFlush` will have something.
    public func scheduleFlush() {
        guard isOpen, failure == nil, !isEnding, !isDirty else { return }
        isDirty = true
        loop.markDirty(self)
    }

    private func markDirty() {
        guard !isDirty, !outbound.isEmpty else { return }
        isDirty = true
        loop.markDirty(self)
    }

    func flush() {
        // Still dirty: what is sent from inside joins this flush.
        beforeFlush?()
        isDirty = false
        guard isOpen, isWritable, failure == nil, !outbound.isEmpty else { return }
        let offered = outbound.nextWriteBytes
        loop.counters.writes &+= 1
        let written = outbound.writeOnce(to: descriptor)
        if written < 0 {
            let code = ekai_errno()
            if code == EAGAIN { isWritable = false } else if code != EINTR { fail(code) } else { markDirty() }
            return
        }
        bytesSent &+= UInt64(written)
        if !outbound.isEmpty {
            // Short of what one call was given: the kernel's buffer is full, and EPOLLOUT will tell when it is not.
            if written < offered { isWritable = false } else { markDirty() }
        } else if isEnding {
            sendEnd()
        }
        if outbound.byteCount <= lowWatermarkBytes { notify(role.drained) }
    }

    /// Flushes without waiting for the end of the turn: for the last words before `close`.
    public func flushNow() {
        guard isDirty else { return }
        flush()
    }

    // MARK: Readiness

    func becameReady(_ readiness: Readiness) {
        guard isOpen else { return }
        var signals: Signals = []
        if !readiness.isDisjoint(with: [.readable, .peerClosed, .hungUp, .failed]) {
            maybeReadable = true
            signals.insert(role.readable)
        }
        if readiness.contains(.writable), !isWritable {
            isWritable = true
            markDirty()
        }
        if readiness.contains(.failed) {
            fail(pendingError())
            return
        }
        // Hung up without an error: both directions were closed in order, or the peer of a UNIX domain socket closed.
        if !readiness.isDisjoint(with: [.peerClosed, .hungUp]) {
            sawPeerClose = true
            signals.insert(role.gone)
        }
        if !signals.isEmpty { notify(signals) }
    }

    private func pendingError() -> Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0, code != 0 else { return ECONNRESET }
        return code
    }

    private func fail(_ code: Int32) {
        if failure == nil { failure = code }
        maybeReadable = true
        outbound.removeAll()
        notify([role.gone, role.readable, role.drained])
    }

    /// Ends the connection as if the peer had reset it: a layer above cannot go on.
    public func abort() {
        guard isOpen, failure == nil else { return }
        fail(ECONNABORTED)
    }

    /// Has the reader asked again in the next turn, though the kernel has nothing new to say: what it was about to do waits for its share
    /// of the loop.
    public func yieldReading() {
        guard isOpen else { return }
        askAgain()
    }

    private func notify(_ signals: Signals) {
        if let wakeup {
            wakeup.signal(signals)
        } else if !signals.isDisjoint(with: [role.readable, role.gone]) {
            onIdleActivity?()
        }
    }

    // MARK: Ending

    /// Ends our half, behind what is queued: FIN follows the last byte. The peer may still send.
    public func shutdownSending() {
        guard isOpen, !isEnding else { return }
        isEnding = true
        if outbound.isEmpty { sendEnd() }
    }

    private func sendEnd() {
        guard !sentEnd else { return }
        sentEnd = true
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Makes the coming `close` a reset: the peer learns at once that the rest will not come.
    public func resetOnClose() {
        guard isOpen else { return }
        var linger = linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    }

    /// Drops what is queued and closes, at the end of the turn. Safe to call twice.
    public func close() {
        guard let token else { return }
        self.token = nil
        outbound.removeAll()
        wakeup = nil
        onIdleActivity = nil
        beforeFlush = nil
        loop.selector.remove(descriptor, token)
        loop.closeLater(descriptor)
    }
}
