import Dispatch
import Reactor
import Synchronization
import Testing
import TestSupport

@testable import Gateway

/// What becomes of work whose client goes away.
@Suite struct ControlQueueTests {
    /// How the work of a client came out.
    private enum Ending: Equatable, Sendable { case done(Int), refused, abandoned }

    private let loop: TestLoop
    private let wakeup: LoopBound<Wakeup>

    init() throws {
        loop = try TestLoop()
        let loop = loop.loop
        wakeup = try self.loop.run { LoopBound(Wakeup(), to: loop) }
    }

    private func start(
        _ queue: ControlQueue, abandonedBy signals: Signals, _ work: @escaping @Sendable (Abandonment) -> Int
    ) -> Pending<Ending> {
        let (loop, wakeup) = (loop.loop, wakeup)
        return self.loop.start { _ in
            switch await queue.value(for: wakeup.value, on: loop, abandonedBy: signals, work) {
            case .done(let value): .done(value)
            case .refused: .refused
            case .abandoned: .abandoned
            }
        }
    }

    private func signal(_ signals: Signals) throws {
        let wakeup = wakeup
        try loop.run { wakeup.value.signal(signals) }
    }

    @Test func skipsTheWorkOfAClientThatIsGone() throws {
        defer { loop.stop() }
        let queue = ControlQueue(label: "test")
        let gate = DispatchSemaphore(value: 0)
        #expect(queue.run { gate.wait() })
        let hasRun = Atomic(false)
        let ending = start(queue, abandonedBy: .downstreamGone) { _ in
            hasRun.store(true, ordering: .relaxed)
            return 1
        }
        try signal(.downstreamGone)
        try loop.settle()
        #expect(!ending.isFulfilled, "its place in the queue is still taken")
        gate.signal()
        #expect(try ending.value() == .abandoned)
        #expect(hasRun.load(ordering: .relaxed) == false)
        // The next to wait on the wakeup sees that the client is gone.
        let wakeup = wakeup
        #expect(try loop.run { wakeup.value.isSet(.downstreamGone) })
    }

    @Test func tellsWorkThatHasBegun() throws {
        defer { loop.stop() }
        let begun = DispatchSemaphore(value: 0)
        let told = DispatchSemaphore(value: 0)
        let ending = start(ControlQueue(label: "test"), abandonedBy: .downstreamGone) { abandonment in
            let before = abandonment.isDeclared
            begun.signal()
            told.wait()
            return !before && abandonment.isDeclared ? 1 : 0
        }
        #expect(begun.wait(timeout: .now() + 10) == .success)
        try signal(.downstreamGone)
        try loop.settle()
        told.signal()
        #expect(try ending.value() == .abandoned)
    }

    @Test func worksForWhoeverStays() throws {
        defer { loop.stop() }
        let queue = ControlQueue(label: "test", depthMax: 1)
        #expect(try start(queue, abandonedBy: .downstreamGone) { $0.isDeclared ? 0 : 7 }.value() == .done(7))
        // A client that is gone matters to nobody who did not ask.
        try signal(.downstreamGone)
        #expect(try start(queue, abandonedBy: []) { $0.isDeclared ? 0 : 8 }.value() == .done(8))
        let gate = DispatchSemaphore(value: 0)
        #expect(queue.run { gate.wait() })
        #expect(try start(queue, abandonedBy: []) { _ in 9 }.value() == .refused)
        gate.signal()
    }
}
