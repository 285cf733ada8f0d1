import Reactor

/// Lets few streams send in one turn of their loop. Loop-confined.
///
/// A loop flushes at the end of a turn: with a thousand tokens due in one, the last would leave milliseconds behind its stamp. What a
/// turn has no room for goes in the next ones, in the order in which it came.
final class SendGate {
    /// Streams that send in one turn. A send takes a few microseconds, and a turn less than one.
    static let sendsPerTurnMax = 4
    private static let entriesKept = 1_024

    private let loop: EventLoop
    private var timer: LoopTimer?
    /// Those that wait stand from `first` on.
    private var waiting: [Wakeup] = []
    private var first = 0
    private var turn: UInt64 = 0
    private var sends = 0

    init(loop: EventLoop) {
        self.loop = loop
        timer = LoopTimer(loop: loop) { [unowned self] in open() }
    }

    deinit { timer?.cancel() }

    /// Waits for a place. False when the client is gone.
    /// - Parameter isLater: not in this turn, in which the stream has sent already.
    func pass(_ wakeup: Wakeup, isLater: Bool) async -> Bool {
        if !isLater, takePlace() { return true }
        waiting.append(wakeup)
        wait()
        let signals = await wakeup.wait(for: [.completed, .downstreamGone, .stopping])
        if signals.isDisjoint(with: [.downstreamGone, .stopping]) {
            wait()
            return true
        }
        // Whoever leaves must not take another's place.
        if let index = waiting[first...].firstIndex(where: { $0 === wakeup }) { waiting.remove(at: index) }
        wait()
        return false
    }

    private func takePlace() -> Bool {
        guard first == waiting.count else { return false }
        if turn != loop.turnNumber {
            turn = loop.turnNumber
            sends = 0
        }
        guard sends < Self.sendsPerTurnMax else { return false }
        sends += 1
        return true
    }

    /// Opens in the next turn if somebody waits: a time that is past is due then. Never called by the timer itself, which would fire
    /// again in the same turn.
    private func wait() {
        if first < waiting.count, timer?.deadlineNanoseconds == nil { timer?.schedule(atNanoseconds: 0) }
    }

    private func open() {
        turn = loop.turnNumber
        sends = 0
        while sends < Self.sendsPerTurnMax, first < waiting.count {
            let wakeup = waiting[first]
            first += 1
            sends += 1
            wakeup.signal(.completed)
        }
        if first == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            first = 0
        } else if first >= Self.entriesKept, first > waiting.count / 2 {
            waiting.removeFirst(first)
            first = 0
        }
    }
}
