/// One member of an object.
public struct JSONMember {
    /// The name: a string value with all its accessors.
    public let name: JSONValue
    public let value: JSONValue

    /// Whether the member has that name (UTF-8), however it is escaped.
    public func isNamed(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let raw = name.stringBytes else { return false }
        return JSONString.equals(raw, isEscaped: name.isEscaped, text)
    }
}

/// The members of an object; iterating allocates nothing.
public struct JSONMembers: Sequence, IteratorProtocol {
    let nodes: UnsafePointer<JSONNode>
    let base: UnsafeRawPointer
    var position: Int
    let end: Int

    public mutating func next() -> JSONMember? {
        guard position < end else { return nil }
        let name = JSONValue(nodes: nodes, base: base, index: position)
        let value = JSONValue(nodes: nodes, base: base, index: position + 1)
        position = Int(nodes[position + 1].next)
        return JSONMember(name: name, value: value)
    }
}

/// The elements of an array; iterating allocates nothing.
public struct JSONElements: Sequence, IteratorProtocol {
    let nodes: UnsafePointer<JSONNode>
    let base: UnsafeRawPointer
    var position: Int
    let end: Int

    public mutating func next() -> JSONValue? {
        guard position < end else { return nil }
        let element = JSONValue(nodes: nodes, base: base, index: position)
        position = Int(nodes[position].next)
        return element
    }
}
