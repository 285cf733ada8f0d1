import Streaming

/// Follows the text of a JSON object that arrives in pieces, still escaped as the inside of a string, to know when it is whole.
struct ObjectProgress {
    /// True once the outermost brace or bracket is closed.
    private(set) var isComplete = false

    private var depth = 0
    private var isInString = false
    private var isBehindBackslash = false

    /// Takes the next piece. A piece holds whole escapes, as every string of an event does.
    mutating func take(_ text: JSONText) {
        switch text {
        case .escaped(let bytes): take(escaped: bytes)
        case .plain(let bytes): for byte in bytes { take(byte) }
        case .owned(let text): for byte in text.utf8 { take(byte) }
        }
    }

    /// Takes the next piece, as it stands in a string.
    mutating func take(escaped bytes: UnsafeRawBufferPointer) {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "\\"), index + 1 < bytes.count else {
                take(byte)
                index += 1
                continue
            }
            switch bytes[index + 1] {
            case UInt8(ascii: "u"):
                take(Self.ascii(bytes, at: index + 2))
                index += 6
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
                take(bytes[index + 1])
                index += 2
            default:
                // White space or a control character.
                take(0x20)
                index += 2
            }
        }
    }

    private mutating func take(_ byte: UInt8) {
        if isInString {
            if isBehindBackslash {
                isBehindBackslash = false
            } else if byte == UInt8(ascii: "\\") {
                isBehindBackslash = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            return
        }
        switch byte {
        case UInt8(ascii: "\""):
            isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            if depth <= 0 { isComplete = true }
        default:
            break
        }
    }

    /// The character of a `\u` escape when it is ASCII, else a letter that stands for it: only quotes, braces and backslashes matter.
    private static func ascii(_ bytes: UnsafeRawBufferPointer, at start: Int) -> UInt8 {
        var value = 0
        for index in start..<(start + 4) {
            guard index < bytes.count else { return UInt8(ascii: "x") }
            switch bytes[index] {
            case let digit where digit >= UInt8(ascii: "0") && digit <= UInt8(ascii: "9"): value = value << 4 | Int(digit - UInt8(ascii: "0"))
            case let digit: value = value << 4 | (Int(digit | 0x20) - Int(UInt8(ascii: "a")) + 10) & 0xF
            }
        }
        return value < 0x80 ? UInt8(value) : UInt8(ascii: "x")
    }
}
