/// How much load, and for how long.
struct LoadPlan: Sendable {
    /// Streams open at once.
    var connections: Int
    /// Requests of each connection, one after the other; nil: until the time is up.
    var streamsPerConnection: Int?
    var durationMilliseconds: Int
    /// The connections start spread over this time, so that their tokens do not march in step.
    var rampMilliseconds: Int
    var loops: Int
}
