/// A JSON document as a tree.
indirect enum ReferenceJSON: Equatable {
    case object([Member])
    case array([ReferenceJSON])
    /// Decoded.
    case string([UInt8])
    /// As it is written.
    case number([UInt8])
    case bool(Bool)
    case null

    struct Member: Equatable {
        /// Decoded.
        var name: [UInt8]
        var value: ReferenceJSON
    }

    var isContainer: Bool {
        switch self {
        case .object, .array: true
        default: false
        }
    }

    /// The members of an object.
    var members: [Member]? { if case .object(let members) = self { members } else { nil } }

    /// The values of all members of that name.
    func all(_ name: String) -> [ReferenceJSON] {
        (members ?? []).filter { $0.name.elementsEqual(name.utf8) }.map(\.value)
    }

    /// The tree of a document; nil when it is not JSON that the gateway takes.
    static func parse(_ bytes: [UInt8], depthMax: Int = 128, acceptsLoneSurrogates: Bool = false) -> ReferenceJSON? {
        var parser = ReferenceJSONParser(bytes: bytes, depthMax: depthMax, acceptsLoneSurrogates: acceptsLoneSurrogates)
        return parser.document()
    }
}

/// Recursive descent over RFC 8259, a function for each rule of its grammar; nil is "not JSON".
private struct ReferenceJSONParser {
    let bytes: [UInt8]
    let depthMax: Int
    let acceptsLoneSurrogates: Bool
    var position = 0
    var depth = 0

    mutating func document() -> ReferenceJSON? {
        skipSpace()
        guard let value = value() else { return nil }
        skipSpace()
        return position == bytes.count ? value : nil
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private mutating func take(_ text: String) -> Bool {
        guard bytes[position...].starts(with: text.utf8) else { return false }
        position += text.utf8.count
        return true
    }

    private mutating func value() -> ReferenceJSON? {
        if take("true") { return .bool(true) }
        if take("false") { return .bool(false) }
        if take("null") { return .null }
        switch next {
        case UInt8(ascii: "{"): return nested { parser in parser.object() }
        case UInt8(ascii: "["): return nested { parser in parser.array() }
        case UInt8(ascii: "\""): return string().map { .string($0) }
        default: return number()
        }
    }

    private mutating func nested(_ rule: (inout ReferenceJSONParser) -> ReferenceJSON?) -> ReferenceJSON? {
        guard depth < depthMax else { return nil }
        depth += 1
        defer { depth -= 1 }
        position += 1
        skipSpace()
        return rule(&self)
    }

    private mutating func object() -> ReferenceJSON? {
        var members: [ReferenceJSON.Member] = []
        if take("}") { return .object(members) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\""), let name = string() else { return nil }
            skipSpace()
            guard take(":") else { return nil }
            skipSpace()
            guard let value = value() else { return nil }
            members.append(ReferenceJSON.Member(name: name, value: value))
            skipSpace()
        } while take(",")
        return take("}") ? .object(members) : nil
    }

    private mutating func array() -> ReferenceJSON? {
        var elements: [ReferenceJSON] = []
        if take("]") { return .array(elements) }
        repeat {
            skipSpace()
            guard let value = value() else { return nil }
            elements.append(value)
            skipSpace()
        } while take(",")
        return take("]") ? .array(elements) : nil
    }

    private mutating func number() -> ReferenceJSON? {
        let start = position
        _ = take("-")
        if !take("0") { guard digits() else { return nil } }
        if take(".") { guard digits() else { return nil } }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            guard digits() else { return nil }
        }
        return .number(Array(bytes[start..<position]))
    }

    private mutating func digits() -> Bool {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
        return position > start
    }

    private mutating func string() -> [UInt8]? {
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                // The standard library's own check of UTF-8.
                return String(validating: text, as: UTF8.self) == nil ? nil : text
            case UInt8(ascii: "\\"):
                position += 1
                guard let scalar = escape() else { return nil }
                text += Array(String(Character(scalar)).utf8)
            case 0..<0x20: return nil
            default:
                text.append(byte)
                position += 1
            }
        }
        return nil
    }

    private static let shortEscapes: [(String, Unicode.Scalar)] = [
        ("\"", "\""), ("\\", "\\"), ("/", "/"), ("b", "\u{8}"), ("f", "\u{C}"), ("n", "\n"), ("r", "\r"), ("t", "\t"),
    ]

    private mutating func escape() -> Unicode.Scalar? {
        for (letter, scalar) in Self.shortEscapes where take(letter) { return scalar }
        guard take("u"), let first = unit() else { return nil }
        if let scalar = Unicode.Scalar(first) { return scalar }
        let behind = position
        if first < 0xDC00, take("\\u"), let second = unit(), (0xDC00...0xDFFF).contains(second) {
            return Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) * 0x400 + UInt32(second) - 0xDC00)
        }
        position = behind
        return acceptsLoneSurrogates ? "\u{FFFD}" : nil
    }

    /// Four hexadecimal digits.
    private mutating func unit() -> UInt16? {
        guard position + 4 <= bytes.count else { return nil }
        let digits = bytes[position..<position + 4]
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80 }) else { return nil }
        position += 4
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
