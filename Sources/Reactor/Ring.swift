/// A queue in a ring of its own memory, owned by exactly one value.
///
/// It cannot be copied, so that no operation has to ask whether it must copy first. A `Deque` asks, and where the
/// optimiser held its buffer a second time over `removeFirst`, the answer was a copy and an allocation for every flush.
struct Ring<Element>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>?
    /// Zero or a power of two.
    private var capacity = 0
    private var head = 0
    private(set) var count = 0

    init() {}

    deinit {
        for offset in 0..<count { (base! + slot(offset)).deinitialize(count: 1) }
        base?.deallocate()
    }

    var isEmpty: Bool { count == 0 }

    /// The element at `index`, counted from the oldest.
    subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count, "an index lies inside the ring")
            return base![slot(index)]
        }
        _modify {
            precondition(index >= 0 && index < count, "an index lies inside the ring")
            yield &base![slot(index)]
        }
    }

    mutating func append(_ element: Element) {
        if count == capacity { grow() }
        (base! + slot(count)).initialize(to: element)
        count += 1
    }

    /// Takes the oldest element; nil when there is none.
    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = (base! + head).move()
        head = (head + 1) & (capacity - 1)
        count -= 1
        return element
    }

    private func slot(_ offset: Int) -> Int { (head + offset) & (capacity - 1) }

    private mutating func grow() {
        let grown = capacity == 0 ? 2 : capacity * 2
        let memory = UnsafeMutablePointer<Element>.allocate(capacity: grown)
        for offset in 0..<count { (memory + offset).moveInitialize(from: base! + slot(offset), count: 1) }
        base?.deallocate()
        base = memory
        capacity = grown
        head = 0
    }
}
