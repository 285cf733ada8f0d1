import Testing

@testable import HTTP

@Suite struct PendingHandshakesTests {
    /// The value under test behind a reference, so that expectations can drive it.
    private final class Subject {
        var value: PendingHandshakes

        init(countMax: Int, graceNanoseconds: Int64 = 100, stepsPerTurnMax: Int = 1) {
            value = PendingHandshakes(
                countMax: countMax, graceNanoseconds: graceNanoseconds, stepsPerTurnMax: stepsPerTurnMax)
        }

        func admit(_ id: UInt64, now: Int64) -> PendingHandshakes.Admission { value.admit(id, now: now) }
        func ended(_ id: UInt64) { value.ended(id) }
        func takeStep(turn: UInt64) -> Bool { value.takeStep(turn: turn) }
        var count: Int { value.count }
    }

    @Test func admitsUpToItsBoundAndShedsTheNewWhileAllAreYoung() {
        let pending = Subject(countMax: 2)
        #expect(pending.admit(1, now: 0) == .start)
        #expect(pending.admit(2, now: 10) == .start)
        #expect(pending.admit(3, now: 99) == .refuse)
        #expect(pending.count == 2)
    }

    @Test func theOldestGivesWayOnceItHadItsTime() {
        let pending = Subject(countMax: 2)
        _ = pending.admit(1, now: 0)
        _ = pending.admit(2, now: 10)
        #expect(pending.admit(3, now: 100) == .startInsteadOf(1))
        pending.ended(1)
        #expect(pending.count == 2)
        #expect(pending.admit(4, now: 109) == .refuse)
        #expect(pending.admit(4, now: 110) == .startInsteadOf(2))
    }

    @Test func anEndedOneMakesRoomWhicheverItWas() {
        let pending = Subject(countMax: 3)
        for id in UInt64(1)...3 { _ = pending.admit(id, now: 0) }
        pending.ended(2)
        pending.ended(2)
        #expect(pending.count == 2)
        #expect(pending.admit(4, now: 200) == .start)
        #expect(pending.admit(5, now: 200) == .startInsteadOf(1))
        #expect(pending.admit(6, now: 200) == .startInsteadOf(3))
        #expect(pending.admit(7, now: 299) == .refuse)
    }

    @Test func holdsNoMoreThanItsBoundHoweverManyCome() {
        let pending = Subject(countMax: 4, graceNanoseconds: 0)
        for id in UInt64(0)..<10_000 {
            #expect(pending.admit(id, now: Int64(id)) != .refuse)
            if id % 3 == 0 { pending.ended(id) }
            #expect(pending.count <= 4)
        }
    }

    /// Whoever has ended is forgotten at once, also at the front of the queue.
    @Test func theOldestIsFoundBehindThoseThatHaveEnded() {
        let pending = Subject(countMax: 4)
        for id in UInt64(1)...4 { _ = pending.admit(id, now: Int64(id)) }
        pending.ended(1)
        pending.ended(2)
        #expect(pending.admit(5, now: 150) == .start)
        #expect(pending.admit(6, now: 150) == .start)
        #expect(pending.admit(7, now: 150) == .startInsteadOf(3))
        #expect(pending.admit(8, now: 150) == .startInsteadOf(4))
        #expect(pending.admit(9, now: 150) == .refuse)
    }

    @Test func stepsAreCountedByTurn() {
        let pending = Subject(countMax: 1, stepsPerTurnMax: 2)
        #expect(pending.takeStep(turn: 1))
        #expect(pending.takeStep(turn: 1))
        #expect(!pending.takeStep(turn: 1))
        #expect(pending.takeStep(turn: 2))
    }
}
