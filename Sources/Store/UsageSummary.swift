/// The books summed up by some of their columns.
public struct UsageSummary: Sendable, Hashable {
    /// What can be told apart.
    public enum Column: String, Sendable, Hashable, CaseIterable {
        case provider
        case model
        /// The day, in the query's zone, that a request came.
        case day
        case key
        /// The HTTP status that the client got.
        case status
    }

    /// What to sum up.
    public struct Query: Sendable, Hashable {
        /// The interval is `[start, end)`, in milliseconds since 1970 UTC.
        public var start: Int64
        public var end: Int64
        /// An IANA zone: where days are cut.
        public var zone: String
        /// Each column once; none is one line for everything.
        public var columns: [Column]

        public init(start: Int64, end: Int64, zone: String = "UTC", columns: [Column]) {
            self.start = start
            self.end = end
            self.zone = zone
            self.columns = columns
        }
    }

    /// Sums of one kind of requests.
    public struct Sums: Sendable, Hashable {
        public var requests = 0
        /// Requests whose cost is not known.
        public var requestsOfUnknownCost = 0
        /// Input tokens apart from cached ones.
        public var inputTokens = 0
        /// Input tokens written to and read from prompt caches.
        public var cachedTokens = 0
        public var outputTokens = 0
        public var totalTokens = 0
        /// In pico-USD; requests of unknown cost add nothing.
        public var costPico: Int128 = 0

        /// Nothing is known about the cost: the sum is no figure at all.
        public var isCostUnknown: Bool { requests > 0 && requestsOfUnknownCost == requests && costPico == 0 }

        static func += (sums: inout Sums, other: Sums) {
            sums.requests += other.requests
            sums.requestsOfUnknownCost += other.requestsOfUnknownCost
            sums.inputTokens += other.inputTokens
            sums.cachedTokens += other.cachedTokens
            sums.outputTokens += other.outputTokens
            sums.totalTokens += other.totalTokens
            sums.costPico += other.costPico
        }
    }

    /// One line.
    public struct Group: Sendable, Hashable {
        /// One for each column of the query; nil where the books have nothing, such as a call without key.
        public var names: [String?]
        public var sums: Sums
    }

    public var query: Query
    /// Days in their order, and within a day, or without days, the most expensive first. At most ``StoreLimits/namesMax``; the
    /// others are one group named ``StoreLimits/otherName``, the last.
    public var groups: [Group]
    /// Of all groups.
    public var total: Sums
}
