/// IP addresses as texts, read without the system's help (RFC 4291 section 2.2), and blocks of them, compared bit by bit.
enum ReferenceAddress {
    /// 4 or 16 bytes; nil when the text is neither an IPv4 address in four decimals nor an IPv6 address.
    static func parse(_ text: String) -> [UInt8]? { v4(text) ?? v6(text) }

    /// The same, and of an IPv4 address that is mapped into IPv6 (RFC 4291 section 2.5.5.2), the IPv4 address.
    static func unmapped(_ text: String) -> [UInt8]? { parse(text).map(unmapped) }

    static func unmapped(_ bytes: [UInt8]) -> [UInt8] { isMapped(bytes) ? Array(bytes.suffix(4)) : bytes }

    static func isMapped(_ bytes: [UInt8]) -> Bool {
        bytes.count == 16 && bytes[10] == 255 && bytes[11] == 255 && bytes[..<10].allSatisfy { $0 == 0 }
    }

    /// An address, or an address, `/` and a number of bits; a block inside the mapped addresses is one of IPv4.
    static func block(_ text: String) -> (bytes: [UInt8], prefix: Int)? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bytes = parse(String(parts[0])) else { return nil }
        var prefix = bytes.count * 8
        if parts.count > 1 {
            guard isDecimal(parts[1]), let number = Int(parts[1]), number <= prefix else { return nil }
            prefix = number
        }
        return isMapped(bytes) && prefix >= 96 ? (unmapped(bytes), prefix - 96) : (bytes, prefix)
    }

    /// True when the first `prefix` bits are the same; the address as its own family, never as mapped.
    static func contains(_ block: (bytes: [UInt8], prefix: Int), _ address: [UInt8]) -> Bool {
        let address = unmapped(address)
        return address.count == block.bytes.count && (0..<block.prefix).allSatisfy { bit(address, $0) == bit(block.bytes, $0) }
    }

    static func bit(_ bytes: [UInt8], _ index: Int) -> Bool { bytes[index / 8] & (0x80 >> UInt8(index % 8)) != 0 }

    /// Dotted, or eight groups without any shortening.
    static func text(_ bytes: [UInt8]) -> String {
        if bytes.count == 4 { return bytes.map { "\($0)" }.joined(separator: ".") }
        return stride(from: 0, to: 16, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
    }

    static func isDecimal(_ text: some StringProtocol) -> Bool { !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) } }

    private static func v4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts.allSatisfy({ isDecimal($0) && ($0 == "0" || $0.first != "0") }) else { return nil }
        let bytes = parts.compactMap { UInt8($0) }
        return bytes.count == 4 ? bytes : nil
    }

    private static func v6(_ text: String) -> [UInt8]? {
        guard let gap = text.firstRange(of: "::") else {
            return groups(text[...]).flatMap { $0.count == 16 ? $0 : nil }
        }
        guard let left = groups(text[..<gap.lowerBound], endsInIPv4: false), let right = groups(text[gap.upperBound...]),
            left.count + right.count <= 14
        else { return nil }
        return left + Array(repeating: 0, count: 16 - left.count - right.count) + right
    }

    private static func groups(_ text: Substring, endsInIPv4: Bool = true) -> [UInt8]? {
        if text.isEmpty { return [] }
        let words = text.split(separator: ":", omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, word) in words.enumerated() {
            if endsInIPv4, index == words.count - 1, let tail = v4(word) {
                bytes += tail
            } else {
                guard (1...4).contains(word.utf8.count), word.utf8.allSatisfy({ UInt8($0).isHexadecimal }),
                    let value = UInt16(word, radix: 16)
                else { return nil }
                bytes += [UInt8(value >> 8), UInt8(value & 255)]
            }
        }
        return bytes
    }
}

extension UInt8 {
    fileprivate var isHexadecimal: Bool {
        (0x30...0x39).contains(self) || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
    }
}
