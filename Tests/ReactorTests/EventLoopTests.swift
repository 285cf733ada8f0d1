import CLinux
import Synchronization
import Testing

@testable import Reactor

extension ReactorSuite {
    @Suite struct EventLoopTests {
        @Test func postsKeepTheirOrder() throws {
            let group = try EventLoopGroup(count: 1)
            let seen = SendableBox<[Int]>([])
            let done = Latch()
            for index in 0..<5_000 { group.loops[0].post { seen.update { $0.append(index) } } }
            group.loops[0].post { done.open() }
            #expect(done.wait())
            #expect(seen.get() == Array(0..<5_000))
            group.stopAndJoin()
        }

        /// Many threads, each waiting for its own answer: one lost wake-up and the loop sleeps for ever.
        @Test func noWakeUpIsLost() throws {
            let group = try EventLoopGroup(count: 1)
            let loop = group.loops[0]
            let failures = Atomic(0)
            let threads = (0..<4).map { index in
                Thread.start(name: "poster-\(index)") {
                    for _ in 0..<2_000 {
                        let answered = Latch()
                        loop.post { answered.open() }
                        if !answered.wait() {
                            failures.add(1, ordering: .relaxed)
                            return
                        }
                    }
                }
            }
            for thread in threads { thread.join() }
            #expect(failures.load(ordering: .relaxed) == 0)
            group.stopAndJoin()
        }

        /// Work counts, waiting does not; times are compared with each other, never with a clock's promise.
        @Test func countsHowLongATurnWorked() throws {
            try withSteppedLoop { loop in
                loop.step()
                _ = loop.takeLongestTurn()
                let worked = SendableBox<Int64>(0)
                loop.post {
                    let start = ekai_monotonic_ns()
                    var now = start
                    while now - start < 2_000_000 { now = ekai_monotonic_ns() }
                    worked.update { $0 = now - start }
                }
                loop.step()
                loop.step()
                let longest = loop.takeLongestTurn()
                #expect(longest >= worked.get() && worked.get() >= 2_000_000)
                #expect(loop.takeLongestTurn() == 0)

                let (busyBefore, start) = (loop.counters.busyNanoseconds, ekai_monotonic_ns())
                loop.turn(waitingAtMost: 30_000_000)
                loop.step()
                let (busy, passed) = (loop.counters.busyNanoseconds - busyBefore, ekai_monotonic_ns() - start)
                // The turn before ended at the start of this one; at least the 30 ms of waiting are missing.
                #expect(busy - longest <= passed - 29_000_000)
            }
        }

        @Test func postFromTheLoopItselfRunsNextTurn() throws {
            try withSteppedLoop { loop in
                let turns = SendableBox<[UInt64]>([])
                loop.post {
                    turns.update { $0.append(loop.turnNumber) }
                    loop.post { turns.update { $0.append(loop.turnNumber) } }
                }
                loop.turn()  // may block as long as it likes: what was posted keeps it from doing so
                loop.turn(waitingAtMost: 0)
                #expect(turns.get() == [1, 2])
            }
        }

        @Test func whatWasPostedBeforeStopRuns() throws {
            for _ in 0..<200 {
                let group = try EventLoopGroup(count: 1)
                let ran = SendableBox(0)
                for _ in 0..<3 { group.loops[0].post { ran.update { $0 += 1 } } }
                group.stopAndJoin()
                #expect(ran.get() == 3)
            }
        }

        @Test func stopFromTheLoopEndsIt() throws {
            let loop = try EventLoop()
            let thread = Thread.start(name: "stopper") { loop.run() }
            loop.post { loop.stop() }
            thread.join()
        }

        @Test func groupJoinsAllItsLoops() throws {
            let group = try EventLoopGroup(count: 3)
            #expect(group.loops.map(\.index) == [0, 1, 2])
            let ran = SendableBox<Set<Int>>([])
            for loop in group.loops { loop.post { ran.update { $0.insert(loop.index) } } }
            group.stopAndJoin()
            #expect(ran.get() == [0, 1, 2])
            #expect(EventLoopGroup.allowedCPUs >= 1)
        }

        /// A task that never comes to rest does not keep a stopped loop from ending.
        @Test func restlessTasksDoNotHoldTheStop() throws {
            let group = try EventLoopGroup(count: 1)
            let started = Latch()
            let isOver = SendableBox(false)
            group.loops[0].spawn { actor in
                let ping = Wakeup()
                let pong = Wakeup()
                let bound = LoopBound((ping, pong), to: actor.loop)
                actor.loop.spawn { _ in
                    let (ping, pong) = bound.value
                    while !isOver.get() {
                        _ = await ping.wait(for: .timer)
                        pong.signal(.timer)
                    }
                }
                started.open()
                while !isOver.get() {
                    ping.signal(.timer)
                    _ = await pong.wait(for: .timer)
                }
                ping.signal(.timer)
            }
            #expect(started.wait())
            group.stopAndJoin()
            // The loop has ended with both of them in the middle; they come to their end here, so that nothing is left behind.
            isOver.update { $0 = true }
            group.loops[0].run()
        }

        @Test func endedLoopIsFreed() throws {
            weak var weakLoop: EventLoop?
            do {
                let loop = try EventLoop()
                weakLoop = loop
                let thread = Thread.start(name: "short") { loop.run() }
                let done = Latch()
                loop.spawn { _ in done.open() }
                #expect(done.wait())
                loop.stop()
                thread.join()
            }
            #expect(weakLoop == nil)
        }

        @Test func restEndsAtTheNextTimer() throws {
            let loop = try EventLoop(waitStep: WaitStep(coalesceNanoseconds: 10_000_000))
            loop.entered {
                for _ in 0..<3 { loop.step() }
                var fired: Int64?
                let timer = LoopTimer(loop: loop) { fired = loop.now }
                timer.schedule(afterNanoseconds: 1_000_000)
                let asked = timer.deadlineNanoseconds ?? 0
                // The rest is not a reason to be late. Only this thread's own delays are allowed for.
                let before = loop.turnNumber
                while fired == nil { loop.turn(waitingAtMost: 50_000_000) }
                #expect((fired ?? 0) >= asked)
                #expect(loop.turnNumber - before <= 5)
            }
        }
    }
}
