import Streaming

/// Text that travels from one document into another without being decoded on the way. Borrowed where it can be: valid as long as the document
/// that it was found in.
enum JSONText {
    /// The inside of a JSON string, escapes and all.
    case escaped(UnsafeRawBufferPointer)
    /// UTF-8 as it is: a JSON value that shall become the content of a string, say.
    case plain(UnsafeRawBufferPointer)
    /// Text of the gateway's own making.
    case owned(String)

    init?(_ value: JSONValue?) {
        guard let bytes = value?.stringBytes else { return nil }
        self = .escaped(bytes)
    }

    init(_ literal: StaticString) {
        self = .plain(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// True for text of no bytes.
    var isEmpty: Bool {
        switch self {
        case .escaped(let bytes), .plain(let bytes): bytes.isEmpty
        case .owned(let text): text.isEmpty
        }
    }

    /// The text, decoded.
    var string: String {
        switch self {
        case .escaped(let bytes): JSONString.decoded(bytes)
        case .plain(let bytes): String(decoding: bytes, as: UTF8.self)
        case .owned(let text): text
        }
    }

    /// How many bytes it has as it stands; at least as many as its UTF-8 has.
    var byteCount: Int {
        switch self {
        case .escaped(let bytes), .plain(let bytes): bytes.count
        case .owned(let text): text.utf8.count
        }
    }

    /// Nothing but white space: Anthropic refuses such a block of text. Escaped white space counts too.
    var isBlank: Bool {
        switch self {
        case .plain(let bytes): bytes.allSatisfy(Bytes.isSpace)
        case .owned(let text): text.utf8.allSatisfy(Bytes.isSpace)
        case .escaped(let bytes):
            bytes.allSatisfy(Bytes.isSpace) || (bytes.count <= 4_096 && JSONString.decoded(bytes).allSatisfy(\.isWhitespace))
        }
    }

    /// Whether the text, decoded, is the literal.
    func equals(_ literal: StaticString) -> Bool {
        switch self {
        case .plain(let bytes): bytes.equals(literal)
        case .owned(let text): text == literal.description
        case .escaped(let bytes):
            bytes.contains(UInt8(ascii: "\\")) ? JSONString.decoded(bytes) == literal.description : bytes.equals(literal)
        }
    }
}

extension JSONWriter {
    /// A string.
    mutating func string(_ text: JSONText) {
        beginString()
        appendToString(text)
        endString()
    }

    /// A piece of the open string.
    mutating func appendToString(_ text: JSONText) {
        switch text {
        case .escaped(let bytes): appendToString(escaped: bytes)
        case .plain(let bytes): appendToString(utf8: bytes)
        case .owned(let text): appendToString(text)
        }
    }

    /// A member that is a string.
    mutating func member(_ name: StaticString, _ text: JSONText) {
        self.name(name)
        string(text)
    }

    /// A member that is a string without anything to escape.
    mutating func member(_ name: StaticString, _ text: StaticString) {
        self.name(name)
        string(text)
    }

    /// A member as another document writes its value; nothing when there is none.
    mutating func member(_ name: StaticString, _ value: JSONValue?) {
        guard let value else { return }
        self.name(name)
        json(value.rawBytes)
    }

    /// A member that is a count.
    mutating func member(_ name: StaticString, _ value: Int) {
        self.name(name)
        integer(value)
    }

    /// A member that is true or false.
    mutating func member(_ name: StaticString, _ value: Bool) {
        self.name(name)
        bool(value)
    }
}
