/// One spelling of a secret, and how long a part of it must be to be masked.
struct SecretForm: Equatable {
    let bytes: [UInt8]
    /// In bytes of this spelling.
    let runBytesMin: Int

    /// Every spelling that is looked for: as it is, in base64 (RFC 4648 sections 4 and 5) and in hexadecimal. Percent-encoding and
    /// JSON's escapes are undone while matching, because they may be mixed with plain characters at will.
    ///
    /// - Parameter matchesParts: also parts of half the secret; false for what consists of ordinary words.
    static func all(of secret: UnsafeRawBufferPointer, matchesParts: Bool) -> [SecretForm] {
        let count = secret.count
        guard count >= RedactionLimits.secretBytesMin else { return [] }
        let run = matchesParts ? min(count, max(RedactionLimits.partBytesMin, (count + 1) / 2)) : count
        var forms = [SecretForm(bytes: Array(secret), runBytesMin: run)]
        for alphabet in [Base64.standard, Base64.urlSafe] {
            for offset in 0..<3 {
                let text = Base64.determined(secret, at: offset, alphabet)
                // Of a run's bits up to four at its front and five at its end share a character with their neighbours.
                add(SecretForm(bytes: text, runBytesMin: min(text.count, (8 * run - 4) / 6)), to: &forms)
            }
        }
        for digits in ["0123456789abcdef", "0123456789ABCDEF"] {
            let digits = Array(digits.utf8)
            let text = secret.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
            add(SecretForm(bytes: text, runBytesMin: 2 * run), to: &forms)
        }
        return forms
    }

    private static func add(_ form: SecretForm, to forms: inout [SecretForm]) {
        if !forms.contains(form) { forms.append(form) }
    }
}

/// The characters of base64 that a secret decides by itself, wherever it stands in the encoded text.
private enum Base64 {
    static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    static let urlSafe = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// - Parameter offset: bytes that precede the secret, modulo three.
    static func determined(_ secret: UnsafeRawBufferPointer, at offset: Int, _ alphabet: [UInt8]) -> [UInt8] {
        let bits = 8 * offset
        let first = (bits + 5) / 6
        let end = (bits + 8 * secret.count) / 6
        return (first..<end).map { character in
            var value = 0
            for bit in (6 * character - bits)..<(6 * character - bits + 6) {
                value = value << 1 | Int(secret[bit >> 3] >> UInt8(7 - bit & 7) & 1)
            }
            return alphabet[value]
        }
    }
}
