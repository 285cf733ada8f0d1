/// Characters that stand escaped in URLs (RFC 3986 section 2.1) or JSON strings (RFC 8259 section 7).
enum EscapedText {
    /// The escape that begins at `at`, or nil when none does. `byte` is nil for one that stands for nothing a key can hold.
    @inline(__always)
    static func unit(_ base: UnsafeRawPointer, at: Int, count: Int) -> (byte: UInt8?, length: Int)? {
        let first = base.load(fromByteOffset: at, as: UInt8.self)
        if first == UInt8(ascii: "%") {
            guard at + 2 < count, let value = hexadecimal(base, at + 1) else { return nil }
            return (value, 3)
        }
        guard first == UInt8(ascii: "\\"), at + 1 < count else { return nil }
        let second = base.load(fromByteOffset: at + 1, as: UInt8.self)
        switch second {
        case UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "\""): return (second, 2)
        case UInt8(ascii: "u"):
            guard at + 5 < count, let high = hexadecimal(base, at + 2), let low = hexadecimal(base, at + 4) else {
                return (nil, 2)
            }
            return (high == 0 ? low : nil, 6)
        // No escape of JSON's, but one of a URL may begin behind it.
        case UInt8(ascii: "%"): return (nil, 1)
        default: return (nil, 2)
        }
    }

    /// The first byte at or after `start` that is not inside a JSON escape: an escape is masked whole or not at all, or what is left
    /// is no JSON.
    static func boundary(_ base: UnsafeRawPointer, from start: Int) -> Int {
        for back in 1...5 where start >= back {
            let at = start - back
            guard base.load(fromByteOffset: at, as: UInt8.self) == UInt8(ascii: "\\") else { continue }
            var first = at
            while first > 0, base.load(fromByteOffset: first - 1, as: UInt8.self) == UInt8(ascii: "\\") { first -= 1 }
            // The second one of a pair begins nothing.
            guard (at - first) & 1 == 0 else { return start }
            let isUnicode = base.load(fromByteOffset: at + 1, as: UInt8.self) == UInt8(ascii: "u")
            return max(start, at + (isUnicode ? 6 : 2))
        }
        return start
    }

    private static func hexadecimal(_ base: UnsafeRawPointer, _ at: Int) -> UInt8? {
        guard let high = digit(base.load(fromByteOffset: at, as: UInt8.self)),
            let low = digit(base.load(fromByteOffset: at + 1, as: UInt8.self))
        else { return nil }
        return high << 4 | low
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
