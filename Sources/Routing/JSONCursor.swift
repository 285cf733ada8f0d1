/// A strict pull reader of JSON (RFC 8259) over borrowed bytes: no tree, no floating point, no Foundation.
///
/// Made for the catalogue: it reads each value straight into the caller's field, so that 680 models take about a millisecond.
struct JSONCursor {
    private let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0
    private var depth = 0

    /// - Parameter bytes: stay valid as long as the cursor is used.
    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Reads an object and calls `member` with each name; the closure must consume the value.
    mutating func object(
        _ member: (inout JSONCursor, String) throws(CatalogueError) -> Void
    ) throws(CatalogueError) {
        try list(from: "{", to: "}") { cursor throws(CatalogueError) in
            let name = try cursor.string()
            cursor.skipSpace()
            try cursor.expect(":")
            try member(&cursor, name)
        }
    }

    /// Reads an array and calls `element` for each value, which the closure must consume.
    mutating func array(
        _ element: (inout JSONCursor) throws(CatalogueError) -> Void
    ) throws(CatalogueError) {
        try list(from: "[", to: "]", element)
    }

    mutating func string() throws(CatalogueError) -> String {
        skipSpace()
        try expect("\"")
        let start = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                let text = String(validating: UnsafeRawBufferPointer(rebasing: bytes[start..<offset]), as: UTF8.self)
                guard let text else { throw malformed("a string is not UTF-8") }
                offset += 1
                return text
            case UInt8(ascii: "\\"):
                return try escapedString(from: start)
            case 0..<0x20:
                throw malformed("a control character inside a string")
            default:
                offset += 1
            }
        }
        throw malformed("an unfinished string")
    }

    mutating func bool() throws(CatalogueError) -> Bool {
        skipSpace()
        if take("true") { return true }
        if take("false") { return false }
        throw malformed("expected true or false")
    }

    /// The bytes of a number, checked against the grammar of RFC 8259 section 6.
    mutating func number() throws(CatalogueError) -> UnsafeRawBufferPointer {
        skipSpace()
        let start = offset
        if peek == UInt8(ascii: "-") { offset += 1 }
        let firstDigit = peek
        guard skipDigits() > 0 else { throw malformed("expected a number") }
        let wholeDigits = offset - start - (bytes[start] == UInt8(ascii: "-") ? 1 : 0)
        guard firstDigit != UInt8(ascii: "0") || wholeDigits == 1 else { throw malformed("a number with a leading zero") }
        if peek == UInt8(ascii: ".") {
            offset += 1
            guard skipDigits() > 0 else { throw malformed("a number without digits after its point") }
        }
        if let byte = peek, byte | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { offset += 1 }
            guard skipDigits() > 0 else { throw malformed("a number without digits in its exponent") }
        }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<offset])
    }

    /// Reads a value of any shape and forgets it.
    mutating func skipValue() throws(CatalogueError) {
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): try object { cursor, _ throws(CatalogueError) in try cursor.skipValue() }
        case UInt8(ascii: "["): try array { cursor throws(CatalogueError) in try cursor.skipValue() }
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try bool()
        case UInt8(ascii: "n"): guard take("null") else { throw malformed("expected null") }
        default: _ = try number()
        }
    }

    /// Nothing but white space may follow.
    mutating func end() throws(CatalogueError) {
        skipSpace()
        guard offset == bytes.count else { throw malformed("text after the end") }
    }

    func malformed(_ reason: String) -> CatalogueError {
        .malformed(reason: reason, offset: offset)
    }

    // MARK: - Bytes

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func list(
        from open: Unicode.Scalar, to close: Unicode.Scalar, _ element: (inout JSONCursor) throws(CatalogueError) -> Void
    ) throws(CatalogueError) {
        skipSpace()
        try expect(open)
        depth += 1
        guard depth <= RoutingLimits.catalogueDepthMax else { throw malformed("nested too deep") }
        skipSpace()
        if peek == UInt8(ascii: close) {
            offset += 1
        } else {
            while true {
                skipSpace()
                try element(&self)
                skipSpace()
                if peek == UInt8(ascii: ",") {
                    offset += 1
                } else {
                    try expect(close)
                    break
                }
            }
        }
        depth -= 1
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private mutating func skipDigits() -> Int {
        let start = offset
        while let byte = peek, byte &- UInt8(ascii: "0") < 10 { offset += 1 }
        return offset - start
    }

    private mutating func expect(_ scalar: Unicode.Scalar) throws(CatalogueError) {
        guard peek == UInt8(ascii: scalar) else { throw malformed("expected \(scalar)") }
        offset += 1
    }

    private mutating func take(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard bytes.count - offset >= length else { return false }
        for index in 0..<length where bytes[offset + index] != word.utf8Start[index] { return false }
        offset += length
        return true
    }

    /// The slow path of ``string()``: from the first backslash on.
    private mutating func escapedString(from start: Int) throws(CatalogueError) -> String {
        var text = Array(bytes[start..<offset])
        while let byte = peek {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw malformed("a string is not UTF-8") }
                return string
            case UInt8(ascii: "\\"):
                text.append(contentsOf: try escape().utf8)
            case 0..<0x20:
                throw malformed("a control character inside a string")
            default:
                text.append(byte)
            }
        }
        throw malformed("an unfinished string")
    }

    private mutating func escape() throws(CatalogueError) -> String {
        guard let byte = peek else { throw malformed("an unfinished string") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return String(UnicodeScalar(byte))
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw malformed("an unknown escape")
        }
        let first = try hexUnit()
        if let scalar = Unicode.Scalar(first) { return String(scalar) }
        guard take("\\u") else { throw malformed("half a surrogate pair") }
        let second = try hexUnit()
        guard (0xD800..<0xDC00).contains(first), (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(first - 0xD800) << 10) + UInt32(second - 0xDC00))
        else { throw malformed("half a surrogate pair") }
        return String(scalar)
    }

    private mutating func hexUnit() throws(CatalogueError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(UnicodeScalar(byte)).hexDigitValue, byte < 0x80 else {
                throw malformed("a bad \\u escape")
            }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }
}
