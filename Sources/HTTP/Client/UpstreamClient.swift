import Reactor

/// The upstream side of one loop: pooled connections to every provider. Loop-confined.
public final class UpstreamClient {
    let loop: EventLoop
    let resolver: Resolver
    let limits: HTTP1Limits
    private var pool: ConnectionPool
    private var connections: [Int: UpstreamConnection] = [:]
    private var waiters: [Int: Waiter] = [:]
    private var lastWaiter = 0
    /// One for each origin: a provider that accepts connections and says nothing must not keep the others from theirs.
    private var handshakes: [Origin: HandshakeLimiter<Int>] = [:]
    private var handshakeWaiters: [Int: Wakeup] = [:]
    private var idleTimer: LoopTimer?

    /// A request in the pool's queue.
    private final class Waiter {
        let wakeup: Wakeup
        var lease: ConnectionPool.Lease?
        init(_ wakeup: Wakeup) { self.wakeup = wakeup }
    }

    public init(
        loop: EventLoop, resolver: Resolver, poolLimits: ConnectionPoolLimits = .init(), limits: HTTP1Limits = .init()
    ) {
        loop.preconditionInLoop()
        self.loop = loop
        self.resolver = resolver
        self.limits = limits
        pool = ConnectionPool(limits: poolLimits)
        idleTimer = LoopTimer(loop: loop) { [weak self] in self?.evictIdle() }
    }

    /// Connections leased to exchanges, and idle ones.
    public var counts: (leased: Int, idle: Int) { (pool.leasedCount, pool.idleCount) }

    /// Closes idle connections and lends no more.
    public func drain() {
        pool.drain { id in self.closeConnection(id, orderly: true) } refuse: { waiter in self.grant(waiter, .refused) }
        idleTimer?.cancel()
    }

    // MARK: Leases

    /// Asks the pool; `.wait` is never returned, but waited for.
    func lease(_ origin: Origin, _ task: UpstreamTask, deadlineNanoseconds: Int64) async throws(UpstreamFailure)
        -> ConnectionPool.Lease
    {
        lastWaiter += 1
        let number = lastWaiter
        let lease = pool.lease(origin, waiter: number, now: loop.now) { id in closeConnection(id, orderly: true) }
        guard lease == .wait else { return lease }
        let waiter = Waiter(task.wakeup)
        waiters[number] = waiter
        defer { waiters[number] = nil }
        while waiter.lease == nil {
            do throws(UpstreamFailure) {
                _ = try await task.wait(for: .completed, until: deadlineNanoseconds, .connect, isBilled: false)
            } catch {
                if let lease = waiter.lease { abandon(lease) } else { _ = pool.cancel(waiter: number, for: origin) }
                throw error
            }
        }
        return waiter.lease ?? .refused
    }

    private func abandon(_ lease: ConnectionPool.Lease) {
        switch lease {
        case .reuse(let id): giveBack(id, isReusable: true)
        case .connect(let id): connectFailed(id)
        case .wait, .refused: break
        }
    }

    private func grant(_ waiter: Int, _ lease: ConnectionPool.Lease) {
        waiters[waiter]?.lease = lease
        waiters[waiter]?.wakeup.signal(.completed)
    }

    private func follow(_ grant: ConnectionPool.Grant?) {
        if let grant { self.grant(grant.waiter, grant.lease) }
    }

    /// The idle connection that the pool lent, or nil when it is gone.
    func connection(_ id: Int) -> UpstreamConnection? { connections[id] }

    /// A connection was opened under the number that the pool gave.
    func opened(_ connection: UpstreamConnection) { connections[connection.id] = connection }

    func connectFailed(_ id: Int) { follow(pool.connectFailed(id)) }

    /// Ends a lease.
    func giveBack(_ id: Int, isReusable: Bool) {
        // One that died between its grant and its waiter's turn: the pool has been told.
        guard connections[id] != nil else { return }
        if isReusable, let connection = connections[id] { park(connection) }
        switch pool.giveBack(id, isReusable: isReusable, now: loop.now) {
        case .keep: scheduleEviction()
        case .close(let closed): closeConnection(closed, orderly: isReusable)
        case .grant(let grant): follow(grant)
        case .closeAndGrant(let closed, let grant):
            closeConnection(closed, orderly: false)
            follow(grant)
        }
    }

    /// An idle connection has no task to wake; anything that happens to it means that it is of no more use.
    private func park(_ connection: UpstreamConnection) {
        connection.releaseIdleMemory()
        connection.socket.wakeup = nil
        // Set once: while the connection is lent, what happens to it wakes the task instead.
        guard connection.socket.onIdleActivity == nil else { return }
        let id = connection.id
        connection.socket.onIdleActivity = { [weak self] in
            guard let self else { return }
            follow(pool.closed(id))
            closeConnection(id, orderly: false)
        }
    }

    private func closeConnection(_ id: Int, orderly: Bool) {
        guard let connection = connections.removeValue(forKey: id) else { return }
        // The pool may be in the middle of asking for this: a last flush that fails must not report back to it.
        connection.socket.onIdleActivity = nil
        connection.transport.close(orderly: orderly)
    }

    // MARK: Idle connections

    private func scheduleEviction() {
        guard let idleTimer, idleTimer.deadlineNanoseconds == nil else { return }
        evictIdle()
    }

    private func evictIdle() {
        if let next = pool.evictIdle(now: loop.now, close: { id in closeConnection(id, orderly: true) }) {
            idleTimer?.schedule(atNanoseconds: next)
        }
    }

    // MARK: Handshakes

    /// Waits for a turn to make a handshake; each turn taken is owed a `handshakeEnded`.
    func handshakeTurn(
        _ origin: Origin, _ task: UpstreamTask, deadlineNanoseconds: Int64
    ) async throws(UpstreamFailure) {
        lastWaiter += 1
        let number = lastWaiter
        switch handshakes[origin, default: HandshakeLimiter()].admit(number) {
        case .start: return
        case .refuse: throw UpstreamFailure(.poolExhausted, isPossiblyBilled: false)
        case .wait: break
        }
        handshakeWaiters[number] = task.wakeup
        do throws(UpstreamFailure) {
            while handshakeWaiters[number] != nil {
                _ = try await task.wait(for: .completed, until: deadlineNanoseconds, .connect, isBilled: false)
            }
        } catch {
            if handshakeWaiters.removeValue(forKey: number) == nil {
                handshakeEnded(origin)
            } else {
                _ = handshakes[origin]?.cancel(number)
            }
            throw error
        }
    }

    func handshakeEnded(_ origin: Origin) {
        guard let next = handshakes[origin]?.finish() else { return }
        handshakeWaiters.removeValue(forKey: next)?.signal(.completed)
    }
}
