/// Why a stream of events cannot be parsed any further.
public enum SSEParserError: Error, Equatable, Sendable {
    /// One event is longer than `limit` bytes.
    case eventTooLong(limit: Int)
}

/// An incremental parser of server-sent events (WHATWG HTML section 9.2).
///
/// Bytes come in batches of any size, cut anywhere. An event that lies whole in one batch is handed out as slices of the batch, without
/// a copy; one that spans batches is put together in a carry buffer that is bounded and given back when large. Every byte belongs to
/// exactly one block, and every blank line ends a block: a blank line too many hands out an event without name and data.
///
/// Three deviations from the standard, all of them towards what providers do:
/// - `finish()` hands out a last event that lacks its blank line, where the standard drops it;
/// - a line that begins with `{` or `[` in a block without `data:` is data, and so are the lines after it: Gemini under load writes a bare
///   JSON error into the stream, which the standard ignores as an unknown field;
/// - `id` and `retry` are read over, since a relay hands them on as they are.
///
/// The order of use: `var cursor = SSECursor(batch)`, then `while let event = try parser.next(&cursor)`, and at the end of the body `finish()`.
/// An event's pointers are valid until the next call to the parser and as long as the batch is.
public struct SSEParser: ~Copyable {
    private enum PendingReturn {
        case none
        /// A CR at the end of a batch ended a line; an LF that follows belongs to it.
        case endedLine
        /// A CR at the end of a batch is the first half of a blank CRLF line.
        case halfBlankLine
    }

    private let eventBytesMax: Int
    private var carry = ByteStore()
    private var joined = ByteStore()
    private var pendingReturn = PendingReturn.none
    private var previousLineEndedWithCRLF = false
    private var lineHasBytes = false
    private var blockHasLines = false
    private var isFirstBlock = true
    private var carryIsDelivered = false

    public init(eventBytesMax: Int = StreamingLimits.eventBytesMax) {
        self.eventBytesMax = eventBytesMax
    }

    /// True between two events: nothing but line ends came since the last one ended.
    public var isAtEventBoundary: Bool { !lineHasBytes && !blockHasLines }

    /// How many bytes of an event without its blank line have come so far.
    public var unfinishedBytes: Int { carryIsDelivered ? 0 : carry.count }

    /// The bytes that `unfinishedBytes` counts; after `next` handed out an event that spanned batches: the whole of that event.
    var carriedBytes: UnsafeRawBufferPointer { carry.bytes }

    /// The next event that the cursor's batch completes, or nil when the batch is used up.
    ///
    /// `cursor.offset` then stands just behind the blank line (0 when the batch only showed that the line had ended before it).
    public mutating func next(_ cursor: inout SSECursor) throws(SSEParserError) -> SSEEvent? {
        forgetDelivered()
        let start = cursor.offset
        let count = cursor.bytes.count
        guard start < count, let base = cursor.bytes.baseAddress else { return nil }
        var position = start

        if pendingReturn != .none {
            let isHalfBlankLine = pendingReturn == .halfBlankLine
            pendingReturn = .none
            previousLineEndedWithCRLF = base.load(fromByteOffset: start, as: UInt8.self) == Ascii.lineFeed
            if previousLineEndedWithCRLF { position += 1 }
            if isHalfBlankLine { return try deliver(SSEFields(), &cursor, upTo: position) }
        }

        var fields = SSEFields()
        while position < count {
            let lineEnd = cursor.lineEnd(from: position)
            if lineEnd > position { lineHasBytes = true }
            guard lineEnd < count else { break }

            var next = lineEnd + 1
            var endsWithCRLF = false
            if base.load(fromByteOffset: lineEnd, as: UInt8.self) == Ascii.carriageReturn {
                if next < count {
                    endsWithCRLF = base.load(fromByteOffset: next, as: UInt8.self) == Ascii.lineFeed
                    if endsWithCRLF { next += 1 }
                } else if !lineHasBytes && previousLineEndedWithCRLF {
                    // In a stream of CRLF lines this is half of one: its LF belongs to the event that it ends.
                    pendingReturn = .halfBlankLine
                    break
                } else {
                    pendingReturn = .endedLine
                }
            }
            previousLineEndedWithCRLF = endsWithCRLF
            if !lineHasBytes { return try deliver(fields, &cursor, upTo: next) }

            blockHasLines = true
            lineHasBytes = false
            if carry.isEmpty {
                let isStart = isFirstBlock && position == start
                fields.take(cursor.bytes.part(position, lineEnd), isStartOfStream: isStart, joined: &joined)
            }
            position = next
        }

        cursor.offset = count
        try keep(cursor.bytes.part(start, count))
        return nil
    }

    /// Hands every event that `bytes` completes to `body`, with the offset just behind its blank line.
    public mutating func parse(_ bytes: UnsafeRawBufferPointer, _ body: (SSEEvent, _ end: Int) -> Void) throws(SSEParserError) {
        var cursor = SSECursor(bytes)
        while let event = try next(&cursor) { body(event, cursor.offset) }
    }

    /// Says that the body has ended: the last event if it lacks its blank line, else nil. The parser is then as new, but for the start of the stream.
    public mutating func finish() -> SSEEvent? {
        forgetDelivered()
        let hasEvent = !isAtEventBoundary
        pendingReturn = .none
        previousLineEndedWithCRLF = false
        endBlock()
        carryIsDelivered = true
        guard hasEvent else { return nil }
        let fields = fieldsOfCarry()
        isFirstBlock = false
        return fields.event
    }

    private mutating func deliver(
        _ fields: SSEFields, _ cursor: inout SSECursor, upTo end: Int
    ) throws(SSEParserError) -> SSEEvent {
        var fields = fields
        let start = cursor.offset
        cursor.offset = end
        if !carry.isEmpty {
            try keep(cursor.bytes.part(start, end))
            fields = fieldsOfCarry()
            carryIsDelivered = true
        }
        endBlock()
        isFirstBlock = false
        return fields.event
    }

    private mutating func endBlock() {
        lineHasBytes = false
        blockHasLines = false
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer) throws(SSEParserError) {
        guard bytes.count <= eventBytesMax - carry.count else { throw .eventTooLong(limit: eventBytesMax) }
        carry.append(bytes)
    }

    private mutating func forgetDelivered() {
        if carryIsDelivered {
            carry.removeAll()
            carryIsDelivered = false
        }
        if !joined.isEmpty { joined.removeAll() }
    }

    /// Reads the lines of the block that was put together in the carry buffer.
    private mutating func fieldsOfCarry() -> SSEFields {
        var fields = SSEFields()
        // A copy of the view: the carry buffer is not touched until the next call, so that its slices stay valid.
        let block = carry.bytes
        var lines = SSECursor(block)
        var position = 0
        while position < block.count {
            let end = lines.lineEnd(from: position)
            let isStart = isFirstBlock && position == 0
            fields.take(block.part(position, end), isStartOfStream: isStart, joined: &joined)
            position = end + 1
        }
        return fields
    }
}
