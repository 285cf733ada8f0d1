/// The parameters of a query (application/x-www-form-urlencoded), by splitting.
enum ReferenceQuery {
    /// Of the first 64 pairs; of a name that comes twice, the first.
    static func parameters(_ query: [UInt8]) -> [String: String] {
        let pairs = query.split(separator: UInt8(ascii: "&")).prefix(64).map { pair in
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            return (text(name), text(pair.dropFirst(name.count + 1)))
        }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: decoded(bytes.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 }), as: UTF8.self)
    }

    /// Without percent-encoding; what is no `%` with two digits stays.
    static func decoded(_ bytes: [UInt8]) -> [UInt8] {
        guard let mark = bytes.firstIndex(of: UInt8(ascii: "%")) else { return bytes }
        var result = Array(bytes[..<mark])
        var rest = bytes[mark...]
        while !rest.isEmpty {
            let digits = rest.dropFirst().prefix(2).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
            if rest.first == UInt8(ascii: "%"), digits.count == 2 {
                result.append(UInt8(digits[0] * 16 + digits[1]))
                rest = rest.dropFirst(3)
            } else {
                result += rest.prefix(1)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
