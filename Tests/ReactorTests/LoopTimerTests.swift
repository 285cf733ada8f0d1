import Glibc
import Testing

@testable import Reactor

extension ReactorSuite {
    @Suite struct LoopTimerTests {
        private static let millisecond: Int64 = 1_000_000

        @Test func movingLaterLeavesTheWheelAlone() throws {
            try withSteppedLoop { loop in
                var fired: [Int64] = []
                let timer = LoopTimer(loop: loop) { fired.append(loop.now) }
                timer.schedule(afterNanoseconds: 5 * Self.millisecond)
                let first = loop.wheel.nextDeadlineNanoseconds
                let start = loop.now
                for extra in Int64(6)...20 { timer.schedule(afterNanoseconds: extra * Self.millisecond) }
                #expect(loop.wheel.count == 1)
                #expect(loop.wheel.nextDeadlineNanoseconds == first)
                #expect(timer.deadlineNanoseconds == start + 20 * Self.millisecond)
                #expect(loop.turns { !fired.isEmpty })
                #expect(fired[0] >= start + 20 * Self.millisecond, "fired at the old time")
                #expect(timer.deadlineNanoseconds == nil)
                #expect(loop.wheel.count == 0)
            }
        }

        @Test func movingEarlierFiresEarlier() throws {
            try withSteppedLoop { loop in
                var fired = 0
                let timer = LoopTimer(loop: loop) { fired += 1 }
                timer.schedule(afterNanoseconds: 3_600_000 * Self.millisecond)
                timer.schedule(afterNanoseconds: Self.millisecond)
                #expect(loop.wheel.count == 1)
                #expect(loop.turns { fired > 0 })
                #expect(loop.wheel.count == 0)
            }
        }

        @Test func cancelledTimerStaysOff() throws {
            try withSteppedLoop { loop in
                var log: [String] = []
                let victim = LoopTimer(loop: loop) { log.append("victim") }
                // Both due in the same turn: the first one's action takes the second one back.
                let killer = LoopTimer(loop: loop) {
                    log.append("killer")
                    victim.cancel()
                }
                killer.schedule(atNanoseconds: 0)
                victim.schedule(atNanoseconds: 0)
                loop.step()
                loop.step()
                #expect(log == ["killer"])
                #expect(victim.deadlineNanoseconds == nil)
            }
        }

        @Test func endOfTimeIsNeverNotNow() throws {
            try withSteppedLoop { loop in
                var fired = 0
                let timer = LoopTimer(loop: loop) { fired += 1 }
                timer.schedule(afterNanoseconds: .max)
                for _ in 0..<3 { loop.step() }
                #expect(fired == 0)
                timer.cancel()
            }
        }

        @Test func timerThatIsAlwaysDueDoesNotHoldTheTurn() throws {
            try withSteppedLoop { loop in
                var fired = 0
                var again: LoopTimer?
                let timer = LoopTimer(loop: loop) {
                    fired += 1
                    if fired < 1_000 { again?.schedule(atNanoseconds: 0) }
                }
                again = timer
                timer.schedule(atNanoseconds: 0)
                loop.step()
                #expect(fired == 1)
                loop.step()
                #expect(fired == 2)
                again = nil
                timer.cancel()
            }
        }

        /// What a readiness handler starts after a long wait is timed from the end of that wait.
        @Test func clockIsReadAfterAWait() throws {
            try withSteppedLoop { loop in
                let pair = try unixPair()
                let socket = try StreamSocket(loop: loop, descriptor: pair.ours, role: .downstream)
                loop.step()
                var seen: [Int64] = []
                socket.onIdleActivity = { seen.append(loop.now) }
                let before = loop.now
                // The wait ends by this thread's write, 30 ms from now; the handler runs within the same turn.
                let writer = Thread.start(name: "writer") {
                    var never = pollfd()
                    _ = poll(&never, 0, 30)
                    pair.peer.write("x")
                }
                #expect(loop.turnsAtLeisure { !seen.isEmpty })
                #expect(seen[0] - before >= 29 * Self.millisecond, "timed from before the wait")
                writer.join()
                socket.close()
                pair.peer.close()
            }
        }
    }
}

extension EventLoop {
    /// Turns that may block as long as they like, under the eye of a timer.
    fileprivate func turnsAtLeisure(until isDone: () -> Bool) -> Bool {
        let alarm = LoopTimer(loop: self) {}
        alarm.schedule(afterNanoseconds: 10_000_000_000)
        defer { alarm.cancel() }
        while !isDone(), alarm.deadlineNanoseconds != nil { turn() }
        return isDone()
    }
}
