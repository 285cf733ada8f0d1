import Testing

@testable import Reactor

extension ReactorSuite {
    /// The wheel is a value and time is an argument: everything here is exact.
    @Suite struct TimerWheelTests {
        private static let tick: Int64 = 1 << 20
        private static let day: Int64 = 86_400 * 1_000_000_000

        @Test func pastDeadlineIsDueAtTheNextLook() {
            var wheel = TimerWheel<Int>(startNanoseconds: 10 * Self.tick)
            _ = wheel.schedule(1, deadlineNanoseconds: 0)
            _ = wheel.schedule(2, deadlineNanoseconds: .min)
            #expect(wheel.nextDeadlineNanoseconds == 10 * Self.tick)
            #expect(wheel.popDue(nowNanoseconds: 10 * Self.tick) == 1)
            #expect(wheel.popDue(nowNanoseconds: 10 * Self.tick) == 2)
            #expect(wheel.popDue(nowNanoseconds: 10 * Self.tick) == nil)
            #expect(wheel.count == 0)
            #expect(wheel.nextDeadlineNanoseconds == nil)
        }

        @Test func neverEarlyAndAtMostOneTickLate() {
            for offset in [1, Self.tick - 1, Self.tick, Self.tick + 1, 63 * Self.tick, 64 * Self.tick, 65 * Self.tick,
                4_095 * Self.tick + 7, 4_096 * Self.tick, 262_144 * Self.tick + 1, 16_777_216 * Self.tick - 1]
            {
                for start in [Int64(0), 17, 63 * Self.tick + 5, 4_095 * Self.tick, 1_000_003 * Self.tick + 11] {
                    var wheel = TimerWheel<Int>(startNanoseconds: start)
                    let deadline = start + offset
                    _ = wheel.schedule(7, deadlineNanoseconds: deadline)
                    #expect(wheel.popDue(nowNanoseconds: deadline - 1) == nil, "\(start) + \(offset) fired early")
                    #expect(wheel.popDue(nowNanoseconds: deadline + Self.tick) == 7, "\(start) + \(offset) fired late")
                }
            }
        }

        @Test func staleHandlesCancelNothing() {
            var wheel = TimerWheel<Int>(startNanoseconds: 0)
            let first = wheel.schedule(1, deadlineNanoseconds: Self.tick)
            #expect(wheel.popDue(nowNanoseconds: 2 * Self.tick) == 1)
            #expect(wheel.cancel(first) == false)
            let second = wheel.schedule(2, deadlineNanoseconds: 5 * Self.tick)  // reuses the entry of the first
            #expect(wheel.cancel(first) == false)
            #expect(wheel.count == 1)
            #expect(wheel.cancel(second) == true)
            #expect(wheel.cancel(second) == false)
            #expect(wheel.count == 0)
            #expect(wheel.popDue(nowNanoseconds: 100 * Self.tick) == nil)
        }

        @Test func dueEntryCanStillBeCancelled() {
            var wheel = TimerWheel<Int>(startNanoseconds: 0)
            _ = wheel.schedule(1, deadlineNanoseconds: Self.tick)
            let second = wheel.schedule(2, deadlineNanoseconds: 2 * Self.tick)
            _ = wheel.schedule(3, deadlineNanoseconds: 3 * Self.tick)
            #expect(wheel.popDue(nowNanoseconds: 10 * Self.tick) == 1)
            #expect(wheel.cancel(second) == true)
            #expect(wheel.popDue(nowNanoseconds: 10 * Self.tick) == 3)
            #expect(wheel.popDue(nowNanoseconds: 10 * Self.tick) == nil)
        }

        @Test func timersBeyondTheWheelsReachComeInTime() {
            var wheel = TimerWheel<Int>(startNanoseconds: 5 * Self.tick)
            let deadlines = [14 * Self.day, 40 * Self.day, 400 * Self.day]
            for (index, deadline) in deadlines.enumerated() { _ = wheel.schedule(index, deadlineNanoseconds: deadline) }
            var looks = 0
            for (index, deadline) in deadlines.enumerated() {
                // Followed as a loop would: from one announced time to the next, not by polling.
                while let next = wheel.nextDeadlineNanoseconds, next < deadline {
                    #expect(wheel.popDue(nowNanoseconds: next) == nil)
                    looks += 1
                }
                #expect(wheel.popDue(nowNanoseconds: deadline + Self.tick) == index)
            }
            #expect(looks < 500, "a far timer costs few looks, was \(looks)")
        }

