import Dispatch
import Locking

/// The bounded queue between the event loops and the writer thread. A loop holds its lock only to append; the writer takes whole
/// batches. Rows wait in batches of one transaction each, so that an append never moves more than one of them.
final class UsageQueue: Sendable {
    private struct State {
        var batches: [UsageBatch] = []
        /// Room of a batch that was written, for the next one.
        var spare: UsageBatch?
        /// Rows in `batches`.
        var waiting = 0
        /// Rows that the writer took and has not settled.
        var inFlight = 0
        /// Rows ever accepted, and rows ever settled: written, found twice or given up.
        var accepted = 0
        var settled = 0
        var dropped = 0
        /// When the oldest waiting row came.
        var oldest = DispatchTime(uptimeNanoseconds: 0)
        var sleep = Sleep.awake
        var isOpen = true
        /// Nobody waits any longer: what cannot be written at once is given up.
        var isAbandoned = false
        /// Somebody wants the writer to look at its other work.
        var isNudged = false
        /// Rows up to this count of `accepted` are written without waiting for company.
        var hurryUpTo = 0
        var flushes: [(target: Int, done: DispatchSemaphore)] = []
    }

    /// What the writer sleeps through.
    private enum Sleep {
        case awake
        /// Any row wakes it.
        case untilRow
        /// A full batch wakes it.
        case untilFull
    }

    private enum Step {
        case work(Work)
        case sleep(until: DispatchTime)
    }

    /// What the writer shall do next.
    enum Work {
        /// Write these rows and ``settle(givenUp:)`` them.
        case batch(UsageBatch)
        /// No batch is due: there is time for something else.
        case idle
        /// The queue is closed and empty.
        case end
    }

    private let capacity: Int
    private let delay: DispatchTimeInterval
    private let state = Locked(State())
    private let wake = DispatchSemaphore(value: 0)

    init(capacity: Int, delayMilliseconds: Int) {
        self.capacity = capacity
        delay = .milliseconds(delayMilliseconds)
    }

    // MARK: - Any thread

    /// Accepts a row, or drops and counts it when the queue is full or closed.
    func offer(_ record: UsageRecord) -> Bool {
        let (isAccepted, mustWake) = state.withLock { state in
            guard state.isOpen, state.waiting + state.inFlight < capacity else {
                state.dropped += 1
                return (false, false)
            }
            if state.waiting == 0 { state.oldest = .now() }
            Self.append(record, to: &state)
            state.waiting += 1
            state.accepted += 1
            let mustWake =
                switch state.sleep {
                case .awake: false
                case .untilRow: true
                case .untilFull: state.waiting >= StoreLimits.batchRowsMax
                }
            if mustWake { state.sleep = .awake }
            return (true, mustWake)
        }
        if mustWake { wake.signal() }
        return isAccepted
    }

    /// Waits until every row accepted so far is settled.
    ///
    /// - Returns: false when the time is up first.
    func flush(deadline: DispatchTime) -> Bool {
        let done = DispatchSemaphore(value: 0)
        let isSettled = state.withLock { state in
            guard state.settled < state.accepted else { return true }
            state.hurryUpTo = state.accepted
            state.flushes.append((state.accepted, done))
            return false
        }
        if isSettled { return true }
        wake.signal()
        return done.wait(timeout: deadline) == .success
    }

    /// Has the writer look at its other work as soon as no batch is due.
    func nudge() {
        state.withLock { $0.isNudged = true }
        wake.signal()
    }

    /// Accepts nothing more; the writer finishes what waits and ends.
    func close() {
        state.withLock { $0.isOpen = false }
        wake.signal()
    }

    /// After ``close()``: rows that cannot be written at the next try are given up.
    func abandon() {
        state.withLock { state in
            state.isOpen = false
            state.isAbandoned = true
        }
        wake.signal()
    }

    /// Rows accepted and not settled, and rows dropped.
    var counts: (depth: Int, dropped: Int) {
        state.withLock { ($0.waiting + $0.inFlight, $0.dropped) }
    }

    // MARK: - The writer's thread

    /// The next batch, when it is full or its time has come; `.idle` at `look`, or when nudged, unless a batch is due.
    func next(look: DispatchTime) -> Work {
        while true {
            switch state.withLock({ step(&$0, look) }) {
            case .work(let work): return work
            case .sleep(let time): _ = wake.wait(timeout: time)
            }
        }
    }

    /// Waits before another try.
    ///
    /// - Returns: false when there must be no other.
    func pauseBeforeRetry(milliseconds: Int) -> Bool {
        let deadline = DispatchTime.now() + .milliseconds(milliseconds)
        while !state.withLock({ $0.isAbandoned }) {
            // A flush or a close only wakes; neither makes a locked database free.
            if wake.wait(timeout: deadline) == .timedOut { return true }
        }
        return false
    }

    /// The batch in flight is done with.
    ///
    /// - Parameter givenUp: it was not written, and nothing behind it will be: all count as dropped.
    func settle(givenUp: Bool = false) {
        let done = state.withLock { state in
            if givenUp {
                state.inFlight += state.waiting
                state.dropped += state.inFlight
                state.waiting = 0
                state.batches = []
            }
            state.settled += state.inFlight
            state.inFlight = 0
            let settled = state.settled
            let done = state.flushes.filter { $0.target <= settled }.map(\.done)
            if !done.isEmpty { state.flushes.removeAll { $0.target <= settled } }
            return done
        }
        for semaphore in done { semaphore.signal() }
    }

    /// Takes a settled batch back, for its room.
    func recycle(_ batch: consuming UsageBatch) {
        guard batch.capacity <= StoreLimits.spareBatchBytesMax else { return }
        batch.removeAll()
        let spare = batch
        state.withLock { $0.spare = spare }
    }

    // MARK: - Under the lock

    private func step(_ state: inout State, _ look: DispatchTime) -> Step {
        state.sleep = .awake
        if let first = state.batches.first {
            let isUrgent = !state.isOpen || state.settled < state.hurryUpTo || first.rows >= StoreLimits.batchRowsMax
            if isUrgent || state.oldest + delay <= .now() { return .work(.batch(takeBatch(&state))) }
        } else if !state.isOpen {
            return .work(.end)
        }
        if state.isNudged || look <= .now() {
            state.isNudged = false
            return .work(.idle)
        }
        guard state.waiting > 0 else {
            state.sleep = .untilRow
            return .sleep(until: look)
        }
        state.sleep = .untilFull
        return .sleep(until: min(state.oldest + delay, look))
    }

    private func takeBatch(_ state: inout State) -> UsageBatch {
        let batch = state.batches.removeFirst()
        state.waiting -= batch.rows
        state.inFlight = batch.rows
        return batch
    }

    private static func append(_ record: UsageRecord, to state: inout State) {
        if state.batches.last.map({ $0.rows >= StoreLimits.batchRowsMax }) ?? true {
            state.batches.append(state.spare ?? UsageBatch())
            state.spare = nil
        }
        state.batches[state.batches.count - 1].append(record)
    }
}
