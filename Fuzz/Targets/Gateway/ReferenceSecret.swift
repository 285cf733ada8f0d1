/// The spellings of a secret, and a search that begins at every byte.
struct ReferenceSecret {
    struct Spelling {
        let bytes: [UInt8]
        /// So many bytes of it in a row are a find.
        let runMin: Int
        /// Where each byte stands in it.
        let positions: [[Int]]

        init(bytes: [UInt8], runMin: Int) {
            self.bytes = bytes
            self.runMin = runMin
            positions = (0...255).map { byte in bytes.indices.filter { bytes[$0] == byte } }
        }
    }

    let spellings: [Spelling]

    /// - Parameters:
    ///   - text: ASCII without `%`, `\` and `*`, 8 bytes or more.
    ///   - matchesParts: half of it is a find, 12 bytes at least.
    init(_ text: String, matchesParts: Bool) {
        let secret = Array(text.utf8)
        let run = matchesParts ? min(secret.count, max(12, (secret.count + 1) / 2)) : secret.count
        let hexadecimal = secret.map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
        var all = [Spelling(bytes: secret, runMin: run)]
        for text in [hexadecimal, hexadecimal.uppercased()] { all.append(Spelling(bytes: Array(text.utf8), runMin: 2 * run)) }
        for offset in 0..<3 {
            let common = Self.base64(secret, behind: offset)
            let urlSafe = common.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0 }
            // What is left of a run when the characters that it shares with its neighbours are taken away.
            let runMin = min(common.count, (8 * run - 4) / 6)
            all += [Spelling(bytes: common, runMin: runMin), Spelling(bytes: urlSafe, runMin: runMin)]
        }
        spellings = all
    }

    /// The characters that stand in the base64 of every text that has the secret behind `offset` other bytes.
    private static func base64(_ secret: [UInt8], behind offset: Int) -> [UInt8] {
        let texts = [UInt8(0), 255].map { other in
            base64(Array(repeating: other, count: offset) + secret + Array(repeating: other, count: 3))
        }
        return zip(texts[0], texts[1]).filter { $0 == $1 }.map(\.0)
    }

    private static func base64(_ bytes: [UInt8]) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let bits = bytes.flatMap { byte in (0..<8).map { byte >> (7 - UInt8($0)) & 1 } }
        return stride(from: 0, to: bits.count - bits.count % 6, by: 6).map { start in
            alphabet[bits[start..<start + 6].reduce(0) { $0 * 2 + Int($1) }]
        }
    }
}

/// A text in which any byte may begin a spelling, and any escape of URLs or JSON stand for one of its characters.
struct ReferenceText {
    private let bytes: [UInt8]
    /// What stands at each byte when escapes are undone, nil where it is no single byte, and how long it is there.
    private let units: [(byte: UInt8?, length: Int)]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        units = bytes.indices.map { Self.unit(bytes[$0...]) }
    }

    /// The ranges of bytes that spell, from anywhere in a spelling, at least as much of it as is a find.
    func finds(_ spelling: ReferenceSecret.Spelling, isUnescaped: Bool) -> [Range<Int>] {
        bytes.indices.flatMap { start in
            positions(of: spelling, at: start, isUnescaped).compactMap { position in
                let run = run(spelling.bytes[position...], at: start, isUnescaped)
                return run.count >= spelling.runMin ? start..<run.end : nil
            }
        }
    }

    /// Whether the spelling stands there from its beginning to its end.
    func holds(_ spelling: ReferenceSecret.Spelling) -> Bool {
        bytes.indices.contains { start in
            [false, true].contains { run(spelling.bytes[...], at: start, $0).count == spelling.bytes.count }
        }
    }

    private func positions(of spelling: ReferenceSecret.Spelling, at start: Int, _ isUnescaped: Bool) -> [Int] {
        let byte = isUnescaped ? units[start].byte : bytes[start]
        return byte.map { spelling.positions[Int($0)] } ?? []
    }

    private func run(_ wanted: ArraySlice<UInt8>, at start: Int, _ isUnescaped: Bool) -> (count: Int, end: Int) {
        var end = start
        var count = 0
        for byte in wanted {
            guard end < bytes.count, (isUnescaped ? units[end].byte : bytes[end]) == byte else { break }
            end += isUnescaped ? units[end].length : 1
            count += 1
        }
        return (count, end)
    }

    private static func unit(_ rest: ArraySlice<UInt8>) -> (byte: UInt8?, length: Int) {
        let text = Array(rest.prefix(6))
        let plain = (byte: text.first, length: 1)
        if text.count > 2, text[0] == UInt8(ascii: "%"), let value = hexadecimal(text[1..<3]) { return (UInt8(value), 3) }
        guard text.count > 1, text[0] == UInt8(ascii: "\\") else { return plain }
        if "/\\\"".utf8.contains(text[1]) { return (text[1], 2) }
        guard text[1] == UInt8(ascii: "u"), text.count == 6, let value = hexadecimal(text[2...]) else { return (nil, 2) }
        return (UInt8(exactly: value), 6)
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> Int? {
        let values = digits.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        return values.count == digits.count ? values.reduce(0) { $0 * 16 + $1 } : nil
    }
}
