/// First in, first out; taking is cheap.
struct WaitingLine<Element> {
    private var elements: [Element] = []
    private var taken = 0

    var count: Int { elements.count - taken }
    var isEmpty: Bool { count == 0 }
    var first: Element? { isEmpty ? nil : elements[taken] }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard let first else { return nil }
        taken += 1
        if taken == elements.count {
            removeAll()
        } else if taken >= 1_024, taken * 2 > elements.count {
            elements.removeFirst(taken)
            taken = 0
        }
        return first
    }

    mutating func removeAll() {
        elements.removeAll(keepingCapacity: true)
        taken = 0
    }
}
