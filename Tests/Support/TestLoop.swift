import Dispatch
import Locking
import Reactor

/// An event loop on a thread of its own, for tests that stand outside of it.
public final class TestLoop: Sendable {
    public let loop: EventLoop
    private let group: EventLoopGroup

    public init() throws {
        group = try EventLoopGroup(count: 1)
        loop = group.loops[0]
    }

    /// Ends the loop's thread. Connections still open stay as they are.
    public func stop() { group.stopAndJoin() }

    /// Runs `work` on the loop and returns its result.
    public func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) throws -> Value {
        let pending = Pending<Result<Value, any Error>>()
        loop.post { pending.fulfil(Result { try work() }) }
        return try pending.value("the loop to run a closure").get()
    }

    /// Runs `work` here while the loop stands still: whatever it does, the loop finds done all at once.
    public func whileHeld<Value>(_ work: () throws -> Value) throws -> Value {
        let isHeld = Pending<Bool>()
        let mayGoOn = DispatchSemaphore(value: 0)
        loop.post {
            isHeld.fulfil(true)
            mayGoOn.wait()
        }
        defer { mayGoOn.signal() }
        _ = try isHeld.value("the loop to stand still")
        return try work()
    }

    /// Starts a task on the loop.
    public func start<Value: Sendable>(
        _ work: @escaping @Sendable (isolated LoopActor) async -> Value
    ) -> Pending<Value> {
        let pending = Pending<Value>()
        loop.spawn { actor in pending.fulfil(await work(actor)) }
        return pending
    }

    /// Returns once the loop has looked at its sockets and run what that made runnable: what a peer sent before has been
    /// seen after it. Takes the place of a sleep.
    public func settle() throws {
        // The first turn finds the sockets ready, the second runs the tasks, the third sends what they queued.
        for _ in 0..<3 { try run {} }
    }
}

/// A value that another thread makes.
public final class Pending<Value: Sendable>: Sendable {
    private let result = Locked<Value?>(nil)
    private let done = DispatchSemaphore(value: 0)

    public init() {}

    public func fulfil(_ value: Value) {
        result.withLock { $0 = value }
        done.signal()
    }

    public var isFulfilled: Bool { result.withLock { $0 != nil } }

    /// Waits for the value, with a deadline.
    public func value(_ what: String = "a result") throws -> Value {
        let deadline = DispatchTime.now() + .milliseconds(Int(RawSocket.patienceMilliseconds))
        guard done.wait(timeout: deadline) == .success, let value = result.withLock({ $0 }) else {
            throw TimedOut(description: "waited in vain for \(what)")
        }
        done.signal()
        return value
    }
}
