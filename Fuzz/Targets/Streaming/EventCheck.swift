import Streaming

/// Server-sent events: the same however they come cut, the same as a second parser finds, and the same when written anew.
enum EventCheck {
    static func parse(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        let expected = ReferenceEvents.parse(bytes.array)
        for cutting in [Cutting.whole(bytes)] + Cutting.all(bytes) {
            try requireEqual(try events(cutting), expected, "the two parsers do not agree")
        }
        for event in expected where event.hasData {
            try requireSameWhenWritten(name: event.name, data: event.data)
        }
        try checkEncoder(bytes.array)
    }

    /// Any bytes as data, name or comment make exactly one event, and forge no other field.
    private static func checkEncoder(_ bytes: [UInt8]) throws(FuzzViolation) {
        let text = ReferenceEvents.lines(bytes).joined(separator: [0x0A])
        try requireSameWhenWritten(name: [], data: bytes, expected: Array(text))
        let name = ReferenceEvents.lines(bytes)[0]
        try requireSameWhenWritten(name: bytes, data: [0x78], expectedName: name, expected: [0x78])
        var comment: [UInt8] = []
        bytes.withUnsafeBytes { SSEEncoder.append(comment: $0, to: &comment) }
        let found = try comment.borrowed { (bytes) throws(FuzzViolation) in try events(Cutting.whole(bytes)) }
        try requireEqual(found, [RelayedEvent(name: [], data: [], hasData: false)], "a comment is more than a comment")
    }

    private static func requireSameWhenWritten(
        name: [UInt8], data: [UInt8], expectedName: [UInt8]? = nil, expected: [UInt8]? = nil
    ) throws(FuzzViolation) {
        var text: [UInt8] = []
        name.withUnsafeBytes { name in data.withUnsafeBytes { SSEEncoder.append(name: name, data: $0, to: &text) } }
        let found = try text.borrowed { (bytes) throws(FuzzViolation) in try events(Cutting.whole(bytes)) }
        let event = RelayedEvent(name: expectedName ?? name, data: expected ?? data, hasData: true)
        try requireEqual(found, [event], "an event written anew is another event: \(text.shown)")
    }

    /// All events of a stream, the last one without its blank line included.
    static func events(_ pieces: Cutting) throws(FuzzViolation) -> [RelayedEvent] {
        var parser = SSEParser()
        var found: [RelayedEvent] = []
        for piece in pieces {
            var problem: SSEParserError?
            piece.withUnsafeBytes { bytes in
                do throws(SSEParserError) {
                    try parser.parse(bytes) { event, _ in found.append(RelayedEvent(event)) }
                } catch {
                    problem = error
                }
            }
            if let problem { throw FuzzViolation("the parser gave up: \(problem)") }
        }
        let isAtBoundary = parser.isAtEventBoundary
        let last = parser.finish().map { RelayedEvent($0) }
        try require(isAtBoundary == (last == nil), "the parser does not know whether an event is open")
        if let last { found.append(last) }
        return found
    }
}

/// An event, copied.
struct RelayedEvent: Equatable, CustomStringConvertible {
    var name: [UInt8]
    var data: [UInt8]
    var hasData: Bool

    var description: String { "\n    event \(name.shown), data \(hasData ? data.shown : "none")" }
}

extension RelayedEvent {
    init(_ event: SSEEvent) {
        self.init(name: event.name.array, data: event.data.array, hasData: event.hasData)
    }
}
