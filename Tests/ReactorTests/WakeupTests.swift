import Testing

@testable import Reactor

extension ReactorSuite {
    @Suite struct WakeupTests {
        @Test func whatIsSignalledBeforeIsKept() throws {
            try withSteppedLoop { loop in
                let wakeup = Wakeup()
                wakeup.signal(.downstreamReadable)
                wakeup.signal([.upstreamReadable, .timer])
                let seen = collect(from: wakeup, [[.downstreamReadable, .timer], .upstreamReadable], on: loop)
                loop.step()
                #expect(seen.value == [[.downstreamReadable, .timer], .upstreamReadable])
            }
        }

        @Test func onlyTheMaskWakes() throws {
            try withSteppedLoop { loop in
                let wakeup = Wakeup()
                let seen = collect(from: wakeup, [.timer, .completed], on: loop)
                loop.step()
                wakeup.signal(.completed)
                loop.step()
                #expect(seen.value.isEmpty)
                wakeup.signal(.timer)
                #expect(seen.value.isEmpty, "a signal runs nothing itself: the task comes as a job, later")
                loop.step()
                #expect(seen.value == [.timer, .completed], "what came meanwhile was kept")
            }
        }

        @Test func signalsBetweenWakingAndRunningAreTakenTogether() throws {
            try withSteppedLoop { loop in
                let wakeup = Wakeup()
                let seen = collect(from: wakeup, [[.timer, .completed, .stopping]], on: loop)
                loop.step()
                wakeup.signal(.timer)
                wakeup.signal(.completed)
                loop.step()
                #expect(seen.value == [[.timer, .completed]])
            }
        }

        @Test func clearedIsForgotten() throws {
            try withSteppedLoop { loop in
                let wakeup = Wakeup()
                wakeup.signal([.timer, .completed])
                wakeup.clear(.completed)
                #expect(wakeup.isSet(.timer))
                #expect(!wakeup.isSet([.completed, .stopping]))
                let seen = collect(from: wakeup, [.completed], on: loop)
                loop.step()
                #expect(seen.value.isEmpty)
                wakeup.signal(.completed)
                loop.step()
                #expect(seen.value == [.completed])
                #expect(wakeup.isSet(.timer), "not asked for, not taken")
            }
        }

        private func collect(from wakeup: Wakeup, _ masks: [Signals], on loop: EventLoop) -> Outcome<[Signals]> {
            let seen = Outcome<[Signals]>([])
            let bound = LoopBound((wakeup, seen), to: loop)
            loop.spawn { _ in
                let (wakeup, seen) = bound.value
                for mask in masks { seen.value.append(await wakeup.wait(for: mask)) }
            }
            return seen
        }
    }
}