        @Test func deadlineAtTheEndOfTimeIsHarmless() {
            var wheel = TimerWheel<Int>(startNanoseconds: 123)
            let handle = wheel.schedule(1, deadlineNanoseconds: .max)
            #expect(wheel.nextDeadlineNanoseconds != nil)
            #expect(wheel.popDue(nowNanoseconds: 100 * Self.day) == nil)
            #expect(wheel.cancel(handle) == true)
        }

        /// One far timer and a clock that jumps a year: the wheel skips what is empty instead of walking it.
        @Test func hugeStepOverAnEmptyWheelIsCheap() {
            var wheel = TimerWheel<Int>(startNanoseconds: 0)
            _ = wheel.schedule(1, deadlineNanoseconds: 4_000 * Self.day)
            // Walked tick by tick this would not end within any time limit of a test run.
            #expect(wheel.popDue(nowNanoseconds: 3_650 * Self.day) == nil)
            #expect(wheel.count == 1)
        }

        @Test(arguments: [1, 2, 3, 4] as [UInt64])
        func agreesWithANaiveModel(seed: UInt64) {
            var random = SeededRandom(seed)
            var model = WheelModel(tick: Self.tick)
            var now: Int64 = Int64(random.next() % 1_000_000_000_000)
            var wheel = TimerWheel<Int>(startNanoseconds: now)
            var handles: [(id: Int, handle: TimerWheel<Int>.Handle)] = []
            var nextID = 0
            for step in 0..<4_000 {
                switch random.next() % 8 {
                case 0...3:
                    let deadline = now + random.deadlineOffset()
                    handles.append((nextID, wheel.schedule(nextID, deadlineNanoseconds: deadline)))
                    model.live[nextID] = deadline
                    nextID += 1
                case 4 where !handles.isEmpty:
                    let chosen = handles.remove(at: Int(random.next() % UInt64(handles.count)))
                    #expect(wheel.cancel(chosen.handle) == (model.live.removeValue(forKey: chosen.id) != nil))
                default:
                    now += step % 200 == 199 ? 14 * Self.day : random.step()
                    model.popAll(from: &wheel, now: now)
                }
                #expect(wheel.count == model.live.count)
                model.checkNextDeadline(wheel, now: now)
            }
            now += 60 * Self.day
            model.popAll(from: &wheel, now: now)
            #expect(model.live.isEmpty)
        }
    }
}

/// Deadlines in a dictionary: slow, and plainly right.
private struct WheelModel {
    let tick: Int64
    var live: [Int: Int64] = [:]

    mutating func popAll(from wheel: inout TimerWheel<Int>, now: Int64) {
        var lastTick = Int64.min
        while let id = wheel.popDue(nowNanoseconds: now) {
            guard let deadline = live.removeValue(forKey: id) else {
                Issue.record("\(id) fired twice or after its cancellation")
                continue
            }
            #expect(deadline <= now, "fired early")
            // Entries that were already past when scheduled have no tick of their own: only later ones are ordered.
            let own = (max(0, deadline) + tick - 1) / tick
            #expect(own >= lastTick, "not in the order of ticks")
            lastTick = max(lastTick, own)
        }
        #expect(!live.values.contains { $0 <= now - tick }, "more than a tick late")
    }

    func checkNextDeadline(_ wheel: TimerWheel<Int>, now: Int64) {
        guard let earliest = live.values.min() else {
            #expect(wheel.nextDeadlineNanoseconds == nil)
            return
        }
        guard let next = wheel.nextDeadlineNanoseconds else {
            Issue.record("no next deadline though timers are set")
            return
        }
        #expect(next <= max(earliest + tick - 1, now), "would sleep past the earliest timer")
    }
}

extension SeededRandom {
    /// Near, far, farther than the wheel reaches; always in the future, so that the order is that of the ticks.
    fileprivate mutating func deadlineOffset() -> Int64 {
        let ranges: [Int64] = [100_000, 5_000_000, 200_000_000, 60_000_000_000, 7_200_000_000_000, 40 * 86_400_000_000_000]
        return 1 + Int64(next() % UInt64(ranges[Int(next() % UInt64(ranges.count))]))
    }

    fileprivate mutating func step() -> Int64 {
        let ranges: [Int64] = [1_000, 1_100_000, 70_000_000, 4_000_000_000, 300_000_000_000]
        return Int64(next() % UInt64(ranges[Int(next() % UInt64(ranges.count))]))
    }
}
