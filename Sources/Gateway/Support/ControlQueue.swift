import Dispatch
import Reactor
import Synchronization

/// Where work that blocks is done: database reads for `/usage`, writing the log. Never on a loop.
///
/// Serial and bounded: what comes when `depthMax` items wait already is refused, and the caller says so to its client.
final class ControlQueue: Sendable {
    /// Items that may wait.
    static let depthMax = 256

    private let queue: DispatchQueue
    private let depth = Atomic(0)

    init(label: String) { queue = DispatchQueue(label: label) }

    /// Runs `work` later. False when too much waits already.
    func run(_ work: @escaping @Sendable () -> Void) -> Bool {
        guard depth.add(1, ordering: .relaxed).newValue <= Self.depthMax else {
            depth.subtract(1, ordering: .relaxed)
            return false
        }
        queue.async { [self] in
            work()
            depth.subtract(1, ordering: .relaxed)
        }
        return true
    }

    /// Runs `work` off the loop and wakes the calling task with its result. Nil when the queue is full.
    func value<Value: Sendable>(
        for wakeup: Wakeup, on loop: EventLoop, _ work: @escaping @Sendable () -> Value
    ) async -> Value? {
        let box = ResultBox<Value>()
        let bound = LoopBound((box, wakeup), to: loop)
        wakeup.clear(.completed)
        let isAccepted = run {
            let value = work()
            loop.post {
                bound.value.0.value = value
                bound.value.1.signal(.completed)
            }
        }
        guard isAccepted else { return nil }
        while box.value == nil { _ = await wakeup.wait(for: .completed) }
        return box.value
    }
}

/// The result of work done elsewhere, until its task picks it up. Loop-confined.
private final class ResultBox<Value> {
    var value: Value?
}
