/// The TLS handshakes that one loop's clients are in: how many there may be, and how many steps of them a turn may make.
///
/// A handshake costs about 1.6 ms of CPU, nearly all of it in the step that answers a client's hello. Without a bound a burst of new
/// connections would hold up every stream of the loop; without a number, connections that say nothing would lock out those that do. A pure value.
struct PendingHandshakes {
    /// Numbers a connection; never given out twice, so that a late word about one that has ended means nobody.
    typealias Connection = UInt64

    enum Admission: Equatable {
        case start
        /// Room was made by this one, the oldest: it has had its time and is to be ended.
        case startInsteadOf(Connection)
        /// All of them are young: shed the new one.
        case refuse
    }

    private var started: [Connection: Int64] = [:]
    /// In order of arrival, with those that have ended meanwhile.
    private var order: [Connection] = []
    private var head = 0
    private var stepsTurn: UInt64 = 0
    private var stepsLeft = 0
    private let countMax: Int
    private let graceNanoseconds: Int64
    private let stepsPerTurnMax: Int

    init(
        countMax: Int = TLSLimits.serverHandshakesMax, graceNanoseconds: Int64 = TLSLimits.handshakeGraceNanoseconds,
        stepsPerTurnMax: Int = TLSLimits.handshakeStepsPerTurnMax
    ) {
        precondition(countMax > 0 && stepsPerTurnMax > 0)
        self.countMax = countMax
        self.graceNanoseconds = graceNanoseconds
        self.stepsPerTurnMax = stepsPerTurnMax
    }

    var count: Int { started.count }

    /// A connection was accepted. Unless it is refused, `ended` is owed for it.
    mutating func admit(_ connection: Connection, now: Int64) -> Admission {
        var evicted: Connection?
        if started.count >= countMax {
            guard let oldest, let since = started[oldest], now - since >= graceNanoseconds else { return .refuse }
            ended(oldest)
            evicted = oldest
        }
        started[connection] = now
        order.append(connection)
        return evicted.map { .startInsteadOf($0) } ?? .start
    }

    /// Its handshake is over, well or not. Does nothing for one that was pushed out.
    mutating func ended(_ connection: Connection) {
        guard started.removeValue(forKey: connection) != nil else { return }
        while head < order.count, started[order[head]] == nil { head += 1 }
        // What has ended goes once it outweighs what has not.
        if head > order.count / 2 || order.count - head > 2 * countMax {
            order = order[head...].filter { started[$0] != nil }
            head = 0
        }
    }

    private var oldest: Connection? { order[head...].first { started[$0] != nil } }

    /// Takes one of the steps of turn `turn`. False when they are spent: come back in the next one.
    mutating func takeStep(turn: UInt64) -> Bool {
        if turn != stepsTurn {
            stepsTurn = turn
            stepsLeft = stepsPerTurnMax
        }
        guard stepsLeft > 0 else { return false }
        stepsLeft -= 1
        return true
    }
}
