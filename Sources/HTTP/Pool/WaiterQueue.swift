/// A first-in first-out queue of waiters that can leave early. Keeps its capacity.
struct WaiterQueue: Sendable {
    private var items = ContiguousArray<Int>()
    private var head = 0

    var count: Int { items.count - head }
    var isEmpty: Bool { head == items.count }

    mutating func append(_ waiter: Int) { items.append(waiter) }

    mutating func popFirst() -> Int? {
        guard head < items.count else { return nil }
        let first = items[head]
        head += 1
        if head == items.count {
            items.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 32, head * 2 >= items.count {
            items.removeFirst(head)
            head = 0
        }
        return first
    }

    /// Takes `waiter` out wherever it stands; false when it is not there. Linear, and rare.
    mutating func remove(_ waiter: Int) -> Bool {
        guard let index = items[head...].firstIndex(of: waiter) else { return false }
        items.remove(at: index)
        return true
    }
}
