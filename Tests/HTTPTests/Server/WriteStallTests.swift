import Testing

@testable import HTTP

@Suite struct WriteStallTests {
    private func isStalled(_ stall: inout WriteStall, _ now: Int64, _ taken: UInt64) -> Bool {
        stall.isStalled(now: now, taken: taken, window: 100, bytesMin: 10)
    }

    @Test func aWindowWithoutEnoughTakenIsAStall() {
        var stall = WriteStall()
        #expect(!isStalled(&stall, 1_000, 0), "nothing waits")
        stall.begin(at: 1_000, taken: 5)
        #expect(!isStalled(&stall, 1_099, 5))
        #expect(isStalled(&stall, 1_100, 14))
    }

    @Test func whoTakesEnoughGetsAnotherWindow() {
        var stall = WriteStall()
        stall.begin(at: 0, taken: 0)
        stall.begin(at: 50, taken: 100)
        #expect(!isStalled(&stall, 100, 10), "the window began at 0")
        #expect(stall.windowStart == 100)
        #expect(!isStalled(&stall, 199, 10))
        #expect(isStalled(&stall, 200, 19))
    }

    @Test func nothingWaitingEndsTheWindow() {
        var stall = WriteStall()
        stall.begin(at: 0, taken: 0)
        stall.end()
        #expect(!isStalled(&stall, 1_000, 0))
        stall.begin(at: 1_000, taken: 0)
        #expect(!isStalled(&stall, 1_050, 0))
    }
}
