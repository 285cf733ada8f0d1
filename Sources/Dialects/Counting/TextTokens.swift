/// Judges how many tokens a text makes, in one pass over its UTF-8 and without a tokenizer: by runs of like characters, as the byte-pair
/// tokenizers of the large models cut them.
///
/// | run | tokens |
/// |---|---|
/// | Latin letters | 1 up to 9 letters, then 1 for each 5 more: common words are one token |
/// | digits | 1 for each 3 |
/// | one space or tab | 0: it belongs to the word behind it |
/// | longer white space, line ends | 1 |
/// | punctuation, symbols | 1 for each 2 |
/// | Chinese, Japanese, Korean | 1 a character |
/// | any other script, emoji | 1 for each 2 characters |
///
/// A byte that belongs to no valid UTF-8 counts as a character of another script.
enum TextTokens {
    private enum Class {
        case letter, digit, space, punctuation, ideograph, other
    }

    private static let wordLettersMax = 9
    private static let lettersPerToken = 5
    private static let digitsPerToken = 3
    private static let charactersPerToken = 2

    static func count(_ text: UnsafeRawBufferPointer) -> Int {
        var total = 0
        var index = 0
        while index < text.count {
            let (first, length) = classify(text, at: index)
            var characters = 1
            var hasLineEnd = isLineEnd(text[index])
            index += length
            while index < text.count {
                let (next, length) = classify(text, at: index)
                guard next == first else { break }
                hasLineEnd = hasLineEnd || isLineEnd(text[index])
                characters += 1
                index += length
            }
            total += tokens(in: characters, first, hasLineEnd: hasLineEnd)
        }
        return total
    }

    private static func tokens(in characters: Int, _ kind: Class, hasLineEnd: Bool) -> Int {
        switch kind {
        case .letter: 1 + roundedUp(max(0, characters - wordLettersMax), by: lettersPerToken)
        case .digit: roundedUp(characters, by: digitsPerToken)
        case .space: characters > 1 || hasLineEnd ? 1 : 0
        case .punctuation, .other: roundedUp(characters, by: charactersPerToken)
        case .ideograph: characters
        }
    }

    private static func roundedUp(_ count: Int, by size: Int) -> Int { (count + size - 1) / size }

    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    /// The class of the character at `index`, and how many bytes it has: 1 for a byte that begins none.
    private static func classify(_ text: UnsafeRawBufferPointer, at index: Int) -> (Class, Int) {
        let lead = text[index]
        guard lead >= 0x80 else { return (ascii(lead), 1) }
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1
        guard length > 1, index + length <= text.count else { return (.other, 1) }
        var scalar = UInt32(lead) & (0x7F >> UInt32(length))
        for byte in text[(index + 1)..<(index + length)] {
            guard byte & 0xC0 == 0x80 else { return (.other, 1) }
            scalar = scalar << 6 | UInt32(byte & 0x3F)
        }
        return (beyondASCII(scalar), length)
    }

    private static func ascii(_ byte: UInt8) -> Class {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): .letter
        case UInt8(ascii: "0")...UInt8(ascii: "9"): .digit
        case 0x20, 0x09, 0x0A, 0x0D: .space
        default: .punctuation
        }
    }

    private static func beyondASCII(_ scalar: UInt32) -> Class {
        switch scalar {
        case 0xC0...0x24F: .letter
        // Kana, Han, Hangul, and Han beyond the basic plane.
        case 0x3040...0x30FF, 0x3400...0x9FFF, 0xAC00...0xD7AF, 0xF900...0xFAFF, 0x2_0000...0x3_FFFF: .ideograph
        default: .other
        }
    }
}

extension TextTokens {
    /// Of a text as it stands in a document.
    static func count(_ text: JSONText) -> Int {
        switch text {
        case .plain(let bytes): return count(bytes)
        case .owned(let text): return Array(text.utf8).withUnsafeBytes { count($0) }
        case .escaped(let bytes):
            guard bytes.contains(UInt8(ascii: "\\")) else { return count(bytes) }
            let decoded = text.string
            return Array(decoded.utf8).withUnsafeBytes { count($0) }
        }
    }
}
