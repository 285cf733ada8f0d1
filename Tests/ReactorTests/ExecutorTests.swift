import Testing

@testable import Reactor

extension ReactorSuite {
    @Suite struct ExecutorTests {
        private static let events = 10_000

        /// The figure of docs/decisions/0001: a suspension and its resumption cost exactly one enqueue, on the loop's own
        /// thread, and none through the global pool.
        @Test func oneLocalEnqueueForEachSuspension() throws {
            try withSteppedLoop { loop in
                let wakeup = Wakeup()
                let seen = Outcome(0)
                let bound = LoopBound((wakeup, seen), to: loop)
                loop.spawn { _ in
                    let (wakeup, seen) = bound.value
                    while seen.value < Self.events {
                        _ = await wakeup.wait(for: .timer)
                        seen.value += 1
                    }
                }
                loop.step()
                #expect(loop.remoteEnqueues == 0, "starting a task on its own loop needs no other thread")
                let before = loop.counters.localEnqueues
                for _ in 0..<Self.events {
                    wakeup.signal(.timer)
                    loop.step()
                }
                #expect(seen.value == Self.events)
                #expect(loop.remoteEnqueues == 0)
                #expect(loop.counters.localEnqueues - before == Self.events, "one a suspension")
            }
        }

        /// Helpers are `nonisolated(nonsending)`: they run where their caller runs, without a hop.
        @Test func nestedCallsAddNoEnqueues() throws {
            try withSteppedLoop { loop in
                let wakeup = Wakeup()
                let sum = Outcome(0)
                let bound = LoopBound((wakeup, sum), to: loop)
                loop.spawn { _ in
                    let (wakeup, sum) = bound.value
                    for _ in 0..<1_000 { await outer(wakeup, sum) }
                }
                loop.step()
                let before = loop.counters.localEnqueues
                for _ in 0..<1_000 {
                    wakeup.signal(.completed)
                    loop.step()
                }
                #expect(sum.value == 3_000)
                #expect(loop.counters.localEnqueues - before == 1_000)
                #expect(loop.remoteEnqueues == 0)
            }
        }

        /// A task that need not wait costs nothing: of the two enqueues, one starts it and one brings it to its actor.
        @Test func readySignalsCostNoEnqueue() throws {
            try withSteppedLoop { loop in
                let count = Outcome(0)
                let bound = LoopBound(count, to: loop)
                loop.spawn { _ in
                    let wakeup = Wakeup()
                    for _ in 0..<1_000 {
                        wakeup.signal(.timer)
                        _ = await wakeup.wait(for: .timer)
                        bound.value.value += 1
                    }
                }
                loop.step()
                #expect(count.value == 1_000)
                #expect(loop.counters.localEnqueues == 2)
                #expect(loop.remoteEnqueues == 0)
            }
        }

        @Test func spawnedFromElsewhereItRunsOnTheLoop() throws {
            let group = try EventLoopGroup(count: 2)
            let loop = group.loops[0]
            let done = Latch()
            let wasInLoop = SendableBox(false)
            loop.spawn { actor in
                actor.assertIsolated()
                actor.loop.checkIsolated()
                let wakeup = Wakeup()
                let timer = LoopTimer(loop: actor.loop) { wakeup.signal(.timer) }
                timer.schedule(afterNanoseconds: 1_000_000)
                _ = await wakeup.wait(for: .timer)
                wasInLoop.set(
                    actor.loop.isInLoop && actor.loop.isIsolatingCurrentContext() == true
                        && !group.loops[1].isInLoop && group.loops[1].isIsolatingCurrentContext() == false)
                done.open()
            }
            #expect(done.wait())
            #expect(wasInLoop.get())
            #expect(!loop.isInLoop)
            #expect(loop.isIsolatingCurrentContext() == false)
            #expect(loop.remoteEnqueues == 1, "the start of the task alone came from another thread")
            group.stopAndJoin()
        }

        @Test func jobsOfOneTurnAreBounded() throws {
            try withSteppedLoop { loop in
                let count = ReactorLimits.jobsPerTurnMax + 50
                let ended = SendableBox(0)
                for _ in 0..<count { loop.spawn { _ in ended.update { $0 += 1 } } }
                let before = loop.counters.jobs
                loop.step()
                #expect(loop.counters.jobs - before == ReactorLimits.jobsPerTurnMax)
                #expect(loop.turns { ended.get() == count })
                // The last one's end is a job of its own.
                loop.step()
            }
        }
    }
}

private func outer(_ wakeup: Wakeup, _ sum: Outcome<Int>) async {
    sum.value += 1
    await inner(wakeup, sum)
    sum.value += 1
}

private func inner(_ wakeup: Wakeup, _ sum: Outcome<Int>) async {
    _ = await wakeup.wait(for: .completed)
    sum.value += 1
}
