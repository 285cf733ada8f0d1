import Glibc

/// Writes JSON (RFC 8259) into one growing buffer, commas included: what a translated request, answer or event is made with.
///
/// The caller opens, names and closes in the right order; the writer puts the commas. Strings may be written in pieces, so that text which is
/// still escaped goes from one document into another without being decoded. Emptied, it keeps its room: steady use allocates nothing.
///
/// Between documents `frame` writes bytes that are no JSON (`data: `, a blank line).
public struct JSONWriter: ~Copyable {
    private var store = ByteStore()
    /// Whether the next name or value of the open container needs a comma in front.
    private var needsComma = false

    public init() {}

    /// What was written. Valid until the next change.
    public var bytes: UnsafeRawBufferPointer { store.bytes }

    public var count: Int { store.count }

    public var isEmpty: Bool { store.isEmpty }

    /// Forgets what was written; room above `retainedMax` bytes is given back.
    public mutating func removeAll(retaining retainedMax: Int = StreamingLimits.scratchBytesRetainedMax) {
        store.removeAll(retaining: retainedMax)
        needsComma = false
    }

    /// Lets `body` overwrite what was written.
    public mutating func withMutableBytes(_ body: (UnsafeMutableRawBufferPointer) -> Void) {
        body(UnsafeMutableRawBufferPointer(mutating: store.bytes))
    }

    /// Makes room for `count` bytes at once.
    public mutating func reserve(_ count: Int) { store.reserveCapacity(count) }

    // MARK: Framing

    /// Bytes that are no part of a document; the next value begins one.
    public mutating func frame(_ text: StaticString) {
        store.append(text.borrowedBytes)
        needsComma = false
    }

    /// Bytes that are no part of a document; the next value begins one.
    public mutating func frame(_ bytes: UnsafeRawBufferPointer) {
        store.append(bytes)
        needsComma = false
    }

    // MARK: Containers

    public mutating func beginObject() { begin(Ascii.openBrace) }

    public mutating func endObject() { end(Ascii.closeBrace) }

    public mutating func beginArray() { begin(Ascii.openBracket) }

    public mutating func endArray() { end(Ascii.closeBracket) }

    /// The name of the next member: one without anything to escape.
    public mutating func name(_ text: StaticString) {
        separate()
        store.append(Ascii.quote)
        store.append(text.borrowedBytes)
        store.append(Ascii.quote)
        store.append(Ascii.colon)
        needsComma = false
    }

    /// The name of the next member, as it stands in another document: the inside of a string, escapes and all.
    public mutating func name(escaped text: UnsafeRawBufferPointer) {
        separate()
        store.append(Ascii.quote)
        store.append(text)
        store.append(Ascii.quote)
        store.append(Ascii.colon)
        needsComma = false
    }

    // MARK: Values

    /// A string without anything to escape.
    public mutating func string(_ text: StaticString) {
        beginString()
        store.append(text.borrowedBytes)
        endString()
    }

    /// Any string.
    public mutating func string(_ text: String) {
        beginString()
        appendToString(text)
        endString()
    }

    public mutating func beginString() {
        separate()
        store.append(Ascii.quote)
    }

    /// A piece of the open string, escaped already: the inside of another document's string.
    public mutating func appendToString(escaped text: UnsafeRawBufferPointer) { store.append(text) }

    /// A piece of the open string, valid UTF-8 that is escaped as needed.
    public mutating func appendToString(utf8 text: UnsafeRawBufferPointer) {
        JSONString.appendEscaped(utf8: text, to: &store)
    }

    /// A piece of the open string, escaped as needed.
    public mutating func appendToString(_ text: String) {
        var text = text
        text.withUTF8 { appendToString(utf8: UnsafeRawBufferPointer($0)) }
    }

    public mutating func endString() {
        store.append(Ascii.quote)
        needsComma = true
    }

    public mutating func integer(_ value: Int) {
        separate()
        append(digitsOf: value)
        needsComma = true
    }

    public mutating func bool(_ value: Bool) {
        separate()
        store.append((value ? "true" : "false" as StaticString).borrowedBytes)
        needsComma = true
    }

    public mutating func null() { json("null") }

    /// A value that is written already.
    public mutating func json(_ text: StaticString) {
        separate()
        store.append(text.borrowedBytes)
        needsComma = true
    }

    /// A value as another document writes it. White space between its tokens goes when it holds line ends, which would end a line of an event.
    public mutating func json(_ text: UnsafeRawBufferPointer) {
        separate()
        appendCompact(text)
        needsComma = true
    }

    /// A piece of a number or of another value that the caller writes by itself.
    public mutating func json(_ text: String) {
        separate()
        var text = text
        text.withUTF8 { store.append(UnsafeRawBufferPointer($0)) }
        needsComma = true
    }

    // MARK: Details

    private mutating func begin(_ byte: UInt8) {
        separate()
        store.append(byte)
        needsComma = false
    }

    private mutating func end(_ byte: UInt8) {
        store.append(byte)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { store.append(Ascii.comma) }
    }

    private mutating func append(digitsOf value: Int) {
        if value < 0 { store.append(Ascii.minus) }
        var rest = value.magnitude
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { room in
            var start = room.count
            repeat {
                start -= 1
                room[start] = Ascii.zero + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            store.append(UnsafeRawBufferPointer(rebasing: room[start...]))
        }
    }

    private mutating func appendCompact(_ text: UnsafeRawBufferPointer) {
        guard let base = text.baseAddress, memchr(base, 0x0A, text.count) != nil || memchr(base, 0x0D, text.count) != nil else {
            return store.append(text)
        }
        // A string holds no line end as it is: what lies between two quotes is passed whole.
        var isInString = false
        var position = 0
        while position < text.count {
            let byte = text[position]
            if isInString {
                store.append(byte)
                if byte == Ascii.backslash, position + 1 < text.count {
                    position += 1
                    store.append(text[position])
                } else if byte == Ascii.quote {
                    isInString = false
                }
            } else if byte != 0x20, byte != 0x09, byte != 0x0A, byte != 0x0D {
                store.append(byte)
                isInString = byte == Ascii.quote
            }
            position += 1
        }
    }
}
