/// A list of edits over a document that stays where it is: yields the slices of the edited document in order, so that they can be sent
/// without ever being joined. The smallest change to a client's request: all that is not edited goes on byte for byte.
///
/// Edits are given in any order and may not overlap; insertions at one place keep the order in which they were given.
public struct JSONSplicer: ~Copyable {
    private struct Edit {
        var range: Range<Int>
        /// Where the replacement lies in `inserted`.
        var replacement: Range<Int>
    }

    private struct InsertedSink: ByteSink {
        var bytes: [UInt8] = []
        mutating func append(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }
    }

    private var edits: [Edit] = []
    private var inserted = ByteStore()

    public init() {}

    /// Forgets every edit; the room is kept.
    public mutating func removeAll() {
        edits.removeAll(keepingCapacity: true)
        inserted.removeAll()
    }

    public var isEmpty: Bool { edits.isEmpty }

    /// Replaces the bytes at `range` of the document; an empty range inserts.
    public mutating func replace(_ range: Range<Int>, with bytes: UnsafeRawBufferPointer) {
        let start = inserted.count
        inserted.append(bytes)
        add(range, from: start)
    }

    /// Replaces a value of any kind with JSON that is written already.
    public mutating func replace(_ value: JSONValue, withJSON json: StaticString) {
        replace(value.range, with: json.borrowedBytes)
    }

    /// Replaces a value of any kind with a string, which is escaped as needed.
    public mutating func replace(_ value: JSONValue, withString text: String) {
        var sink = InsertedSink()
        JSONString.append(text, to: &sink)
        sink.bytes.withUnsafeBytes { replace(value.range, with: $0) }
    }

    /// Adds a member behind the last one of an object. The name is one without anything to escape; the value is JSON that is written already.
    public mutating func appendMember(_ name: StaticString, json: UnsafeRawBufferPointer, to object: JSONValue) {
        precondition(object.kind == .object, "only an object has members")
        let start = inserted.count
        if !object.isEmptyContainer { inserted.append(Ascii.comma) }
        inserted.append(Ascii.quote)
        inserted.append(name.borrowedBytes)
        inserted.append(Ascii.quote)
        inserted.append(Ascii.colon)
        inserted.append(json)
        let end = object.range.upperBound - 1
        add(end..<end, from: start)
    }

    /// Adds a member whose value is known at compile time.
    public mutating func appendMember(_ name: StaticString, json: StaticString, to object: JSONValue) {
        appendMember(name, json: json.borrowedBytes, to: object)
    }

    /// The length of the edited document.
    public func count(of document: UnsafeRawBufferPointer) -> Int {
        edits.reduce(document.count) { $0 - $1.range.count + $1.replacement.count }
    }

    /// Calls `body` with each slice of the edited document, in order and never empty. Slices of the document are valid as long as the
    /// document is; those of replacements until this splicer changes.
    public func forEachSlice(of document: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        var position = 0
        for edit in edits {
            precondition(edit.range.upperBound <= document.count, "an edit lies inside its document")
            if edit.range.lowerBound > position { body(document.part(position, edit.range.lowerBound)) }
            if !edit.replacement.isEmpty { body(inserted.bytes.part(edit.replacement.lowerBound, edit.replacement.upperBound)) }
            position = edit.range.upperBound
        }
        if position < document.count { body(document.part(position, document.count)) }
    }

    /// Appends the edited document to a sink.
    public func append(_ document: UnsafeRawBufferPointer, to sink: inout some ByteSink) {
        forEachSlice(of: document) { sink.append($0) }
    }

    /// Keeps the edits sorted: there are few, and they mostly come in order.
    private mutating func add(_ range: Range<Int>, from start: Int) {
        var place = edits.count
        while place > 0, edits[place - 1].range.lowerBound > range.lowerBound { place -= 1 }
        // An insertion at the very place where a replacement begins goes before it.
        if range.isEmpty {
            while place > 0, !edits[place - 1].range.isEmpty, edits[place - 1].range.lowerBound == range.lowerBound { place -= 1 }
        }
        if place > 0 { precondition(edits[place - 1].range.upperBound <= range.lowerBound, "edits do not overlap") }
        if place < edits.count { precondition(range.upperBound <= edits[place].range.lowerBound, "edits do not overlap") }
        edits.insert(Edit(range: range, replacement: start..<inserted.count), at: place)
    }
}
