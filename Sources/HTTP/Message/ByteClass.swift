import Glibc

/// Character classes of RFC 9110 and RFC 3986, and comparisons of bytes with constants: all without a table in memory and without allocation.
enum ByteClass {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let colon = UInt8(ascii: ":")

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

    /// Only bytes that a field value may hold; no early exit, so that the loop is vectorised.
    static func isFieldText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var bad: UInt8 = 0
        for byte in bytes { bad |= isFieldText(byte) ? 0 : 1 }
        return bad == 0
    }

    /// Equal to `text` to the letter.
    static func equals(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        guard let base = bytes.baseAddress else { return true }
        return memcmp(base, text.utf8Start, bytes.count) == 0
    }

    /// Equal to `text`, which is in lower case, but for the case of ASCII letters.
    static func equals(_ bytes: UnsafeRawBufferPointer, ignoringCase text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        let expected = text.utf8Start
        for index in 0..<bytes.count where lowered(bytes[index]) != expected[index] { return false }
        return true
    }

    /// Equal but for the case of ASCII letters.
    static func equals(_ bytes: UnsafeRawBufferPointer, ignoringCase other: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count == other.count else { return false }
        for index in 0..<bytes.count where lowered(bytes[index]) != lowered(other[index]) { return false }
        return true
    }

    /// The offset of the first `byte` at `from` or after it.
    static func firstIndex(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from: Int = 0) -> Int? {
        guard from < bytes.count, let base = bytes.baseAddress else { return nil }
        guard let found = memchr(base + from, Int32(byte), bytes.count - from) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// `bytes` without optional white space at either end (RFC 9110 section 5.6.3).
    static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = bytes.count
        while start < end, isOptionalSpace(bytes[start]) { start += 1 }
        while end > start, isOptionalSpace(bytes[end - 1]) { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }
}
