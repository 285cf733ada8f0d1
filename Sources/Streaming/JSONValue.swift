/// A value in a tape: a cursor of three words, copied freely, owning nothing.
///
/// Valid until its tape parses the next document and as long as the document's bytes are.
/// A question that does not fit the kind is answered with nil or nothing.
public struct JSONValue {
    let nodes: UnsafePointer<JSONNode>
    let base: UnsafeRawPointer
    let index: Int

    private var node: JSONNode { nodes[index] }

    public var kind: JSONKind { node.kind }

    public var isNull: Bool { node.kind == .null }

    /// The value's place in the document, a string's quotes included: what a splice replaces.
    public var range: Range<Int> {
        let node = node
        let quote = node.kind == .string ? 1 : 0
        return Int(node.start) - quote..<Int(node.end) + quote
    }

    /// The value as it is written, a string's quotes included.
    public var rawBytes: UnsafeRawBufferPointer {
        let range = range
        return UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// True for `true`, false for `false`.
    public var bool: Bool? {
        switch node.kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// The number when it is an integer that fits (`1e3` and `12.0` are integers).
    public var int64: Int64? { decimal?.int64 }

    /// The number without loss; nil when its digits need more than 64 bits.
    public var decimal: JSONDecimal? { node.kind == .number ? JSONDecimal(rawBytes) : nil }

    /// What stands between a string's quotes, escapes and all: ready to be spliced into another string.
    public var stringBytes: UnsafeRawBufferPointer? {
        let node = node
        guard node.kind == .string else { return nil }
        return UnsafeRawBufferPointer(start: base + Int(node.start), count: Int(node.end - node.start))
    }

    /// True for a string that holds escapes: only then does decoding change its bytes.
    public var isEscaped: Bool { node.isEscaped }

    /// The decoded string.
    public var string: String? {
        guard let bytes = stringBytes else { return nil }
        return isEscaped ? JSONString.decoded(bytes) : String(decoding: bytes, as: UTF8.self)
    }

    /// Decodes a string into `room`, which has at least `stringBytes.count` bytes. Returns the length, or nil for another kind.
    public func decodeString(into room: UnsafeMutableRawBufferPointer) -> Int? {
        stringBytes.map { JSONString.decode($0, into: room) }
    }

    /// Whether the value is a string that stands for `text`, however it is escaped.
    public func equals(_ text: StaticString) -> Bool {
        node.kind == .string && isString(node, text.borrowedBytes)
    }

    /// Whether a string's node stands for `text`. Most that do not differ in length.
    @inline(__always)
    private func isString(_ node: JSONNode, _ text: UnsafeRawBufferPointer) -> Bool {
        let count = Int(node.end - node.start)
        guard count == text.count || node.isEscaped else { return false }
        let raw = UnsafeRawBufferPointer(start: base + Int(node.start), count: count)
        return JSONString.equals(raw, isEscaped: node.isEscaped, text)
    }

    /// The last member of that name, however the name is escaped.
    public subscript(_ name: StaticString) -> JSONValue? { member(name.borrowedBytes) }

    /// The last member of that name (UTF-8), however the name is escaped.
    public func member(_ name: UnsafeRawBufferPointer) -> JSONValue? {
        guard node.kind == .object else { return nil }
        let end = Int(node.next)
        var position = index + 1
        var last: JSONValue?
        while position < end {
            if isString(nodes[position], name) { last = JSONValue(nodes: nodes, base: base, index: position + 1) }
            position = Int(nodes[position + 1].next)
        }
        return last
    }

    /// How many members have that name: more than one makes a request ambiguous.
    public func count(of name: StaticString) -> Int {
        var count = 0
        for member in members where member.isNamed(name.borrowedBytes) { count += 1 }
        return count
    }

    /// The members of an object in their order, repeated names included; none for another kind.
    public var members: JSONMembers {
        JSONMembers(nodes: nodes, base: base, position: index + 1, end: node.kind == .object ? Int(node.next) : index + 1)
    }

    /// The elements of an array in their order; none for another kind.
    public var elements: JSONElements {
        JSONElements(nodes: nodes, base: base, position: index + 1, end: node.kind == .array ? Int(node.next) : index + 1)
    }

    /// True for an object or array without anything in it.
    public var isEmptyContainer: Bool {
        let node = node
        return (node.kind == .object || node.kind == .array) && Int(node.next) == index + 1
    }
}
