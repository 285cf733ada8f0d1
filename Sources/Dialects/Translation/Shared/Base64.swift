import Streaming

/// Base64 (RFC 4648), both alphabets in, the standard one out.
enum Base64 {
    /// The bytes as padded text.
    static func encoded(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var group: UInt32 = 0
        var count = 0
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            count += 1
            guard count == 3 else { continue }
            for shift in stride(from: 18, through: 0, by: -6) { text.append(digit(group >> UInt32(shift) & 0x3F)) }
            group = 0
            count = 0
        }
        if count > 0 {
            group <<= UInt32((3 - count) * 8)
            for place in 0..<4 {
                text.append(place <= count ? digit(group >> UInt32(18 - place * 6) & 0x3F) : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes that a text stands for, with or without padding; nil when it is none.
    static func decoded(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 3)
        var group: UInt32 = 0
        var bits = 0
        var end = text.count
        while end > 0, text.count - end < 2, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        for character in text[..<end] {
            guard let value = value(character) else { return nil }
            group = group << 6 | value
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
            group &= (1 << UInt32(bits)) - 1
        }
        // One digit alone stands for nothing.
        return bits < 6 ? bytes : nil
    }

    /// The same text in the standard alphabet and padded: clients in Python write the URL's one (RFC 4648 section 5). Text of the standard alphabet
    /// is passed as it stands.
    static func standard(_ text: JSONText) -> JSONText {
        guard case .escaped(let bytes) = text,
            bytes.contains(UInt8(ascii: "-")) || bytes.contains(UInt8(ascii: "_")) || bytes.count % 4 != 0 && !bytes.contains(UInt8(ascii: "\\"))
        else { return text }
        var standard: [UInt8] = []
        standard.reserveCapacity(bytes.count + 3)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "-"): standard.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): standard.append(UInt8(ascii: "/"))
            case UInt8(ascii: "\\"): break
            default: standard.append(byte)
            }
        }
        while standard.count % 4 != 0 { standard.append(UInt8(ascii: "=")) }
        return .owned(String(decoding: standard, as: UTF8.self))
    }

    private static func digit(_ value: UInt32) -> UInt8 {
        switch UInt8(truncatingIfNeeded: value) {
        case let value where value < 26: UInt8(ascii: "A") + value
        case let value where value < 52: UInt8(ascii: "a") + value - 26
        case let value where value < 62: UInt8(ascii: "0") + value - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    private static func value(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
