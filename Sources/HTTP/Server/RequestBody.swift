/// A request's whole body. Kept alive by whoever still sends from it; gives its share of the budget back at its end.
public final class RequestBody {
    private var storage: ByteAccumulator
    private let budget: BodyBudget
    private let share: Int

    /// - Parameter share: bytes of `budget` that were taken for this body.
    init(_ storage: consuming ByteAccumulator, budget: BodyBudget, share: Int) {
        self.storage = storage
        self.budget = budget
        self.share = share
    }

    deinit { budget.give(share) }

    /// The bytes, as long as the body lives.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(storage.bytes) }
}
