/// The upstream connections of one event loop, as a value: it holds numbers, the driver holds the sockets.
///
/// A connection's number is given out by the pool with `connect` and stays the same until the connection is gone. A waiter's number
/// is the caller's and is handed back when its turn comes. Times are monotonic nanoseconds.
public struct ConnectionPool: Sendable {
    /// The answer to a request for a connection.
    public enum Lease: Equatable, Sendable {
        /// Use this idle connection; it is leased now.
        case reuse(Int)
        /// Open a connection under this number. It counts as leased; `connectFailed` when it cannot be opened.
        case connect(Int)
        /// Every slot is taken: a `Grant` for the waiter comes in its turn.
        case wait
        /// Too many wait already, or the pool is draining.
        case refused
    }

    /// A waiter's turn.
    public struct Grant: Equatable, Sendable {
        public var waiter: Int
        /// `reuse` or `connect`.
        public var lease: Lease

        public init(waiter: Int, lease: Lease) {
            self.waiter = waiter
            self.lease = lease
        }
    }

    /// What becomes of a connection that was given back.
    public enum GiveBack: Equatable, Sendable {
        /// It is kept; nothing to do.
        case keep
        /// Close this one: the one given back, or one that has idled longer.
        case close(Int)
        /// It goes straight to a waiter.
        case grant(Grant)
        /// Close it, and let the waiter open another in its place.
        case closeAndGrant(Int, Grant)
    }

    private struct Idle {
        var id: Int
        var deadline: Int64
    }

    private struct Slot {
        /// Connecting and leased.
        var leased = 0
        /// Longest idle first.
        var idle = ContiguousArray<Idle>()
        var waiters = WaiterQueue()

        var connections: Int { leased + idle.count }
    }

    private struct Connection {
        var slot: Int
        var isLeased: Bool
    }

    private let limits: ConnectionPoolLimits
    private var slotOfOrigin: [Origin: Int] = [:]
    private var slots = ContiguousArray<Slot>()
    private var connections: [Int: Connection] = [:]
    private var lastID = 0
    /// True after `drain`: nothing is leased or kept any more.
    public private(set) var isDraining = false

    public init(limits: ConnectionPoolLimits = ConnectionPoolLimits()) {
        precondition(limits.connectionsPerOriginMax > 0, "a pool holds at least one connection")
        self.limits = limits
    }

    // MARK: Leasing

    /// Asks for a connection: the most recently used idle one, else a new one, else a place in the queue under `waiter`.
    /// `close` is called for idle connections whose time is up.
    public mutating func lease(
        _ origin: Origin, waiter: Int, now: Int64, close: (Int) -> Void
    ) -> Lease {
        guard !isDraining else { return .refused }
        let index = slot(of: origin)
        if let freshest = slots[index].idle.last {
            if freshest.deadline > now {
                slots[index].idle.removeLast()
                slots[index].leased += 1
                connections[freshest.id] = Connection(slot: index, isLeased: true)
                return .reuse(freshest.id)
            }
            _ = evict(slot: index, now: now, close: close)
        }
        if slots[index].connections < limits.connectionsPerOriginMax { return .connect(open(index)) }
        guard slots[index].waiters.count < limits.waitersPerOriginMax else { return .refused }
        slots[index].waiters.append(waiter)
        return .wait
    }

    /// The connection could not be opened. Its slot goes to the next waiter, who tries for itself.
    public mutating func connectFailed(_ id: Int) -> Grant? {
        closed(id)
    }

