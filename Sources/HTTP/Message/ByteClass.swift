import Glibc

/// Character classes of RFC 9110 and RFC 3986, and comparisons of bytes with constants: all without a table in memory and without
/// allocation, texts eight bytes at a time (`ByteWord`).
enum ByteClass {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let colon = UInt8(ascii: ":")
    static let delete: UInt8 = 0x7f

    /// tchar (RFC 9110 section 5.6.2).
    static func isToken(_ byte: UInt8) -> Bool {
        contains(byte, low: 0x03ff_6cfa_0000_0000, high: 0x57ff_ffff_c7ff_fffe)
    }

    /// unreserved or sub-delims (RFC 3986 section 2): what a registered name is made of, percent-encoding aside.
    static func isRegisteredName(_ byte: UInt8) -> Bool {
        contains(byte, low: 0x2bff_7fd2_0000_0000, high: 0x47ff_fffe_87ff_fffe)
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// The value of a hexadecimal digit, or nil.
    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte &- 0x30
        case 0x41...0x46: byte &- 0x37
        case 0x61...0x66: byte &- 0x57
        default: nil
        }
    }

    /// A byte that a field value or a reason phrase may hold (RFC 9110 section 5.5): HTAB, SP, visible, or 0x80 and above.
    static func isFieldText(_ byte: UInt8) -> Bool {
        (byte >= 0x20 && byte != 0x7f) || byte == tab
    }

    static func lowered(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    static func isOptionalSpace(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    private static func contains(_ byte: UInt8, low: UInt64, high: UInt64) -> Bool {
        guard byte < 128 else { return false }
        return ((byte < 64 ? low : high) &>> UInt64(byte & 63)) & 1 == 1
    }

    /// One token, not empty.
    static func isToken(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !bytes.isEmpty else { return false }
        for byte in bytes where !isToken(byte) { return false }
        return true
    }

    /// Only bytes that a field value may hold.
    @inline(__always)
    static func isFieldText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if let base = bytes.baseAddress, bytes.count >= ByteWord.size,
            ByteWord.allWords(of: bytes.count, { !ByteWord(at: base + $0).hasControl })
        {
            return true
        }
        return isFieldTextByteByByte(bytes)
    }

    private static func isFieldTextByteByByte(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for byte in bytes where !isFieldText(byte) { return false }
        return true
    }

    /// Only visible ASCII, without `excluded`, which is visible too.
    static func isVisible(_ bytes: UnsafeRawBufferPointer, without excluded: UInt8) -> Bool {
        guard let base = bytes.baseAddress, bytes.count >= ByteWord.size else {
            for byte in bytes where byte <= space || byte >= delete || byte == excluded { return false }
            return true
        }
        return ByteWord.allWords(of: bytes.count) { offset in
            let word = ByteWord(at: base + offset)
            return !word.hasControl && !word.hasByte(space) && !word.hasHighByte && !word.hasByte(excluded)
        }
    }

    /// Equal to `text` to the letter.
    static func equals(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        guard let base = bytes.baseAddress else { return true }
        let expected = UnsafeRawPointer(text.utf8Start)
        return allWordsMatch(base, expected, count: bytes.count) { $0 == $1 }
    }

    /// Equal to `text`, which is in lower case, but for the case of ASCII letters.
    @inline(__always)
    static func equals(_ bytes: UnsafeRawBufferPointer, ignoringCase text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        guard let base = bytes.baseAddress else { return true }
        let expected = UnsafeRawPointer(text.utf8Start)
        return allWordsMatch(base, expected, count: bytes.count) { $0.lowered == $1 }
    }

    /// Equal but for the case of ASCII letters.
    static func equals(_ bytes: UnsafeRawBufferPointer, ignoringCase other: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count == other.count else { return false }
        guard let base = bytes.baseAddress, let expected = other.baseAddress else { return true }
        return allWordsMatch(base, expected, count: bytes.count) { $0.lowered == $1.lowered }
    }

    /// Compares two texts of `count` bytes word by word.
    @inline(__always)
    private static func allWordsMatch(
        _ text: UnsafeRawPointer, _ other: UnsafeRawPointer, count: Int, _ matches: (ByteWord, ByteWord) -> Bool
    ) -> Bool {
        if count < ByteWord.size { return matches(ByteWord(at: text, count: count), ByteWord(at: other, count: count)) }
        return ByteWord.allWords(of: count) { matches(ByteWord(at: text + $0), ByteWord(at: other + $0)) }
    }

    /// The offset of the first `byte` at `from` or after it.
    static func firstIndex(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from: Int = 0) -> Int? {
        guard from < bytes.count, let base = bytes.baseAddress else { return nil }
        guard let found = memchr(base + from, Int32(byte), bytes.count - from) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// `bytes` without optional white space at either end (RFC 9110 section 5.6.3).
    static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[trimmed(bytes, from: 0)])
    }

    /// Where in `bytes` that stands which is left from `start` on without optional white space at either end.
    @inline(__always)
    static func trimmed(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Range<Int> {
        var start = start
        var end = bytes.count
        while start < end, isOptionalSpace(bytes[start]) { start &+= 1 }
        while end > start, isOptionalSpace(bytes[end &- 1]) { end &-= 1 }
        return start..<end
    }
}
