import CLinux
import Reactor

/// The connections of one loop, and what they ask when. Loop-confined.
///
/// In a closed loop every connection runs by itself: it asks again when its answer has ended. In an open loop arrivals come by the clock and
/// take a free connection, or wait for one; stalled and slow readers run by themselves there too.
final class LoadClient {
    let loop: EventLoop
    /// Where requests go.
    private(set) var target: LoadTarget
    /// What was counted since it was last taken.
    var interval = LoadTally()
    /// Exchanges open now, the most of them so far, and those open when the time was up.
    private(set) var open = 0
    private(set) var openPeak = 0
    private(set) var openAtEnd = 0

    private var plan = LoadPlan()
    private var connections: [LoadConnection] = []
    private var streamedShare = EvenShare(1)
    private var hangUpShare = EvenShare(0)
    private var deadlineNanoseconds: Int64 = 0
    private var onEnd: (() -> Void)?

    /// Connections that run by themselves: those that are to begin, those that rest after a failure, and how many have more to do.
    private var starts = WaitingLine<(nanoseconds: Int64, connection: LoadConnection)>()
    private var resting = WaitingLine<(nanoseconds: Int64, connection: LoadConnection)>()
    private var runningCount = 0

    /// The open loop's arrivals, connections without a request, and arrivals without a connection.
    private var schedule: ArrivalSchedule?
    private var free: [LoadConnection] = []
    private var waiting = WaitingLine<Int64>()

    private var startTimer: LoopTimer?
    private var restTimer: LoopTimer?
    private var deadlineTimer: LoopTimer?
    private var sweepTimer: LoopTimer?
    private var slowTimer: LoopTimer?

    init(loop: EventLoop, target: LoadTarget) {
        loop.preconditionInLoop()
        self.loop = loop
        self.target = target
        startTimer = LoopTimer(loop: loop) { [unowned self] in startDue() }
        restTimer = LoopTimer(loop: loop) { [unowned self] in wakeRested() }
        deadlineTimer = LoopTimer(loop: loop) { [unowned self] in timeIsUp() }
        sweepTimer = LoopTimer(loop: loop) { [unowned self] in sweep() }
        slowTimer = LoopTimer(loop: loop) { [unowned self] in readSlowly() }
    }

    // MARK: Start and end

    /// Runs this loop's part of a plan. Connections of an earlier run are used again when there are as many of the same kind.
    /// - Parameters:
    ///   - part: which of how many loops this is.
    ///   - onEnd: called once, when nothing more will happen.
    func start(
        _ target: LoadTarget, _ plan: LoadPlan, part: (index: Int, count: Int) = (0, 1), startNanoseconds: Int64,
        onEnd: @escaping () -> Void
    ) {
        precondition(self.onEnd == nil, "one run after the other")
        self.target = target
        self.plan = plan
        self.onEnd = onEnd
        streamedShare = EvenShare(plan.streamedShare)
        hangUpShare = EvenShare(plan.hangUpShare)
        deadlineNanoseconds = startNanoseconds + plan.durationNanoseconds
        let indices = Array(stride(from: part.index, to: plan.connections, by: part.count))
        if connections.map(\.role) != indices.map({ plan.role(of: $0) }) {
            close()
            connections = indices.map { LoadConnection(self, role: plan.role(of: $0)) }
        }
        free.removeAll()
        if case .open(let rate, let arrivals, let seed) = plan.pace {
            schedule = ArrivalSchedule(
                arrivals, rate: rate / Double(part.count), startNanoseconds: startNanoseconds,
                rampNanoseconds: plan.rampNanoseconds, seed: seed &+ UInt64(part.index))
            free = connections.filter { $0.role == .normal }
        }
        for (index, connection) in zip(indices, connections) where runsByItself(connection) {
            connection.requestsLeft = plan.requestsPerConnection
            starts.append((startNanoseconds + plan.startNanoseconds(of: index), connection))
            runningCount += 1
        }
        deadlineTimer?.schedule(atNanoseconds: deadlineNanoseconds)
        sweepTimer?.schedule(atNanoseconds: startNanoseconds + LoadLimits.sweepNanoseconds)
        if plan.slowReaders > 0 { slowTimer?.schedule(atNanoseconds: startNanoseconds + LoadLimits.slowReadNanoseconds) }
        startDue()
        endIfDone()
    }

    /// The times of this loop's arrivals; nil in a closed loop.
    var arrivals: ArrivalSchedule? { schedule }

    /// Hands out what was counted since the last time.
    func takeInterval() -> LoadTally {
        defer { interval = LoadTally() }
        return interval
    }

    /// Closes all connections, idle or not.
    func close() {
        for connection in connections { connection.drop() }
    }

    private func runsByItself(_ connection: LoadConnection) -> Bool { plan.pace == .closed || connection.role != .normal }

