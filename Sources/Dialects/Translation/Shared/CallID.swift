import Streaming

/// Ids of tool calls as providers take them.
enum CallID {
    /// The id as it is where the target takes it, else one made of it, always the same for the same id, so that a call and its result stay a pair.
    static func legal(_ id: JSONText, for dialect: Dialect, profile: ProviderProfile) -> JSONText {
        let isLegal =
            switch id {
            case .escaped(let bytes), .plain(let bytes): isTaken(bytes, dialect, profile)
            case .owned(let text): isTaken(text.utf8, dialect, profile)
            }
        return isLegal ? id : .owned(made(of: id.string, dialect, profile))
    }

    private static func isTaken(_ id: some Collection<UInt8>, _ dialect: Dialect, _ profile: ProviderProfile) -> Bool {
        guard !id.isEmpty else { return false }
        if dialect == .gemini { return id.count <= 64 }
        if dialect == .chat, profile == .mistral { return id.count == 9 && id.allSatisfy { isLetterOrDigit($0) } }
        guard id.count <= (dialect == .chat ? 40 : 64) else { return false }
        return id.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    private static func made(of id: String, _ dialect: Dialect, _ profile: ProviderProfile) -> String {
        var first: UInt64 = 0xCBF2_9CE4_8422_2325
        var second: UInt64 = 0x6C62_272E_07BB_0142
        for byte in id.utf8 {
            first = (first ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
            second = (second ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        let digits = hex(first, 16) + hex(second, 8)
        return dialect == .chat && profile == .mistral ? String(digits.prefix(9)) : "call_" + digits
    }

    private static func hex(_ value: UInt64, _ count: Int) -> String {
        let digits = String(value, radix: 16)
        return String((String(repeating: "0", count: 16 - digits.count) + digits).suffix(count))
    }
}
