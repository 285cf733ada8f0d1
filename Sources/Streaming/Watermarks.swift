/// When to stop reading upstream and when to go on: two marks on the bytes that wait for the client, with hysteresis between them.
public struct Watermarks: Sendable, Equatable {
    public enum Advice: Sendable, Equatable {
        case pause
        case resume
        case none
    }

    /// At or above this many queued bytes reading stops.
    public let high: Int
    /// At or below this many it goes on.
    public let low: Int
    /// True from the advice to pause until the advice to resume.
    public private(set) var isPaused = false

    public init(high: Int, low: Int) {
        precondition(0 <= low && low < high, "the low mark lies below the high one")
        self.high = high
        self.low = low
    }

    /// Judges a new queue length. The advice is given once for each crossing.
    public mutating func update(queued: Int) -> Advice {
        if isPaused {
            guard queued <= low else { return .none }
            isPaused = false
            return .resume
        }
        guard queued >= high else { return .none }
        isPaused = true
        return .pause
    }
}
