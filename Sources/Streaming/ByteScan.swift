import Glibc

/// Byte values that the scanners of this module compare with.
enum Ascii {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let colon = UInt8(ascii: ":")
    static let comma = UInt8(ascii: ",")
    static let minus = UInt8(ascii: "-")
    static let plus = UInt8(ascii: "+")
    static let point = UInt8(ascii: ".")
    static let zero = UInt8(ascii: "0")
    static let nine = UInt8(ascii: "9")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")

    /// RFC 8259 section 2.
    @inline(__always)
    static func isJSONWhitespace(_ byte: UInt8) -> Bool {
        byte <= space && (byte == space || byte == lineFeed || byte == carriageReturn || byte == tab)
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- zero < 10 }

    static func hexValue(_ byte: UInt8) -> UInt32? {
        switch byte {
        case zero...nine: UInt32(byte - zero)
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}

/// Scanners over borrowed bytes. Offsets are the caller's to keep inside the buffer.
enum ByteScan {
    /// The offset of `byte` in `[from, to)`, or `to`.
    @inline(__always)
    static func first(_ byte: UInt8, in base: UnsafeRawPointer, from: Int, to: Int) -> Int {
        guard from < to, let found = memchr(base + from, Int32(byte), to - from) else { return to }
        return UnsafeRawPointer(found) - base
    }

    /// The offset in `[from, to)` of the first byte that a JSON string scanner must look at: a quote, a backslash, a control
    /// character and, when `stopAtNonASCII`, anything above 0x7F; or `to`. Sixteen bytes at a time, then eight.
    @inline(__always)
    static func stringStop(in base: UnsafeRawPointer, from: Int, to: Int, stopAtNonASCII: Bool) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highBits: UInt64 = 0x8080_8080_8080_8080
        var at = from
        while to &- at >= 16, !hasStop((base + at).loadUnaligned(as: SIMD16<UInt8>.self), stopAtNonASCII) { at &+= 16 }
        while to - at >= 8 {
            let word = UInt64(littleEndian: (base + at).loadUnaligned(as: UInt64.self))
            let quotes = word ^ (ones &* UInt64(Ascii.quote))
            let backslashes = word ^ (ones &* UInt64(Ascii.backslash))
            // Each term marks the high bit of its bytes; a borrow can only mark bytes above a true hit, and the lowest hit is taken.
            var hits = ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
            hits |= (word &- (ones &* 0x20)) & ~word
            if stopAtNonASCII { hits |= word }
            hits &= highBits
            if hits != 0 { return at + (hits.trailingZeroBitCount >> 3) }
            at += 8
        }
        while at < to {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte == Ascii.quote || byte == Ascii.backslash || byte < 0x20 || (stopAtNonASCII && byte >= 0x80) { return at }
            at += 1
        }
        return to
    }

    /// The same question for 16 bytes, without the place. The vectors compared with have types of their own: where they are left to be
    /// inferred, or are scalars, Swift 6.3 takes comparisons that it compiles to loops.
    @inline(__always)
    private static func hasStop(_ bytes: SIMD16<UInt8>, _ stopAtNonASCII: Bool) -> Bool {
        let quotes = SIMD16<UInt8>(repeating: Ascii.quote)
        let backslashes = SIMD16<UInt8>(repeating: Ascii.backslash)
        let spaces = SIMD16<UInt8>(repeating: Ascii.space)
        var stops = (bytes .== quotes) .| (bytes .== backslashes) .| (bytes .< spaces)
        if stopAtNonASCII {
            let beyondASCII = SIMD16<UInt8>(repeating: 0x80)
            stops = stops .| (bytes .>= beyondASCII)
        }
        let marks = unsafeBitCast(stops, to: SIMD2<UInt64>.self)
        return marks[0] | marks[1] != 0
    }

    @inline(__always)
    static func equal(_ bytes: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count == other.count else { return false }
        guard let left = bytes.baseAddress, let right = other.baseAddress else { return true }
        return memcmp(left, right, bytes.count) == 0
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes `[from, to)` as a buffer of their own. The caller keeps the offsets inside.
    @inline(__always)
    func part(_ from: Int, _ to: Int) -> UnsafeRawBufferPointer {
        assert(0 <= from && from <= to && to <= count, "a part lies inside its buffer")
        guard let baseAddress else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: baseAddress + from, count: to - from)
    }
}

extension StaticString {
    /// The UTF-8 of a literal, which lives as long as the process.
    @inline(__always)
    var borrowedBytes: UnsafeRawBufferPointer {
        precondition(hasPointerRepresentation, "a string literal has a pointer representation")
        return UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}
