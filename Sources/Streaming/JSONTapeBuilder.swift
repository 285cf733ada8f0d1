import Glibc

/// Builds a tape in one pass and without recursion: the open container's `next` holds the container around it.
struct JSONTapeBuilder {
    private static let noContainer = UInt32.max

    private(set) var nodes: UnsafeMutablePointer<JSONNode>?
    private(set) var capacity: Int
    private var nodeCount = 0
    private var open = JSONTapeBuilder.noContainer
    private var depth = 0
    private var scanner: JSONScanner
    private let options: JSONOptions

    init(base: UnsafeRawPointer, count: Int, nodes: UnsafeMutablePointer<JSONNode>?, capacity: Int, options: JSONOptions) {
        self.nodes = nodes
        self.capacity = capacity
        self.options = options
        scanner = JSONScanner(base: base, count: count, acceptsLoneSurrogates: options.acceptsLoneSurrogates)
    }

    mutating func build() throws(JSONError) {
        if scanner.startsWithByteOrderMark { throw scanner.error(.byteOrderMark) }
        scanner.skipWhitespace()
        if scanner.isAtEnd { throw scanner.error(.empty) }
        repeat {
            while try enterValue() {}
        } while try leaveValue()
        scanner.skipWhitespace()
        guard scanner.isAtEnd else { throw scanner.error(.trailingBytes) }
    }

    /// Reads a scalar or an empty container whole, or the beginning of a container up to its first value. Returns whether a value comes next.
    private mutating func enterValue() throws(JSONError) -> Bool {
        let start = scanner.position
        switch try scanner.peek() {
        case Ascii.quote:
            try appendString()
        case Ascii.openBrace:
            try openContainer(.object)
            if try scanner.peek() == Ascii.closeBrace {
                closeContainer()
                return false
            }
            try enterMember()
            return true
        case Ascii.openBracket:
            try openContainer(.array)
            if try scanner.peek() == Ascii.closeBracket {
                closeContainer()
                return false
            }
            return true
        case Ascii.minus, Ascii.zero...Ascii.nine:
            try scanner.skipNumber()
            try appendScalar(.number, from: start)
        case UInt8(ascii: "t"):
            try scanner.skipLiteral("true")
            try appendScalar(.true, from: start)
        case UInt8(ascii: "f"):
            try scanner.skipLiteral("false")
            try appendScalar(.false, from: start)
        case UInt8(ascii: "n"):
            try scanner.skipLiteral("null")
            try appendScalar(.null, from: start)
        default:
            throw scanner.error(.unexpectedByte)
        }
        return false
    }

    /// Reads what follows a value: closes containers and goes on to the next value, if there is one.
    private mutating func leaveValue() throws(JSONError) -> Bool {
        while open != Self.noContainer, let nodes {
            scanner.skipWhitespace()
            let isObject = nodes[Int(open)].kind == .object
            let byte = try scanner.peek()
            if byte == Ascii.comma {
                scanner.position += 1
                scanner.skipWhitespace()
                if isObject { try enterMember() }
                return true
            }
            guard byte == (isObject ? Ascii.closeBrace : Ascii.closeBracket) else { throw scanner.error(.unexpectedByte) }
            closeContainer()
        }
        return false
    }

    /// Reads a member's name and colon, up to its value.
    private mutating func enterMember() throws(JSONError) {
        guard try scanner.peek() == Ascii.quote else { throw scanner.error(.unexpectedByte) }
        try appendString()
        scanner.skipWhitespace()
        guard try scanner.peek() == Ascii.colon else { throw scanner.error(.unexpectedByte) }
        scanner.position += 1
        scanner.skipWhitespace()
    }

    private mutating func openContainer(_ kind: JSONKind) throws(JSONError) {
        guard depth < options.depthMax else { throw scanner.error(.tooDeep) }
        let index = UInt32(truncatingIfNeeded: nodeCount)
        let start = UInt32(truncatingIfNeeded: scanner.position)
        try append(JSONNode(start: start, end: 0, next: open, kind: kind, isEscaped: false))
        open = index
        depth += 1
        scanner.position += 1
        scanner.skipWhitespace()
    }

    private mutating func closeContainer() {
        guard let nodes else { return }
        scanner.position += 1
        let parent = nodes[Int(open)].next
        nodes[Int(open)].end = UInt32(truncatingIfNeeded: scanner.position)
        nodes[Int(open)].next = UInt32(truncatingIfNeeded: nodeCount)
        open = parent
        depth -= 1
    }

    private mutating func appendString() throws(JSONError) {
        let start = scanner.position + 1
        let isEscaped = try scanner.skipString()
        try append(
            JSONNode(
                start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: scanner.position - 1),
                next: UInt32(truncatingIfNeeded: nodeCount + 1), kind: .string, isEscaped: isEscaped))
    }

    private mutating func appendScalar(_ kind: JSONKind, from start: Int) throws(JSONError) {
        try append(
            JSONNode(
                start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: scanner.position),
                next: UInt32(truncatingIfNeeded: nodeCount + 1), kind: kind, isEscaped: false))
    }

    @inline(__always)
    private mutating func append(_ node: JSONNode) throws(JSONError) {
        if nodeCount == capacity { try grow() }
        guard let nodes else { return }
        (nodes + nodeCount).initialize(to: node)
        nodeCount += 1
    }

    @inline(never)
    private mutating func grow() throws(JSONError) {
        guard nodeCount < options.nodesMax else { throw scanner.error(.tooManyNodes) }
        let grown = min(max(capacity * 2, 64), max(options.nodesMax, 1))
        guard let room = realloc(nodes, grown * MemoryLayout<JSONNode>.stride) else { fatalError("out of memory") }
        nodes = room.bindMemory(to: JSONNode.self, capacity: grown)
        capacity = grown
    }
}
