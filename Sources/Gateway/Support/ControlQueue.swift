import Dispatch
import Reactor
import Synchronization

/// Where work that blocks is done: database reads for `/usage`, writing the log. Never on a loop.
///
/// Serial and bounded: what comes when as many items as may be are waiting or at work is refused, and the caller says so to its client.
final class ControlQueue: Sendable {
    /// Items that may wait or be at work, where nothing else is said.
    static let depthMax = 256

    /// What came of work that a client waits for.
    enum Outcome<Value> {
        case done(Value)
        /// Too much waits already.
        case refused
        /// The client went away first.
        case abandoned
    }

    private let queue: DispatchQueue
    private let depthMax: Int
    private let depth = Atomic(0)

    init(label: String, depthMax: Int = ControlQueue.depthMax) {
        queue = DispatchQueue(label: label)
        self.depthMax = depthMax
    }

    /// Runs `work` later. False when too much waits already.
    func run(_ work: @escaping @Sendable () -> Void) -> Bool { run(work) {} }

    /// Runs `work` later and `completion` behind it, when its place in the queue is free again. False when too much waits already.
    private func run<Value>(
        _ work: @escaping @Sendable () -> Value, _ completion: @escaping @Sendable (Value) -> Void
    ) -> Bool {
        guard depth.add(1, ordering: .relaxed).newValue <= depthMax else {
            depth.subtract(1, ordering: .relaxed)
            return false
        }
        queue.async { [self] in
            let value = work()
            depth.subtract(1, ordering: .relaxed)
            completion(value)
        }
        return true
    }

    /// Runs `work` off the loop and wakes the calling task with its result.
    ///
    /// - Parameters:
    ///   - abandonment: signals that make the work needless, such as `.downstreamGone`. It is then not begun, or, when it has begun, told.
    func value<Value: Sendable>(
        for wakeup: Wakeup, on loop: EventLoop, abandonedBy abandonment: Signals = [],
        _ work: @escaping @Sendable (Abandonment) -> Value
    ) async -> Outcome<Value> {
        let box = ResultBox<Value>()
        let bound = LoopBound((box, wakeup), to: loop)
        let isAbandoned = Abandonment()
        wakeup.clear(.completed)
        let isAccepted = run { () -> Value? in
            isAbandoned.isDeclared ? nil : work(isAbandoned)
        } _: { value in
            loop.post {
                bound.value.0.finish(value)
                bound.value.1.signal(.completed)
            }
        }
        guard isAccepted else { return .refused }
        // Abandoned work is waited for all the same: it ends soon, and its place in the queue is the client's until then.
        while !box.isFinished {
            let signals = await wakeup.wait(for: abandonment.union(.completed)).subtracting(.completed)
            if !signals.isEmpty { isAbandoned.declare() }
        }
        guard isAbandoned.isDeclared else { return box.value.map { .done($0) } ?? .abandoned }
        // Whoever waits next on this wakeup shall see it too.
        wakeup.signal(abandonment)
        return .abandoned
    }
}

/// Whether the client of some work is gone: set by its loop, seen by the work.
final class Abandonment: Sendable {
    private let flag = Atomic(false)

    var isDeclared: Bool { flag.load(ordering: .relaxed) }

    fileprivate func declare() { flag.store(true, ordering: .relaxed) }
}

/// The result of work done elsewhere, until its task picks it up. Loop-confined.
private final class ResultBox<Value> {
    private(set) var isFinished = false
    private(set) var value: Value?

    /// - Parameter value: nil when the work was not begun.
    func finish(_ value: Value?) {
        self.value = value
        isFinished = true
    }
}
