import CLinux
import DequeModule
import Glibc
import Locking
import Synchronization

/// One thread, one epoll instance, one isolation domain.
///
/// A loop is the executor of everything that lives on it: it is the serial executor of its `LoopActor` and, at the same
/// time, the task executor that `spawn` prefers. Both must be the same object, or every resumed continuation takes a
/// detour through the global thread pool (docs/decisions/0001).
///
/// A turn, in this order:
///
/// 1. the clock is read (`now`),
/// 2. due timers fire,
/// 3. what other threads posted is taken over,
/// 4. runnable jobs run, up to `ReactorLimits.jobsPerTurnMax`,
/// 5. each connection with something to send gets one `writev`,
/// 6. descriptors closed in this turn are given back,
/// 7. `epoll_wait`: not at all blocking while anything is runnable or ready, else until the next timer; the clock is
///    read again when it may have blocked,
/// 8. readiness and the ready list are handed to their handlers.
///
/// Nothing that was written waits behind a blocking `epoll_wait`, because 5 always stands between 4 and 7.
///
/// `@unchecked Sendable`: what other threads may touch is `inbox`, `wakePending`, `stopping` and the descriptors, all
/// synchronised; everything else is confined to the loop's thread, checked by `preconditionInLoop`.
public final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// Position within its group; also the loop's name in logs and metrics.
    public let index: Int
    /// The isolation domain of this loop's tasks.
    public private(set) nonisolated(unsafe) var actor: LoopActor!

    // Shared with other threads.
    private let inbox = Locked(Inbox())
    private let wakePending = Atomic(false)
    private let stopping = Atomic(false)
    private let remoteEnqueueCount = Atomic(0)
    private let wakeDescriptor: Int32

    // Confined to the loop's thread.
    private var jobs = Deque<UnownedJob>()
    private var takenJobs: [UnownedJob] = []
    private var takenPosts: [@Sendable () -> Void] = []
    private var dirty: [any Flushable] = []
    private var flushing: [any Flushable] = []
    private var ready: [any ReadinessHandler] = []
    private var dispatching: [any ReadinessHandler] = []
    private var closing: [Int32] = []
    private let waitStep: WaitStep
    private var lastWaitEnded: Int64 = 0
    /// When the turn began, and how long it has waited.
    private var turnStarted: Int64
    private var turnWaited: Int64 = 0

    /// Descriptors and their handlers.
    let selector: Selector
    /// Timers of this loop; loop-confined.
    var wheel: TimerWheel<LoopTimer>
    /// Monotonic time in nanoseconds, read at the start of a turn and after each wait. Loop-confined.
    public private(set) var now: Int64
    /// Counts the turns, so that budgets "per turn" need no reset.
    public private(set) var turnNumber: UInt64 = 0
    /// Blocks for outbound bytes. Loop-confined.
    public let blocks = BlockPool()
    /// The receive buffer every connection of this loop reads into. What it holds is valid until the next receive on
    /// this loop, that is, at most until the next `await`.
    public let scratch: UnsafeMutableRawBufferPointer
    /// A second one, for bytes that were decrypted out of `scratch`.
    public let plaintextScratch: UnsafeMutableRawBufferPointer
    /// Exact counts of what this loop did. Loop-confined.
    public internal(set) var counters = LoopCounters()

    private struct Inbox {
        var jobs: [UnownedJob] = []
        var posts: [@Sendable () -> Void] = []
    }

    /// - Parameters:
    ///   - index: position in the group.
    ///   - waitStep: how the loop waits when nothing is left to do.
    /// - Throws: `SystemError` when the kernel grants no descriptor.
    public init(index: Int = 0, waitStep: WaitStep = .init()) throws(SystemError) {
        self.index = index
        self.waitStep = waitStep
        selector = try Selector()
        let wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard wake >= 0 else { throw SystemError("eventfd") }
        wakeDescriptor = wake
        now = ekai_monotonic_ns()
        turnStarted = now
        wheel = TimerWheel(startNanoseconds: now)
        scratch = .allocate(byteCount: ReactorLimits.scratchBytes, alignment: 64)
        plaintextScratch = .allocate(byteCount: ReactorLimits.scratchBytes, alignment: 64)
        try selector.addWake(wake)
        actor = LoopActor(loop: self)
    }

    deinit {
        close(wakeDescriptor)
        scratch.deallocate()
        plaintextScratch.deallocate()
    }

    // MARK: Running

    /// Runs turns on the calling thread until `stop()` was called and nothing is runnable any more, or, where tasks keep
    /// each other runnable for ever, for `ReactorLimits.turnsAfterStopMax` turns after it.
    public func run() {
        entered {
            turnStarted = ekai_monotonic_ns()
            var turnsLeft = ReactorLimits.turnsAfterStopMax
            while turnsLeft > 0 {
                turn()
                guard stopping.load(ordering: .acquiring) else { continue }
                // What was posted before `stop` still runs: its wake-up is pending until it was taken over.
                if !hasRunnable, !wakePending.load(ordering: .acquiring) { break }
                turnsLeft -= 1
            }
            flushDirty()
            closeDeferred()
        }
    }

    /// Makes the calling thread the loop's own while `body` runs.
    func entered<Result>(_ body: () throws -> Result) rethrows -> Result {
        precondition(ekai_current_loop_get() == nil, "this thread already runs a loop")
        ekai_current_loop_set(Unmanaged.passUnretained(self).toOpaque())
        defer { ekai_current_loop_set(nil) }
        return try body()
    }

    /// Makes `run()` return once what was posted before has run. Callable from any thread.
    public func stop() {
        stopping.store(true, ordering: .releasing)
        wake()
    }

    /// True on the loop's own thread.
    public var isInLoop: Bool { ekai_current_loop_get() == Unmanaged.passUnretained(self).toOpaque() }

    /// Traps off the loop's thread: an error of ours, never of a peer.
    @inline(__always)
    public func preconditionInLoop(_ function: StaticString = #function) {
        precondition(isInLoop, "called off its event loop")
    }

    /// One turn, as described above; `run` does nothing else.
    /// - Parameter limitNanoseconds: the longest it may block, for a test that steps the loop.
    func turn(waitingAtMost limitNanoseconds: Int64 = .max) {
        turnNumber &+= 1
        counters.turns &+= 1
        now = ekai_monotonic_ns()
        noteTurn()
        fireTimers()
        takeInbox()
        runJobs()
        flushDirty()
        closeDeferred()
        waitForReadiness(atMost: limitNanoseconds)
        dispatchReadyList()
    }

    /// Counts the turn before this one, whose end is the beginning of this one.
    private func noteTurn() {
        let worked = max(0, now - turnStarted - turnWaited)
        turnStarted = now
        turnWaited = 0
        counters.busyNanoseconds &+= worked
        counters.longestTurnNanoseconds = max(counters.longestTurnNanoseconds, worked)
    }

    /// How long the longest turn worked since the last call, in nanoseconds. Loop-confined.
    public func takeLongestTurn() -> Int64 {
        defer { counters.longestTurnNanoseconds = 0 }
        return counters.longestTurnNanoseconds
    }

    private var hasRunnable: Bool { !jobs.isEmpty || !ready.isEmpty || !dirty.isEmpty }

    private func fireTimers() {
        // Popped one at a time: a timer that fires may cancel the next one. As many as were set at the start: one that
        // keeps setting itself to a time already past takes its turns with everything else.
        var left = wheel.count
        while left > 0, let timer = wheel.popDue(nowNanoseconds: now) {
            left -= 1
            timer.fired()
        }
    }

    private func takeInbox() {
        guard wakePending.load(ordering: .acquiring) else { return }
        wakePending.store(false, ordering: .sequentiallyConsistent)
        inbox.withLock {
            swap(&$0.jobs, &takenJobs)
            swap(&$0.posts, &takenPosts)
        }
        for job in takenJobs { jobs.append(job) }
        takenJobs.removeAll(keepingCapacity: true)
        for post in takenPosts { post() }
        takenPosts.removeAll(keepingCapacity: true)
    }

    private func runJobs() {
        let serial = asUnownedSerialExecutor()
        let task = asUnownedTaskExecutor()
        var budget = ReactorLimits.jobsPerTurnMax
        while budget > 0, let job = jobs.popFirst() {
            budget -= 1
            counters.jobs &+= 1
            job.runSynchronously(isolatedTo: serial, taskExecutor: task)
        }
    }

    private func flushDirty() {
        guard !dirty.isEmpty else { return }
        swap(&dirty, &flushing)
        for connection in flushing { connection.flush() }
        flushing.removeAll(keepingCapacity: true)
    }

    private func closeDeferred() {
        guard !closing.isEmpty else { return }
        for descriptor in closing { close(descriptor) }
        closing.removeAll(keepingCapacity: true)
    }

    private func waitForReadiness(atMost limit: Int64) {
        let timeout: Int64
        var waitStarted = now
        if hasRunnable || stopping.load(ordering: .relaxed) || wakePending.load(ordering: .acquiring) {
            timeout = 0
        } else {
            if waitStep.isResting { waitStarted = ekai_monotonic_ns() }
            waitStep.rest(sinceNanoseconds: lastWaitEnded, atMostUntil: wheel.nextDeadlineNanoseconds)
            let current = ekai_monotonic_ns()
            if !waitStep.isResting { waitStarted = current }
            let untilNextTimer = wheel.nextDeadlineNanoseconds.map { max(0, $0 - current) } ?? .max
            timeout = min(untilNextTimer, limit)
        }
        counters.waits &+= 1
        let count = selector.wait(timeoutNanoseconds: timeout)
        // A wait may have lasted a minute: what the handlers start now must not be timed from before it.
        if timeout != 0 {
            now = ekai_monotonic_ns()
            turnWaited = now - waitStarted
        }
        selector.dispatch(count) {
            var value: UInt64 = 0
            _ = read(wakeDescriptor, &value, 8)
        }
        if waitStep.isResting { lastWaitEnded = ekai_monotonic_ns() }
    }

    private func dispatchReadyList() {
        guard !ready.isEmpty else { return }
        swap(&ready, &dispatching)
        for handler in dispatching { handler.continueReading() }
        dispatching.removeAll(keepingCapacity: true)
    }

    // MARK: For connections, on the loop

    /// Has `connection` flushed at the end of this turn. The connection sees to it that it is listed only once.
    func markDirty(_ connection: any Flushable) { dirty.append(connection) }

    /// Has `handler` asked again in the next turn: edge-triggered epoll will not repeat what a budget cut off.
    func continueLater(_ handler: any ReadinessHandler) { ready.append(handler) }

    /// Closes a descriptor that was never registered.
    public func closeNow(_ descriptor: Int32) { close(descriptor) }

    /// Closes `descriptor` at the end of the turn, when no event of this turn can still mean it.
    func closeLater(_ descriptor: Int32) { closing.append(descriptor) }

    // MARK: From any thread

    /// Runs `work` on the loop, in the next turn. Order of posts from one thread is kept.
    public func post(_ work: @escaping @Sendable () -> Void) {
        inbox.withLock { $0.posts.append(work) }
        wake()
    }

    /// Starts a task that lives on this loop. The only way to start one: a bare `Task` would not prefer the loop as its
    /// task executor, and each of its resumptions would pass through the global pool.
    public func spawn(_ body: @escaping @Sendable (isolated LoopActor) async -> Void) {
        // The task holds the loop, which its actor does not.
        Task(executorPreference: self) { [self] in await actor.run(body) }  // tidy:allow the one place that may
    }

    private func wake() {
        guard !wakePending.exchange(true, ordering: .sequentiallyConsistent) else { return }
        guard !isInLoop else { return }
        var one: UInt64 = 1
        _ = write(wakeDescriptor, &one, 8)
    }

    // MARK: Executor

    public func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        if isInLoop {
            counters.localEnqueues &+= 1
            jobs.append(unowned)
        } else {
            inbox.withLock { $0.jobs.append(unowned) }
            remoteEnqueueCount.wrappingAdd(1, ordering: .relaxed)
            wake()
        }
    }

    /// Jobs that arrived from other threads since the start. On the data path this stands still.
    public var remoteEnqueues: Int { remoteEnqueueCount.load(ordering: .relaxed) }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
    public func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }
    public func checkIsolated() { preconditionInLoop() }
    public func isIsolatingCurrentContext() -> Bool? { isInLoop }
}
