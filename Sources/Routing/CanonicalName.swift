/// The ways in which one model's name is written, brought to one.
///
/// Case, dots against dashes, and the order of Claude's parts do not matter: `claude-3.7-sonnet`, `claude-3-7-sonnet` and
/// `claude-sonnet-3-7` all become `claude-sonnet-3-7`. A variant after a colon (`:free`, `:thinking`) is part of the model.
enum CanonicalName {
    /// The key of a name; dates and `-latest` are kept.
    static func key(_ name: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.utf8.count)
        var isVariant = false
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): bytes.append(byte | 0x20)
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "@"): bytes.append(isVariant ? byte : UInt8(ascii: "-"))
            case UInt8(ascii: ":"):
                isVariant = true
                bytes.append(byte)
            default: bytes.append(byte)
            }
        }
        let plain = String(decoding: bytes, as: UTF8.self)
        guard let claude = plain.start(ofClaude: "claude-") else { return plain }
        return String(plain[..<claude]) + reordered(plain[claude...])
    }

    /// The key without its last date, `-latest` or `-preview`; nil when it ends with none of them.
    static func withoutSuffix(_ key: String) -> String? {
        let parts = parts(of: key[...])
        let count = suffixLength(parts)
        guard count > 0, parts.count > count else { return nil }
        return parts.dropLast(count).joined(separator: "-")
    }

    /// The key without all of them.
    static func stripped(_ key: String) -> String {
        var key = key
        while let shorter = withoutSuffix(key) { key = shorter }
        return key
    }

    /// `claude-3-7-sonnet-20250219` to `claude-sonnet-3-7-20250219`: words, then version, then what comes after both.
    private static func reordered(_ name: Substring) -> String {
        let variantStart = name.utf8.firstIndex(of: UInt8(ascii: ":")) ?? name.endIndex
        let parts = parts(of: name[..<variantStart])
        var tail: ArraySlice<Substring> = []
        var body = parts[...]
        while let last = body.last, body.count > 1, last == "latest" || last == "preview" || (isDigits(last) && last.utf8.count > 3) {
            tail = [last] + tail
            body.removeLast()
        }
        let words = body.filter { !isDigits($0) }
        let version = body.filter { isDigits($0) }
        return (words + version + tail).joined(separator: "-") + name[variantStart...]
    }

    /// How many dash-separated parts the last suffix has.
    private static func suffixLength(_ parts: [Substring]) -> Int {
        guard let last = parts.last, parts.count > 1 else { return 0 }
        if last == "latest" || last == "preview" { return 1 }
        guard isDigits(last) else { return 0 }
        let numbers = parts.suffix(3).map { isDigits($0) ? Int($0) ?? -1 : -1 }
        let lengths = parts.suffix(3).map(\.utf8.count)
        if numbers.count == 3, lengths == [4, 2, 2], isYear(numbers[0]), isMonth(numbers[1]), isDay(numbers[2]) { return 3 }
        switch last.utf8.count {
        case 8:
            let number = Int(last) ?? 0
            return isYear(number / 10_000) && isMonth(number / 100 % 100) && isDay(number % 100) ? 1 : 0
        case 4:
            let number = Int(last) ?? 0
            if parts.count > 2, isYear(number), lengths[lengths.count - 2] == 2, isMonth(numbers[numbers.count - 2]) {
                return 2  // 09-2025
            }
            let isMonthDay = isMonth(number / 100) && isDay(number % 100)
            let isYearMonth = (23...49).contains(number / 100) && isMonth(number % 100)
            return isMonthDay || isYearMonth ? 1 : 0
        case 3:
            return last.first == "0" ? 1 : 0  // gemini-2.0-flash-001
        case 2:
            let isMonthDay = numbers.count == 3 && lengths[1] == 2 && isMonth(numbers[1]) && isDay(numbers[2])
            return isMonthDay && parts[parts.count - 3] == "preview" ? 2 : 0  // preview-05-06
        default:
            return 0
        }
    }

    /// Split at dashes; bytes, because walking over characters costs ten times as much.
    private static func parts(of name: Substring) -> [Substring] {
        name.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).map { Substring($0) }
    }

    private static func isDigits(_ part: Substring) -> Bool {
        !part.isEmpty && part.utf8.count < 10 && part.utf8.allSatisfy { $0 &- UInt8(ascii: "0") < 10 }
    }

    private static func isYear(_ number: Int) -> Bool { (2023...2049).contains(number) }
    private static func isMonth(_ number: Int) -> Bool { (1...12).contains(number) }
    private static func isDay(_ number: Int) -> Bool { (1...31).contains(number) }
}

extension String {
    /// Where the model's own name starts when it is a Claude: at the front, or after the last `/`.
    fileprivate func start(ofClaude prefix: String) -> String.Index? {
        let start = utf8.lastIndex(of: UInt8(ascii: "/")).map { utf8.index(after: $0) } ?? startIndex
        return self[start...].hasPrefix(prefix) ? start : nil
    }
}
