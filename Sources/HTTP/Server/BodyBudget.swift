import Synchronization

/// The memory that request bodies of all connections may take together. Shared by the loops.
public final class BodyBudget: Sendable {
    private let used = Atomic(0)
    private let bound: Atomic<Int>

    public init(bytesMax: Int) { bound = Atomic(bytesMax) }

    /// The bound, in bytes.
    public var bytesMax: Int { bound.load(ordering: .relaxed) }

    /// Moves the bound. A lower one turns new bodies away until what is there has gone.
    public func setBytesMax(_ bytes: Int) { bound.store(bytes, ordering: .relaxed) }

    /// Bytes taken now.
    public var usedBytes: Int { used.load(ordering: .relaxed) }

    /// Takes `bytes`. False, and nothing taken, when they would go beyond the bound.
    func take(_ bytes: Int) -> Bool {
        if used.add(bytes, ordering: .relaxed).newValue <= bytesMax { return true }
        used.subtract(bytes, ordering: .relaxed)
        return false
    }

    func give(_ bytes: Int) { used.subtract(bytes, ordering: .relaxed) }
}
