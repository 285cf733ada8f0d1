/// Why a text is not a value of its kind.
package struct ValueFault: Error, Equatable {
    var message: String

    init(_ message: String) { self.message = message }
}

/// Texts as values. One place for all sources, so that a port is judged alike in a flag, a variable and the YAML.
enum ValueParsing {
    /// Milliseconds of `250ms`, `10s`, `5m`, `1h`.
    static func duration(_ text: String, in range: ClosedRange<Int>) throws(ValueFault) -> Int {
        let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
        let milliseconds = try quantity(text, units: units, hint: "a duration such as 250ms, 10s or 5m")
        guard range.contains(milliseconds) else {
            throw ValueFault("must be from \(ValueText.duration(range.lowerBound)) to \(ValueText.duration(range.upperBound))")
        }
        return milliseconds
    }

    /// Bytes of `512B`, `64KiB`, `32MiB`, `1GiB`.
    static func size(_ text: String, in range: ClosedRange<Int>) throws(ValueFault) -> Int {
        let units = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)]
        let bytes = try quantity(text, units: units, hint: "a size such as 64KiB or 32MiB")
        guard range.contains(bytes) else {
            throw ValueFault("must be from \(ValueText.size(range.lowerBound)) to \(ValueText.size(range.upperBound))")
        }
        return bytes
    }

    static func integer(_ text: String, in range: ClosedRange<Int>) throws(ValueFault) -> Int {
        guard isDigits(text[...]), let value = Int(text), range.contains(value) else {
            throw ValueFault("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    static func boolean(_ text: String) throws(ValueFault) -> Bool {
        switch text.lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default: throw ValueFault("must be true or false")
        }
    }

    /// One of the names of an enumeration.
    static func choice<Value: RawRepresentable & CaseIterable>(_ text: String) throws(ValueFault) -> Value where Value.RawValue == String {
        if let value = Value(rawValue: text) { return value }
        throw ValueFault("must be one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
    }

    /// USD per million tokens, a plain decimal such as `0.25`, as 10^-12 USD per token: exact, because one is 10^-6 of the other.
    static func price(_ text: String) throws(ValueFault) -> Int64 {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : "0"
        guard isDigits(parts[0]), isDigits(fraction), parts[0].count <= 6, fraction.count <= 6,
            let value = Int64(parts[0] + fraction + String(repeating: "0", count: 6 - fraction.count))
        else {
            throw ValueFault("must be USD per million tokens, such as 2.5: below 1000000, at most 6 decimals")
        }
        return value
    }

    /// The name of a provider: it stands before the `/` of model names, in headers and in metrics.
    static func providerName(_ text: String) throws(ValueFault) -> String {
        let first = text.utf8.first.map { isLowerOrDigit($0) } ?? false
        guard first, text.utf8.count <= 64,
            text.utf8.allSatisfy({ isLowerOrDigit($0) || [0x2D, 0x2E, 0x5F].contains($0) })
        else { throw ValueFault("must be 1 to 64 of a-z, 0-9, `-`, `.`, `_`, and begin with a letter or digit") }
        guard text != "demo" else { throw ValueFault("`demo` is the built-in provider's name") }
        return text
    }

    /// The name of a model as clients and providers write it.
    static func modelName(_ text: String) throws(ValueFault) -> String {
        guard (1...256).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ValueFault("must be 1 to 256 visible ASCII characters")
        }
        return text
    }

    /// What can stand in a header: a key is sent in one.
    static func secret(_ text: String) throws(ValueFault) -> Secret {
        let trimmed = text.drop(while: \.isWhitespace)
        let end = trimmed.lastIndex { !$0.isWhitespace }
        let value = end.map { trimmed[...$0] } ?? ""
        guard !value.isEmpty else { throw ValueFault("is empty") }
        guard value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ValueFault("holds a character that cannot be part of a key (space, control or not ASCII)")
        }
        return Secret(String(value))
    }

    /// A path under a base URL: `/chat/completions`.
    static func path(_ text: String) throws(ValueFault) -> String {
        guard text.hasPrefix("/"), text.count > 1, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !text.contains(where: { "?#".contains($0) })
        else { throw ValueFault("must be a path that begins with `/`, without query") }
        return text
    }

    static func filePath(_ text: String) throws(ValueFault) -> String {
        guard !text.isEmpty, !text.utf8.contains(0) else { throw ValueFault("must be the path of a file") }
        return text
    }

    private static func quantity(
        _ text: String, units: [(name: String, factor: Int)], hint: String
    ) throws(ValueFault) -> Int {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        guard let factor = units.first(where: { $0.name == unit })?.factor, !digits.isEmpty else {
            throw ValueFault("must be \(hint)")
        }
        let (value, overflow) = (Int(digits) ?? .max).multipliedReportingOverflow(by: factor)
        guard !overflow else { throw ValueFault("is too large") }
        return value
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }
}
