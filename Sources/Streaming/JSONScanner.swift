/// The lexical half of the JSON parser: walks strings, numbers, literals and white space, and judges each byte of them.
struct JSONScanner {
    private let base: UnsafeRawPointer
    private let count: Int
    private let acceptsLoneSurrogates: Bool
    var position = 0

    init(base: UnsafeRawPointer, count: Int, acceptsLoneSurrogates: Bool) {
        self.base = base
        self.count = count
        self.acceptsLoneSurrogates = acceptsLoneSurrogates
    }

    var isAtEnd: Bool { position >= count }

    var startsWithByteOrderMark: Bool { count >= 3 && byte(0) == 0xEF && byte(1) == 0xBB && byte(2) == 0xBF }

    func error(_ reason: JSONError.Reason) -> JSONError { JSONError(offset: position, reason: reason) }

    @inline(__always)
    private func byte(_ offset: Int) -> UInt8 { base.load(fromByteOffset: offset, as: UInt8.self) }

    @inline(__always)
    func peek() throws(JSONError) -> UInt8 {
        guard position < count else { throw error(.unexpectedEnd) }
        return byte(position)
    }

    @inline(__always)
    mutating func skipWhitespace() {
        while position < count, Ascii.isJSONWhitespace(byte(position)) { position += 1 }
    }

    mutating func skipLiteral(_ literal: StaticString) throws(JSONError) {
        for expected in literal.borrowedBytes {
            guard try peek() == expected else { throw error(.unexpectedByte) }
            position += 1
        }
    }

    /// RFC 8259 section 6: no leading zeros, no bare point, no plus sign.
    mutating func skipNumber() throws(JSONError) {
        if byte(position) == Ascii.minus { position += 1 }
        if position < count, byte(position) == Ascii.zero {
            position += 1
            if position < count, Ascii.isDigit(byte(position)) { throw error(.invalidNumber) }
        } else {
            try skipDigits()
        }
        if position < count, byte(position) == Ascii.point {
            position += 1
            try skipDigits()
        }
        if position < count, byte(position) | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < count, byte(position) == Ascii.plus || byte(position) == Ascii.minus { position += 1 }
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(JSONError) {
        let start = position
        while position < count, Ascii.isDigit(byte(position)) { position += 1 }
        if position == start { throw error(position < count ? .invalidNumber : .unexpectedEnd) }
    }

    /// Walks a string from its opening quote to behind its closing one. Returns whether it holds escapes.
    mutating func skipString() throws(JSONError) -> Bool {
        var isEscaped = false
        position += 1
        while true {
            position = ByteScan.stringStop(in: base, from: position, to: count, stopAtNonASCII: true)
            let stop = try peek()
            switch stop {
            case Ascii.quote:
                position += 1
                return isEscaped
            case Ascii.backslash:
                isEscaped = true
                try skipEscape()
            case 0x80...:
                try skipNonASCII()
            default:
                throw error(.controlCharacter)
            }
        }
    }

    private mutating func skipEscape() throws(JSONError) {
        guard position + 1 < count else {
            position = count
            throw error(.unexpectedEnd)
        }
        switch byte(position + 1) {
        case Ascii.quote, Ascii.backslash, UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            try skipUnicodeEscape()
        default:
            throw error(.invalidEscape)
        }
    }

    private mutating func skipUnicodeEscape() throws(JSONError) {
        let document = UnsafeRawBufferPointer(start: base, count: count)
        guard let unit = JSONString.hexUnit(document, at: position) else { throw error(.invalidEscape) }
        guard unit & 0xF800 == 0xD800 else {
            position += 6
            return
        }
        if unit < 0xDC00, let low = JSONString.hexUnit(document, at: position + 6), low & 0xFC00 == 0xDC00 {
            position += 12
            return
        }
        guard acceptsLoneSurrogates else { throw error(.loneSurrogate) }
        position += 6
    }

    /// Walks the run of multi-byte characters that starts here: RFC 3629 section 4, table of well-formed sequences.
    private mutating func skipNonASCII() throws(JSONError) {
        while position < count {
            let lead = byte(position)
            switch lead {
            case 0..<0x80:
                return
            case 0xC2...0xDF:
                try requireContinuation(1, 0x80...0xBF)
                position += 2
            case 0xE0...0xEF:
                try requireContinuation(1, lead == 0xE0 ? 0xA0...0xBF : lead == 0xED ? 0x80...0x9F : 0x80...0xBF)
                try requireContinuation(2, 0x80...0xBF)
                position += 3
            case 0xF0...0xF4:
                try requireContinuation(1, lead == 0xF0 ? 0x90...0xBF : lead == 0xF4 ? 0x80...0x8F : 0x80...0xBF)
                try requireContinuation(2, 0x80...0xBF)
                try requireContinuation(3, 0x80...0xBF)
                position += 4
            default:
                throw error(.invalidUTF8)
            }
        }
    }

    @inline(__always)
    private func requireContinuation(_ distance: Int, _ range: ClosedRange<UInt8>) throws(JSONError) {
        guard position + distance < count else { throw JSONError(offset: count, reason: .unexpectedEnd) }
        guard range.contains(byte(position + distance)) else { throw error(.invalidUTF8) }
    }
}
