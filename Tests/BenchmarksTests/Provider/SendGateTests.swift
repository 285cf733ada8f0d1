import Dispatch
import Gateway
import Reactor
import Testing

@testable import Benchmarks

@Suite struct SendGateTests {
    /// What became of those who asked for a place. Loop-confined.
    private final class Visit {
        let loop: EventLoop
        let gate: SendGate
        let wakeups: [Wakeup]
        let firstTurn: UInt64
        /// The turns in which they passed, counted from the first; nil for those who left.
        var turns: [UInt64?]
        var count = 0
        /// Who passed, in order, where the test notes it.
        var order: [(index: Int, turn: UInt64?)] = []

        init(loop: EventLoop, visitors: Int) {
            self.loop = loop
            gate = SendGate(loop: loop)
            wakeups = (0..<visitors).map { _ in Wakeup() }
            turns = Array(repeating: nil, count: visitors)
            firstTurn = loop.turnNumber
        }

        func pass(_ index: Int, isLater: Bool) async {
            if await gate.pass(wakeups[index], isLater: isLater) { turns[index] = loop.turnNumber - firstTurn }
            count += 1
        }
    }

    /// Has as many come to the gate in one turn, and `leaving` leave in the same turn.
    private func visit(_ visitors: Int, leaving: Range<Int> = 0..<0, isLater: Bool = false) throws -> [UInt64?] {
        let group = try EventLoopGroup(count: 1)
        defer { group.stopAndJoin() }
        let loop = group.loops[0]
        let done = DispatchSemaphore(value: 0)
        let visit = OnLoop.run(loop) {
            let visit = LoopBound(Visit(loop: loop, visitors: visitors), to: loop)
            for index in 0..<visitors {
                loop.spawn { _ in
                    await visit.value.pass(index, isLater: isLater)
                    if visit.value.count == visitors { done.signal() }
                }
            }
            loop.spawn { _ in
                for index in leaving { visit.value.wakeups[index].signal(.downstreamGone) }
            }
            return visit
        }
        #expect(done.wait(timeout: .now() + 10) == .success, "somebody waits for ever")
        return OnLoop.run(loop) { visit.value.turns }
    }

    @Test func aTurnHasRoomForFew() throws {
        #expect(try visit(3) == [0, 0, 0])
        #expect(try visit(10) == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2])
    }

    @Test func whoHasSentWaitsForTheNextTurn() throws {
        #expect(try visit(6, isLater: true) == [1, 1, 1, 1, 2, 2])
    }

    @Test func whoLeavesTakesNobodysPlace() throws {
        #expect(try visit(14, leaving: 4..<9) == [0, 0, 0, 0, nil, nil, nil, nil, nil, 1, 1, 1, 1, 2])
        #expect(try visit(8, leaving: 4..<8) == [0, 0, 0, 0, nil, nil, nil, nil])
    }

    /// As a stream does that sends each event: more passes than the gate keeps of those who have passed.
    @Test func whoComesAgainTakesTurnsWithTheOthers() throws {
        let group = try EventLoopGroup(count: 1)
        defer { group.stopAndJoin() }
        let loop = group.loops[0]
        let (visitors, passes) = (9, 500)
        let done = DispatchSemaphore(value: 0)
        let visit = OnLoop.run(loop) {
            let visit = LoopBound(Visit(loop: loop, visitors: visitors), to: loop)
            for index in 0..<visitors {
                loop.spawn { _ in
                    for _ in 0..<passes {
                        await visit.value.pass(index, isLater: true)
                        visit.value.order.append((index, visit.value.turns[index]))
                    }
                    if visit.value.count == visitors * passes { done.signal() }
                }
            }
            return visit
        }
        #expect(done.wait(timeout: .now() + 30) == .success, "somebody waits for ever")
        OnLoop.run(loop) {
            let order = visit.value.order
            #expect(order.map(\.index) == (0..<visitors * passes).map { $0 % visitors })
            #expect(order.map(\.turn) == (0..<visitors * passes).map { UInt64($0 / SendGate.sendsPerTurnMax + 1) })
        }
    }
}
