import Testing

@testable import HTTP

@Suite("Handshake limiter")
struct HandshakeLimiterTests {
    @Test("Later ones wait in order, beyond the bound they are refused")
    func order() {
        var limiter = HandshakeLimiter<Int>(inProgressMax: 2, waitingMax: 3)
        #expect((0..<7).map { limiter.admit($0) } == [.start, .start, .wait, .wait, .wait, .refuse, .refuse])
        #expect(limiter.inProgress == 2)
        #expect(limiter.waiting == 3)
        #expect(limiter.finish() == 2)
        #expect(limiter.admit(7) == .wait)
        #expect([limiter.finish(), limiter.finish(), limiter.finish()] == [3, 4, 7])
        #expect(limiter.finish() == nil)
        #expect(limiter.finish() == nil)
        #expect(limiter.inProgress == 0)
        #expect(limiter.admit(8) == .start)
    }

    @Test("One that goes away while waiting is not started")
    func cancel() {
        var limiter = HandshakeLimiter<Int>(inProgressMax: 1, waitingMax: 3)
        _ = (0..<4).map { limiter.admit($0) }
        #expect(limiter.cancel(2) == true)
        #expect(limiter.cancel(2) == false)
        #expect(limiter.cancel(0) == false, "a started one is no waiter")
        #expect([limiter.finish(), limiter.finish()] == [1, 3])
        #expect(limiter.cancel(1) == false)
        #expect(limiter.finish() == nil)
    }

    @Test("Against a plain model, in any order", arguments: [1, 2, 3, 4] as [UInt64])
    func model(seed: UInt64) {
        var generator = TLSTestGenerator(state: seed)
        var limiter = HandshakeLimiter<Int>(inProgressMax: 3, waitingMax: 5)
        var running = 0
        var waiting: [Int] = []
        for step in 0..<2000 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                let expected: HandshakeLimiter<Int>.Admission =
                    running < 3 ? .start : waiting.count < 5 ? .wait : .refuse
                #expect(limiter.admit(step) == expected, "seed \(seed) step \(step)")
                if expected == .start { running += 1 }
                if expected == .wait { waiting.append(step) }
            case 2 where running > 0:
                let next = waiting.isEmpty ? nil : waiting.removeFirst()
                if next == nil { running -= 1 }
                #expect(limiter.finish() == next, "seed \(seed) step \(step)")
            default:
                guard let waiter = waiting.randomElement(using: &generator) else { continue }
                waiting.removeAll { $0 == waiter }
                #expect(limiter.cancel(waiter) == true)
            }
            #expect(limiter.inProgress == running && limiter.waiting == waiting.count)
        }
    }
}
