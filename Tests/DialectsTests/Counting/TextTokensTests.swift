import Testing

@testable import Dialects

@Suite struct TextTokensTests {
    @Test(arguments: [
        ("", 0), ("a", 1), ("weather", 1), ("Hello, world!", 4), ("internationalization", 4), ("something", 1), ("antimatter", 2), ("2026", 2), ("12", 1), ("a b", 2), ("a  b", 3),
        ("a\nb", 3), ("a\r\n\r\n  b", 3), ("{\"a\":1}", 5), ("snake_case", 3), ("größte", 1), ("日本語", 3), ("한국", 2), ("Привет", 3), ("🙂🙂", 1),
    ]) func counts(_ text: String, _ tokens: Int) {
        #expect(text.borrowed { TextTokens.count($0) } == tokens)
    }

    @Test("Bytes that are no UTF-8 count as characters and never trap", arguments: [
        [0xFF], [0xC3], [0xE6, 0x97], [0xF0, 0x9F, 0x99], [0xC0, 0x80], [0x80, 0x80], [0xE6, 0x41, 0x41],
    ] as [[UInt8]]) func survives(_ bytes: [UInt8]) {
        let count = bytes.withUnsafeBytes { TextTokens.count($0) }
        #expect((1...bytes.count).contains(count))
    }

    @Test func countsWhatEscapesStandFor() {
        let escaped = #"line\nbreak \"quoted\" \u00e9t\u00e9 \ud83d\ude42"#
        let plain = "line\nbreak \"quoted\" été 🙂"
        #expect(escaped.borrowed { TextTokens.count(.escaped($0)) } == plain.borrowed { TextTokens.count($0) })
        #expect(TextTokens.count(.owned(plain)) == plain.borrowed { TextTokens.count($0) })
    }

    @Test("A text is counted alike however many bytes a character has: joined texts count at most as much as their parts")
    func isSubadditive() {
        var generator = SeededGenerator(7)
        let alphabet = Array("ab Z09.,_\n日한é🙂П")
        for _ in 0..<500 {
            let left = String((0..<Int.random(in: 0...12, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? "a" })
            let right = String((0..<Int.random(in: 0...12, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? "a" })
            let joined = (left + right).borrowed { TextTokens.count($0) }
            // Two single spaces that meet make one run that costs a token.
            #expect(joined <= left.borrowed { TextTokens.count($0) } + right.borrowed { TextTokens.count($0) } + 1)
        }
    }
}
