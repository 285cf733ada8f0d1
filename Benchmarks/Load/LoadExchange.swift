/// One request, as it was meant.
struct LoadExchange: Sendable {
    /// How an exchange ended.
    enum Outcome: Sendable, Equatable {
        /// With its end mark.
        case streamed
        case whole
        /// Left by us.
        case hungUp
        /// A stalled reader whose time is over.
        case held
        case failed(String)
    }

    /// When it was due; latencies count from here. In a closed loop: when it began.
    var intendedNanoseconds: Int64 = 0
    var isStream = true
    /// After so many events the client hangs up.
    var eventsMax = Int.max
}
