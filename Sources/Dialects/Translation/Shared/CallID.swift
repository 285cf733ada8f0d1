import Streaming

/// Ids of tool calls as a dialect takes them: a call and its result must agree on one.
enum CallID {
    /// The id as the target takes it: itself where it may stay, else one that is made of it, the same one every time.
    ///
    /// - Parameter profile: Mistral wants exactly nine letters and digits.
    static func legal(_ id: JSONText, for dialect: Dialect, profile: ProviderProfile) -> JSONText {
        let form = Form(dialect, profile)
        switch id {
        case .escaped(let bytes):
            // An escape holds a backslash, which no form takes.
            if form.takes(bytes) { return id }
            return .owned(made(of: JSONString.decoded(bytes).utf8, form))
        case .plain(let bytes):
            return form.takes(bytes) ? id : .owned(made(of: bytes, form))
        case .owned(let text):
            return form.takes(text.utf8) ? id : .owned(made(of: text.utf8, form))
        }
    }

    /// A text of letters and digits that stands for a longer one: `prefix` and 24 hexadecimal digits of its hash.
    static func hashed(_ text: JSONText, prefix: String) -> String {
        prefix + digits(of: Array(text.string.utf8))
    }

    /// What ids look like.
    private enum Form {
        /// Printable ASCII without quote, backslash and space, up to so many bytes.
        case printable(bytesMax: Int)
        /// `^[a-zA-Z0-9_-]+$`.
        case word
        /// Nine letters and digits.
        case nine

        init(_ dialect: Dialect, _ profile: ProviderProfile) {
            switch dialect {
            case .chat: self = profile == .mistral ? .nine : .printable(bytesMax: 40)
            case .responses: self = .printable(bytesMax: 64)
            case .messages: self = .word
            case .gemini: self = .printable(bytesMax: 128)
            }
        }

        func takes(_ bytes: some Collection<UInt8>) -> Bool {
            switch self {
            case .printable(let bytesMax):
                bytes.count <= bytesMax && !bytes.isEmpty
                    && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
            case .word:
                !bytes.isEmpty && bytes.count <= 128
                    && bytes.allSatisfy { CallID.isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
            case .nine:
                bytes.count == 9 && bytes.allSatisfy(CallID.isAlphanumeric)
            }
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        default: false
        }
    }

    private static func made(of text: some Collection<UInt8>, _ form: Form) -> String {
        guard case .nine = form else { return "call_" + digits(of: text) }
        var hash = fnv(text, basis: 0xCBF2_9CE4_8422_2325)
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        var id = ""
        for _ in 0..<9 {
            id.append(alphabet[Int(hash % 62)])
            hash /= 62
        }
        return id
    }

    /// 24 hexadecimal digits of two FNV-1a hashes.
    private static func digits(of text: some Collection<UInt8>) -> String {
        let first = hexadecimal(fnv(text, basis: 0xCBF2_9CE4_8422_2325))
        let second = hexadecimal(fnv(text, basis: 0x6C62_272E_07BB_0142))
        return first + second.prefix(8)
    }

    private static func fnv(_ text: some Collection<UInt8>, basis: UInt64) -> UInt64 {
        text.reduce(basis) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
