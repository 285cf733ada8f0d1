import HTTP
import Testing

private let openAI = Origin(scheme: .https, host: "api.openai.com", port: 443)
private let anthropic = Origin(scheme: .https, host: "api.anthropic.com", port: 443)

@Suite struct ConnectionPoolTests {
    private func pool(max: Int = 2, idle: Int = 2, waiters: Int = 2) -> ConnectionPool {
        var limits = ConnectionPoolLimits()
        limits.connectionsPerOriginMax = max
        limits.idlePerOriginMax = idle
        limits.waitersPerOriginMax = waiters
        limits.idleNanosecondsMax = 60
        return ConnectionPool(limits: limits)
    }

    private func mustNotClose(_ id: Int) { Issue.record("connection \(id) closed") }

    @Test func theMostRecentlyUsedIsReusedFirst() {
        var pool = pool()
        #expect(pool.lease(openAI, waiter: 1, now: 0, close: mustNotClose) == .connect(1))
        #expect(pool.lease(openAI, waiter: 2, now: 0, close: mustNotClose) == .connect(2))
        #expect(pool.giveBack(1, isReusable: true, now: 1) == .keep)
        #expect(pool.giveBack(2, isReusable: true, now: 2) == .keep)
        #expect(pool.lease(openAI, waiter: 3, now: 3, close: mustNotClose) == .reuse(2))
        #expect(pool.lease(openAI, waiter: 4, now: 3, close: mustNotClose) == .reuse(1))
    }

    @Test func originsShareNothing() {
        var pool = pool(max: 1)
        var others = [anthropic, openAI, openAI, openAI, openAI]
        others[1].scheme = .http
        others[2].port = 8_443
        others[3].settingsID = 1
        others[4].host = "api.openai.org"
        #expect(pool.lease(openAI, waiter: 0, now: 0, close: mustNotClose) == .connect(1))
        #expect(pool.giveBack(1, isReusable: true, now: 0) == .keep)
        for (index, origin) in others.enumerated() {
            #expect(pool.lease(origin, waiter: 0, now: 0, close: mustNotClose) == .connect(index + 2))
        }
        #expect(pool.lease(openAI, waiter: 0, now: 0, close: mustNotClose) == .reuse(1))
    }

    @Test func waitersAreServedInOrderAndBounded() {
        var pool = pool(max: 1, waiters: 2)
        #expect(pool.lease(openAI, waiter: 10, now: 0, close: mustNotClose) == .connect(1))
        #expect(pool.lease(openAI, waiter: 11, now: 0, close: mustNotClose) == .wait)
        #expect(pool.lease(openAI, waiter: 12, now: 0, close: mustNotClose) == .wait)
        #expect(pool.lease(openAI, waiter: 13, now: 0, close: mustNotClose) == .refused)
        #expect(pool.giveBack(1, isReusable: true, now: 1) == .grant(.init(waiter: 11, lease: .reuse(1))))
        #expect(pool.giveBack(1, isReusable: false, now: 2) == .closeAndGrant(1, .init(waiter: 12, lease: .connect(2))))
        #expect(pool.giveBack(2, isReusable: false, now: 3) == .close(2))
        #expect(pool.leasedCount == 0)
    }

    @Test func aFailedConnectHandsItsSlotOn() {
        var pool = pool(max: 1)
        #expect(pool.lease(openAI, waiter: 10, now: 0, close: mustNotClose) == .connect(1))
        #expect(pool.lease(openAI, waiter: 11, now: 0, close: mustNotClose) == .wait)
        #expect(pool.connectFailed(1) == .init(waiter: 11, lease: .connect(2)))
        #expect(pool.connectFailed(1) == nil)
        #expect(pool.connectFailed(2) == nil)
        #expect(pool.leasedCount == 0)
        #expect(pool.lease(openAI, waiter: 12, now: 0, close: mustNotClose) == .connect(3))
    }

