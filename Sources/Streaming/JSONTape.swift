import Glibc

/// What a node of a tape is.
public enum JSONKind: UInt8, Sendable {
    case object
    case array
    case string
    case number
    case `true`
    case `false`
    case null
}

/// One value, or the name of one member, of a parsed document: 16 bytes.
struct JSONNode {
    /// Where it starts and ends in the document; a string's quotes lie outside.
    var start: UInt32
    var end: UInt32
    /// The index of the node behind this one and all that it contains. While a container is open: the container around it.
    var next: UInt32
    var kind: JSONKind
    var isEscaped: Bool
}

/// A whole JSON document as a flat list of nodes over the caller's bytes: strict (RFC 8259), fast, and nothing is copied out of the document.
///
/// A tape is used again and again: `parse` reuses its room, so that steady use allocates nothing. The values that it hands out point
/// into the tape and the document: they are valid until the next `parse` and as long as the document's bytes are.
///
/// Strict means: UTF-8 is checked, as are numbers, escapes, surrogate pairs, depth and size; no byte order mark, no comments, no trailing commas, nothing
/// behind the document but white space. Names may repeat (RFC 8259 leaves that open): look-up gives the last one, as the
/// providers' parsers do, and `JSONValue.count(of:)` tells when a name stands twice, so that an ambiguous request can be refused.
public final class JSONTape {
    private var nodes: UnsafeMutablePointer<JSONNode>?
    private var capacity = 0
    private let options: JSONOptions
    private let nodesRetainedMax: Int

    /// - Parameter nodesRetainedMax: a tape with more room gives it back before the next document, and on `trim`.
    public init(options: JSONOptions = JSONOptions(), nodesRetainedMax: Int = StreamingLimits.tapeNodesRetainedMax) {
        self.options = options
        self.nodesRetainedMax = nodesRetainedMax
    }

    deinit { free(nodes) }

    /// Parses a document and returns its root.
    public func parse(_ document: UnsafeRawBufferPointer) throws(JSONError) -> JSONValue {
        trim()
        guard document.count <= StreamingLimits.jsonBytesMax else {
            throw JSONError(offset: StreamingLimits.jsonBytesMax, reason: .tooLong)
        }
        guard let base = document.baseAddress, !document.isEmpty else { throw JSONError(offset: 0, reason: .empty) }
        var builder = JSONTapeBuilder(base: base, count: document.count, nodes: nodes, capacity: capacity, options: options)
        defer {
            nodes = builder.nodes
            capacity = builder.capacity
        }
        try builder.build()
        guard let first = builder.nodes else { throw JSONError(offset: 0, reason: .empty) }
        return JSONValue(nodes: UnsafePointer(first), base: base, index: 0)
    }

    /// Gives back what is above `nodesRetainedMax`. Ends the life of every value of this tape.
    public func trim() {
        guard capacity > nodesRetainedMax else { return }
        free(nodes)
        nodes = nil
        capacity = 0
    }
}
