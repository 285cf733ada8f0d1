/// JSON strings (RFC 8259 section 7) as bytes: decoding what stands between the quotes, comparing it, writing new ones.
public enum JSONString {
    /// Appends `text` with its quotes.
    public static func append(_ text: String, to sink: inout some ByteSink & ~Copyable) {
        var text = text
        text.withUTF8 { append(utf8: UnsafeRawBufferPointer($0), to: &sink) }
    }

    /// Appends valid UTF-8 with quotes around it, escaping what must be: quote, backslash and control characters. All else goes as it is.
    public static func append(utf8 text: UnsafeRawBufferPointer, to sink: inout some ByteSink & ~Copyable) {
        sink.append(literal: "\"")
        appendEscaped(utf8: text, to: &sink)
        sink.append(literal: "\"")
    }

    /// Appends the inside of a string: as `append(utf8:to:)` but without the quotes, so that a value can be written in pieces.
    public static func appendEscaped(utf8 text: UnsafeRawBufferPointer, to sink: inout some ByteSink & ~Copyable) {
        guard let base = text.baseAddress else { return }
        var position = 0
        while position < text.count {
            let stop = ByteScan.stringStop(in: base, from: position, to: text.count, stopAtNonASCII: false)
            if stop > position { sink.append(text.part(position, stop)) }
            guard stop < text.count else { return }
            appendEscape(of: text[stop], to: &sink)
            position = stop + 1
        }
    }

    private static func appendEscape(of byte: UInt8, to sink: inout some ByteSink & ~Copyable) {
        switch byte {
        case Ascii.quote: sink.append(literal: "\\\"")
        case Ascii.backslash: sink.append(literal: "\\\\")
        case Ascii.lineFeed: sink.append(literal: "\\n")
        case Ascii.carriageReturn: sink.append(literal: "\\r")
        case Ascii.tab: sink.append(literal: "\\t")
        case 0x08: sink.append(literal: "\\b")
        case 0x0C: sink.append(literal: "\\f")
        default:
            let digits: StaticString = "0123456789abcdef"
            sink.append(literal: "\\u00")
            sink.append(byte: digits.borrowedBytes[Int(byte >> 4)])
            sink.append(byte: digits.borrowedBytes[Int(byte & 0xF)])
        }
    }

    /// Decodes the inside of a valid string into `room`, which has at least as many bytes (decoding never lengthens). Returns the length.
    ///
    /// Half of a surrogate pair becomes U+FFFD; escapes that are none are copied as they are.
    public static func decode(_ raw: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Int {
        precondition(room.count >= raw.count, "a decoded string may need as much room as it takes when written")
        var reader = 0
        var written = 0
        while reader < raw.count {
            let byte = raw[reader]
            if byte != Ascii.backslash || reader + 1 >= raw.count {
                room[written] = byte
                written += 1
                reader += 1
                continue
            }
            if raw[reader + 1] == UInt8(ascii: "u"), let (scalar, length) = scalarEscape(raw, at: reader) {
                written += encode(scalar, into: room, at: written)
                reader += length
                continue
            }
            room[written] = shortEscape(raw[reader + 1])
            written += 1
            reader += 2
        }
        return written
    }

    /// The decoded inside of a valid string.
    public static func decoded(_ raw: UnsafeRawBufferPointer) -> String {
        String(unsafeUninitializedCapacity: raw.count) { decode(raw, into: UnsafeMutableRawBufferPointer($0)) }
    }

    /// Whether the inside of a string, still as written, stands for `text`.
    static func equals(_ raw: UnsafeRawBufferPointer, isEscaped: Bool, _ text: UnsafeRawBufferPointer) -> Bool {
        guard isEscaped else { return ByteScan.equal(raw, text) }
        // An escape takes at most six bytes for each byte that it stands for, so a longer one cannot be equal.
        guard raw.count >= text.count, raw.count <= text.count * 6 else { return false }
        return withUnsafeTemporaryAllocation(byteCount: raw.count, alignment: 1) { room in
            let length = decode(raw, into: room)
            return ByteScan.equal(UnsafeRawBufferPointer(room).part(0, length), text)
        }
    }

    private static func shortEscape(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "n"): Ascii.lineFeed
        case UInt8(ascii: "r"): Ascii.carriageReturn
        case UInt8(ascii: "t"): Ascii.tab
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        default: byte
        }
    }

    /// The scalar of a `\u` escape (two of them for a surrogate pair) and its length as written.
    private static func scalarEscape(_ raw: UnsafeRawBufferPointer, at offset: Int) -> (scalar: UInt32, length: Int)? {
        guard let first = hexUnit(raw, at: offset) else { return nil }
        guard first & 0xF800 == 0xD800 else { return (first, 6) }
        if first < 0xDC00, let second = hexUnit(raw, at: offset + 6), second & 0xFC00 == 0xDC00 {
            return (0x10000 + ((first & 0x3FF) << 10) + (second & 0x3FF), 12)
        }
        return (0xFFFD, 6)
    }

    /// The UTF-16 unit of `\uXXXX` at an offset, if that is what stands there.
    static func hexUnit(_ raw: UnsafeRawBufferPointer, at offset: Int) -> UInt32? {
        guard offset <= raw.count - 6, raw[offset] == Ascii.backslash, raw[offset + 1] == UInt8(ascii: "u") else { return nil }
        var unit: UInt32 = 0
        for index in offset + 2..<offset + 6 {
            guard let digit = Ascii.hexValue(raw[index]) else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }

    private static func encode(_ scalar: UInt32, into room: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        switch scalar {
        case 0..<0x80:
            room[offset] = UInt8(scalar)
            return 1
        case 0x80..<0x800:
            room[offset] = UInt8(0xC0 | scalar >> 6)
            room[offset + 1] = UInt8(0x80 | scalar & 0x3F)
            return 2
        case 0x800..<0x10000:
            room[offset] = UInt8(0xE0 | scalar >> 12)
            room[offset + 1] = UInt8(0x80 | scalar >> 6 & 0x3F)
            room[offset + 2] = UInt8(0x80 | scalar & 0x3F)
            return 3
        default:
            room[offset] = UInt8(0xF0 | scalar >> 18)
            room[offset + 1] = UInt8(0x80 | scalar >> 12 & 0x3F)
            room[offset + 2] = UInt8(0x80 | scalar >> 6 & 0x3F)
            room[offset + 3] = UInt8(0x80 | scalar & 0x3F)
            return 4
        }
    }
}