    private func endIfDone() {
        guard let onEnd, runningCount == 0, schedule == nil, waiting.isEmpty, open == 0 else { return }
        self.onEnd = nil
        for timer in [startTimer, restTimer, deadlineTimer, sweepTimer, slowTimer] { timer?.cancel() }
        onEnd()
    }

    /// New requests end here; readers that never come to an end are ended.
    private func timeIsUp() {
        let isFirst = loop.now < deadlineNanoseconds + LoadLimits.drainNanoseconds
        if isFirst {
            arrive()
            schedule = nil
            openAtEnd = open
            for connection in connections where connection.role != .normal {
                connection.abandon(connection.isStalled ? .held : .hungUp)
            }
            deadlineTimer?.schedule(atNanoseconds: deadlineNanoseconds + LoadLimits.drainNanoseconds)
        } else if !waiting.isEmpty {
            noteError("no free connection until the end", count: waiting.count)
            waiting.removeAll()
        }
        endIfDone()
    }

    // MARK: Exchanges

    private func begin(_ connection: LoadConnection, intendedNanoseconds: Int64) {
        var exchange = LoadExchange(intendedNanoseconds: intendedNanoseconds)
        exchange.isStream = streamedShare.next()
        if exchange.isStream, connection.role == .normal, hangUpShare.next() { exchange.eventsMax = plan.hangUpAfterEvents }
        interval.requests += 1
        open += 1
        openPeak = max(openPeak, open)
        connection.begin(exchange)
    }

    /// An exchange is over; its connection is free.
    func ended(_ connection: LoadConnection, _ outcome: LoadExchange.Outcome) {
        open -= 1
        var isWell = true
        switch outcome {
        case .streamed: interval.streams += 1
        case .whole: interval.whole += 1
        case .hungUp: interval.hungUp += 1
        case .held: interval.stalled += 1
        case .failed(let reason):
            isWell = false
            noteError(reason)
        }
        if !runsByItself(connection) {
            if let intended = waiting.popFirst() {
                begin(connection, intendedNanoseconds: intended)
            } else {
                free.append(connection)
            }
        } else if isWell {
            goOn(connection)
        } else {
            let until = loop.now + LoadLimits.restNanoseconds
            resting.append((until, connection))
            if restTimer?.deadlineNanoseconds == nil { restTimer?.schedule(atNanoseconds: until) }
        }
        endIfDone()
    }

    private func noteError(_ reason: String, count: Int = 1) { interval.errors[reason, default: 0] += count }

    // MARK: Connections that run by themselves

    private func goOn(_ connection: LoadConnection) {
        let now = ekai_monotonic_ns()
        let isDone =
            if connection.role != .normal { now >= deadlineNanoseconds || connection.requestsLeft == 0 } else {
                connection.requestsLeft.map { $0 == 0 } ?? (now >= deadlineNanoseconds)
            }
        guard !isDone else {
            runningCount -= 1
            return
        }
        if let left = connection.requestsLeft { connection.requestsLeft = left - 1 }
        begin(connection, intendedNanoseconds: now)
    }

    private func startDue() {
        while let next = starts.first, next.nanoseconds <= loop.now {
            _ = starts.popFirst()
            goOn(next.connection)
        }
        if let next = starts.first { startTimer?.schedule(atNanoseconds: next.nanoseconds) }
        endIfDone()
    }

    private func wakeRested() {
        while let next = resting.first, next.nanoseconds <= loop.now {
            _ = resting.popFirst()
            goOn(next.connection)
        }
        if let next = resting.first { restTimer?.schedule(atNanoseconds: next.nanoseconds) }
        endIfDone()
    }

    // MARK: Open loop

    /// Begins what is due. Called by the clock, whatever the server does.
    func arrive() {
        let now = ekai_monotonic_ns()
        while var arrivals = schedule, arrivals.next <= now {
            guard arrivals.next < deadlineNanoseconds else { return }
            let intended = arrivals.next
            arrivals.advance()
            schedule = arrivals
            if let connection = free.popLast() {
                begin(connection, intendedNanoseconds: intended)
            } else if waiting.count < LoadLimits.waitingMax {
                waiting.append(intended)
            } else {
                noteError("too many wait for a connection")
            }
        }
    }

    // MARK: Once in a while

    private func sweep() {
        let silentSince = ekai_monotonic_ns() - LoadLimits.silenceNanoseconds
        for connection in connections
        where connection.isOpen && !connection.isStalled && connection.lastActivityNanoseconds < silentSince {
            connection.abandon(.failed("silent for \(LoadLimits.silenceNanoseconds / 1_000_000_000) s"))
        }
        sweepTimer?.schedule(afterNanoseconds: LoadLimits.sweepNanoseconds)
    }

    private func readSlowly() {
        for connection in connections { connection.readSlowly(nanoseconds: LoadLimits.slowReadNanoseconds) }
        slowTimer?.schedule(afterNanoseconds: LoadLimits.slowReadNanoseconds)
    }
}