    @Test func aCancelledWaiterIsPassedOver() {
        var pool = pool(max: 1, waiters: 3)
        _ = pool.lease(openAI, waiter: 10, now: 0, close: mustNotClose)
        for waiter in 11...13 { #expect(pool.lease(openAI, waiter: waiter, now: 0, close: mustNotClose) == .wait) }
        #expect(pool.cancel(waiter: 12, for: openAI) == true)
        #expect(pool.cancel(waiter: 12, for: openAI) == false)
        #expect(pool.cancel(waiter: 11, for: anthropic) == false)
        #expect(pool.giveBack(1, isReusable: true, now: 1) == .grant(.init(waiter: 11, lease: .reuse(1))))
        #expect(pool.cancel(waiter: 11, for: openAI) == false)
        #expect(pool.giveBack(1, isReusable: true, now: 1) == .grant(.init(waiter: 13, lease: .reuse(1))))
    }

    @Test func idleOnesAreEvictedAtTheirDeadline() {
        var pool = pool()
        _ = pool.lease(openAI, waiter: 1, now: 0, close: mustNotClose)
        _ = pool.lease(anthropic, waiter: 2, now: 0, close: mustNotClose)
        #expect(pool.evictIdle(now: 1_000, close: mustNotClose) == nil)
        _ = pool.giveBack(1, isReusable: true, now: 100)
        _ = pool.giveBack(2, isReusable: true, now: 110)
        #expect(pool.evictIdle(now: 159, close: mustNotClose) == 160)
        var closed: [Int] = []
        #expect(pool.evictIdle(now: 160) { closed.append($0) } == 170)
        #expect(closed == [1])
        #expect(pool.evictIdle(now: 170) { closed.append($0) } == nil)
        #expect(closed == [1, 2])
        #expect(pool.idleCount == 0)
    }

    @Test func aStaleConnectionIsNotReused() {
        var pool = pool(max: 1)
        _ = pool.lease(openAI, waiter: 1, now: 0, close: mustNotClose)
        _ = pool.giveBack(1, isReusable: true, now: 0)
        var closed: [Int] = []
        #expect(pool.lease(openAI, waiter: 2, now: 60) { closed.append($0) } == .connect(2))
        #expect(closed == [1])
    }

    @Test func tooManyIdleOnesCloseTheOldest() {
        var pool = pool(max: 3, idle: 2)
        for waiter in 1...3 { _ = pool.lease(openAI, waiter: waiter, now: 0, close: mustNotClose) }
        #expect(pool.giveBack(1, isReusable: true, now: 1) == .keep)
        #expect(pool.giveBack(2, isReusable: true, now: 2) == .keep)
        #expect(pool.giveBack(3, isReusable: true, now: 3) == .close(1))
        #expect(pool.idleCount == 2)
        #expect(pool.closed(1) == nil)
    }

    @Test func withoutIdleOnesEveryConnectionCloses() {
        var pool = pool(idle: 0)
        _ = pool.lease(openAI, waiter: 1, now: 0, close: mustNotClose)
        #expect(pool.giveBack(1, isReusable: true, now: 1) == .close(1))
        #expect(pool.leasedCount + pool.idleCount == 0)
    }

    @Test func anIdleOneThatThePeerClosedIsGone() {
        var pool = pool()
        _ = pool.lease(openAI, waiter: 1, now: 0, close: mustNotClose)
        _ = pool.giveBack(1, isReusable: true, now: 1)
        #expect(pool.closed(1) == nil)
        #expect(pool.lease(openAI, waiter: 2, now: 2, close: mustNotClose) == .connect(2))
    }

    @Test func drainClosesAndRefuses() {
        var pool = pool(max: 2)
        _ = pool.lease(openAI, waiter: 1, now: 0, close: mustNotClose)
        _ = pool.lease(openAI, waiter: 2, now: 0, close: mustNotClose)
        #expect(pool.lease(openAI, waiter: 3, now: 0, close: mustNotClose) == .wait)
        _ = pool.lease(anthropic, waiter: 4, now: 0, close: mustNotClose)
        _ = pool.giveBack(3, isReusable: true, now: 0)
        var closed: [Int] = []
        var refused: [Int] = []
        pool.drain(close: { closed.append($0) }, refuse: { refused.append($0) })
        #expect(closed == [3])
        #expect(refused == [3])
        #expect(pool.lease(anthropic, waiter: 5, now: 0, close: mustNotClose) == .refused)
        #expect(pool.giveBack(1, isReusable: true, now: 0) == .close(1))
        #expect(pool.closed(2) == nil)
        #expect(pool.leasedCount + pool.idleCount + pool.waiterCount == 0)
    }

    @Test func theClockMayStandAtItsEnd() {
        var pool = pool()
        _ = pool.lease(openAI, waiter: 1, now: .max, close: mustNotClose)
        #expect(pool.giveBack(1, isReusable: true, now: .max) == .keep)
    }
}