    /// A lease ends. `isReusable`: the exchange ended in full on both sides and the connection is open.
    public mutating func giveBack(_ id: Int, isReusable: Bool, now: Int64) -> GiveBack {
        guard let connection = connections[id], connection.isLeased else {
            preconditionFailure("only a leased connection is given back")
        }
        let index = connection.slot
        guard isReusable, !isDraining else {
            guard let grant = closed(id) else { return .close(id) }
            return .closeAndGrant(id, grant)
        }
        if let waiter = slots[index].waiters.popFirst() { return .grant(Grant(waiter: waiter, lease: .reuse(id))) }
        guard limits.idlePerOriginMax > 0 else {
            _ = closed(id)
            return .close(id)
        }
        slots[index].leased -= 1
        connections[id] = Connection(slot: index, isLeased: false)
        var result = GiveBack.keep
        if slots[index].idle.count >= limits.idlePerOriginMax {
            let oldest = slots[index].idle.removeFirst().id
            connections[oldest] = nil
            result = .close(oldest)
        }
        let (deadline, overflow) = now.addingReportingOverflow(limits.idleNanosecondsMax)
        slots[index].idle.append(Idle(id: id, deadline: overflow ? .max : deadline))
        return result
    }

    /// The connection is gone, idle or leased; a waiter may open another in its place. Unknown numbers are ignored: two parties may
    /// notice the same close.
    public mutating func closed(_ id: Int) -> Grant? {
        guard let connection = connections.removeValue(forKey: id) else { return nil }
        let index = connection.slot
        if connection.isLeased {
            slots[index].leased -= 1
        } else if let position = slots[index].idle.firstIndex(where: { $0.id == id }) {
            slots[index].idle.remove(at: position)
        }
        guard !isDraining, let waiter = slots[index].waiters.popFirst() else { return nil }
        return Grant(waiter: waiter, lease: .connect(open(index)))
    }

    /// The waiter no longer wants a connection. False when its grant was given already: it then owns a lease and must give it back.
    public mutating func cancel(waiter: Int, for origin: Origin) -> Bool {
        guard let index = slotOfOrigin[origin] else { return false }
        return slots[index].waiters.remove(waiter)
    }

    // MARK: Time and end

    /// Calls `close` for every connection that has idled long enough, and returns when the next one will have: nil without idle ones.
    public mutating func evictIdle(now: Int64, close: (Int) -> Void) -> Int64? {
        var next: Int64?
        for index in slots.indices {
            guard let deadline = evict(slot: index, now: now, close: close) else { continue }
            next = min(next ?? deadline, deadline)
        }
        return next
    }

    /// Ends the pool: `close` is called for every idle connection, `refuse` for every waiter. Leased ones are closed as they come back.
    public mutating func drain(close: (Int) -> Void, refuse: (Int) -> Void) {
        isDraining = true
        for index in slots.indices {
            for idle in slots[index].idle {
                connections[idle.id] = nil
                close(idle.id)
            }
            slots[index].idle.removeAll()
            while let waiter = slots[index].waiters.popFirst() { refuse(waiter) }
        }
    }

    // MARK: Counts, for metrics and tests

    public var leasedCount: Int { slots.reduce(0) { $0 + $1.leased } }
    public var idleCount: Int { slots.reduce(0) { $0 + $1.idle.count } }
    public var waiterCount: Int { slots.reduce(0) { $0 + $1.waiters.count } }

    // MARK: Inside

    /// Origins come from the configuration, so that their number is bounded and slots are never given up.
    private mutating func slot(of origin: Origin) -> Int {
        if let index = slotOfOrigin[origin] { return index }
        slots.append(Slot())
        slotOfOrigin[origin] = slots.count - 1
        return slots.count - 1
    }

    private mutating func open(_ index: Int) -> Int {
        lastID += 1
        slots[index].leased += 1
        connections[lastID] = Connection(slot: index, isLeased: true)
        return lastID
    }

    /// Closes what is due in one slot; the next deadline there.
    private mutating func evict(slot index: Int, now: Int64, close: (Int) -> Void) -> Int64? {
        var due = 0
        while due < slots[index].idle.count, slots[index].idle[due].deadline <= now {
            let id = slots[index].idle[due].id
            connections[id] = nil
            close(id)
            due += 1
        }
        if due > 0 { slots[index].idle.removeFirst(due) }
        return slots[index].idle.first?.deadline
    }
}
