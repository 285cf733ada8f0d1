/// How much load, of what kind, and for how long. Times are nanoseconds.
struct LoadPlan: Sendable {
    /// When the next request is sent.
    enum Pace: Sendable, Equatable {
        /// When the one before it on its connection has ended.
        case closed
        /// At times that do not depend on the server: so many a second, over all connections.
        case open(rate: Double, arrivals: ArrivalSchedule.Kind, seed: UInt64)
    }

    /// What a connection does with an answer.
    enum Role: Sendable, Equatable {
        case normal
        /// Reads the head and the first events, then nothing until the end.
        case stalled
        /// Reads so many bytes a second, and no more.
        case slow(bytesPerSecond: Int)
    }

    /// Connections open at once, those of stalled and slow readers among them.
    var connections = 1
    var pace = Pace.closed
    /// Requests of each connection, one after the other; nil: until the time is up. Closed loop only.
    var requestsPerConnection: Int?
    /// How long new requests begin, and stalled and slow readers stay.
    var durationNanoseconds: Int64 = 0
    /// The connections start spread over this time, so that their tokens do not march in step; the open loop's rate rises over it.
    var rampNanoseconds: Int64 = 0
    /// Which part of the requests asks for a stream, 0 to 1.
    var streamedShare = 1.0
    var stalledReaders = 0
    var slowReaders = 0
    var slowBytesPerSecond = 1_024
    /// Which part of the streams is left, 0 to 1, and after how many events.
    var hangUpShare = 0.0
    var hangUpAfterEvents = 1
    var loops = 1

    /// Stalled readers come first, then slow ones.
    func role(of connection: Int) -> Role {
        if connection < stalledReaders { return .stalled }
        return connection < stalledReaders + slowReaders ? .slow(bytesPerSecond: slowBytesPerSecond) : .normal
    }

    /// When a connection begins, from the start of the run.
    func startNanoseconds(of connection: Int) -> Int64 {
        Int64(Double(rampNanoseconds) * Double(connection) / Double(max(1, connections)))
    }
}

/// Picks a share of a sequence, spread evenly: no run of it has one more or fewer than its share.
struct EvenShare: Sendable {
    private let share: Double
    private var seen = 0.0

    init(_ share: Double) { self.share = share }

    /// True when the next one belongs to the share.
    mutating func next() -> Bool {
        let before = (seen * share).rounded(.down)
        seen += 1
        return (seen * share).rounded(.down) > before
    }
}
