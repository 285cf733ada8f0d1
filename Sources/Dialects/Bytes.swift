import Glibc

/// Small scanners over borrowed bytes, shared by this module. Offsets are the caller's to keep inside the buffer.
enum Bytes {
    /// Eight bytes from `offset`, the first one lowest.
    @inline(__always)
    static func word(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The high bit of each byte that is zero. Bytes above the lowest zero may be marked by a borrow: check all but the first.
    @inline(__always)
    static func zeroBytes(_ word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    }

    /// JSON white space (RFC 8259 section 2).
    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// The offset of the quote that ends a JSON string whose text begins at `start`, or `end`.
    @inline(__always)
    static func stringEnd(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
        let quotes: UInt64 = 0x2222_2222_2222_2222
        let backslashes: UInt64 = 0x5C5C_5C5C_5C5C_5C5C
        var at = start
        while at &+ 8 <= end {
            let word = word(base, at)
            let hits = zeroBytes(word ^ quotes) | zeroBytes(word ^ backslashes)
            guard hits != 0 else {
                at &+= 8
                continue
            }
            at &+= hits.trailingZeroBitCount >> 3
            if base.load(fromByteOffset: at, as: UInt8.self) == UInt8(ascii: "\"") { return at }
            at &+= 2
        }
        while at < end {
            switch base.load(fromByteOffset: at, as: UInt8.self) {
            case UInt8(ascii: "\""): return at
            case UInt8(ascii: "\\"): at &+= 2
            default: at &+= 1
            }
        }
        return end
    }

    /// The bytes without JSON white space at either end.
    static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = bytes.count
        while start < end, isSpace(bytes[start]) { start += 1 }
        while end > start, isSpace(bytes[end - 1]) { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    /// The digits from `start` on as a number, nil when there is none; huge ones are cut to a bound.
    static func digits(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var index = start
        var value = 0
        while index < bytes.count, case UInt8(ascii: "0")...UInt8(ascii: "9") = bytes[index] {
            value = min(value * 10 + Int(bytes[index] - UInt8(ascii: "0")), DialectLimits.tokensMax)
            index += 1
        }
        return index > start ? value : nil
    }

    /// The value of `type` where an event's JSON begins with it, as OpenAI's and Anthropic's do; nil when it does not, or when
    /// it holds an escape.
    static func frontType(of data: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let opening: StaticString = "{\"type\":\""
        guard data.hasPrefix(opening), let base = data.baseAddress else { return nil }
        let start = opening.utf8CodeUnitCount
        let limit = min(data.count, start + 96)
        let end = stringEnd(base, from: start, to: limit)
        guard end < limit else { return nil }
        let type = UnsafeRawBufferPointer(rebasing: data[start..<end])
        return memchr(base + start, Int32(UInt8(ascii: "\\")), type.count) == nil ? type : nil
    }

    /// Where `name`, quotes included, stands as a member name; the offset of its value.
    static func memberValue(_ name: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        let span = name.utf8CodeUnitCount
        let quotes: UInt64 = 0x2222_2222_2222_2222
        var at = 0
        while at + span <= bytes.count {
            var step = 1
            var hits: UInt64 = 0x80
            if at + span + 7 <= bytes.count {
                step = 8
                hits = zeroBytes((word(base, at) ^ quotes) | (word(base, at + span - 1) ^ quotes))
            }
            while hits != 0 {
                let candidate = at + hits.trailingZeroBitCount >> 3
                hits &= hits - 1
                guard memcmp(base + candidate, name.utf8Start, span) == 0 else { continue }
                var index = candidate + span
                while index < bytes.count, isSpace(bytes[index]) { index += 1 }
                guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else { continue }
                index += 1
                while index < bytes.count, isSpace(bytes[index]) { index += 1 }
                return index
            }
            at += step
        }
        return nil
    }
}

extension UnsafeRawBufferPointer {
    /// Byte for byte the literal.
    @inline(__always)
    func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && hasPrefix(text)
    }

    @inline(__always)
    func hasPrefix(_ text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount, let baseAddress else { return text.utf8CodeUnitCount == 0 }
        return memcmp(baseAddress, text.utf8Start, text.utf8CodeUnitCount) == 0
    }

    @inline(__always)
    func hasSuffix(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard count >= length, let baseAddress else { return length == 0 }
        return memcmp(baseAddress + (count - length), text.utf8Start, length) == 0
    }
}
