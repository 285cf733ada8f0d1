/// Bounds the handshakes that one loop drives at a time; later ones wait in order of arrival, and their number is bounded too.
///
/// A handshake costs about 1.6 ms of CPU, so that a hundred at once would stop every stream of the loop for a sixth of a second.
/// A pure value: the driver starts what it is told to start, and calls `finish` exactly once for every handshake that started.
public struct HandshakeLimiter<Waiter: Equatable> {
    public enum Admission: Sendable, Equatable {
        /// Start now. Owes one `finish`.
        case start
        /// `finish` will name this waiter when its turn comes.
        case wait
        /// The queue is full: shed the connection.
        case refuse
    }

    public private(set) var inProgress = 0
    private var queue: [Waiter] = []
    private var head = 0
    private let inProgressMax: Int
    private let waitingMax: Int

    public init(
        inProgressMax: Int = TLSLimits.handshakesInProgressMax,
        waitingMax: Int = TLSLimits.handshakesWaitingMax
    ) {
        precondition(inProgressMax > 0 && waitingMax >= 0)
        self.inProgressMax = inProgressMax
        self.waitingMax = waitingMax
    }

    public var waiting: Int { queue.count - head }

    public mutating func admit(_ waiter: Waiter) -> Admission {
        if inProgress < inProgressMax {
            inProgress += 1
            return .start
        }
        guard waiting < waitingMax else { return .refuse }
        queue.append(waiter)
        return .wait
    }

    /// A started handshake ended, well or not. Returns the waiter whose handshake starts now; it counts as in progress already.
    public mutating func finish() -> Waiter? {
        precondition(inProgress > 0, "finish without a handshake in progress")
        guard head < queue.count else {
            inProgress -= 1
            return nil
        }
        let next = queue[head]
        head += 1
        if head == queue.count || head > waitingMax {
            queue.removeFirst(head)
            head = 0
        }
        return next
    }

    /// A waiting connection went away. False when it does not wait (any more): a started one ends through `finish`.
    public mutating func cancel(_ waiter: Waiter) -> Bool {
        guard let index = queue[head...].firstIndex(of: waiter) else { return false }
        queue.remove(at: index)
        return true
    }
}

extension HandshakeLimiter: Sendable where Waiter: Sendable {}
