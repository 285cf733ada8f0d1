/// What one loop shows at a scrape.
struct LoopSnapshot: Sendable {
    var counts: LoopCounts
    /// Clients' connections open now.
    var connections: Int
    /// The longest turn since the scrape before, and all turns together, without their waits.
    var longestTurnNanoseconds: Int64
    var busyNanoseconds: Int64
}
