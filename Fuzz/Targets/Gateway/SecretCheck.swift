import Gateway

/// What others wrote, searched for the operator's secrets: none passes whole, none of its halves as it is, and nothing else is touched.
enum SecretCheck {
    /// One after the other and all together: the shortest form decides how often the matcher looks.
    private static let setups: [(matcher: SecretMatcher, secrets: [ReferenceSecret])] = {
        let all: [(String, Bool)] = [("sk-live/0a1B2c+3D4e5F6g7H8i=", true), ("application/vnd.mine+json", false), ("Tr0ub4dr", true)]
        return ([all] + all.map { [$0] }).map { chosen in
            (
                SecretMatcher(chosen.map { RedactedSecret(Secret($0.0), matchesParts: $0.1) }),
                chosen.map { ReferenceSecret($0.0, matchesParts: $0.1) }
            )
        }
    }()

    static func mask(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        for (matcher, secrets) in setups {
            let text = bytes.array
            let masked = masked(text, matcher)
            let spellings = secrets.flatMap(\.spellings)
            try requireNothingElseChanged(text, masked, spellings)
            try requireHidden(masked, spellings)
            try require(Self.masked(masked, matcher) == masked, "a second look finds more: \(masked.shown)")
            if let string = String(validating: bytes, as: UTF8.self) {
                try requireEqual(matcher.masked(string), String(decoding: masked, as: UTF8.self), "as a string it is masked otherwise")
            }
        }
        // A part that an end of the bytes cuts off is judged by what is left of it.
        let spellings = setups[0].secrets.flatMap(\.spellings)
        for cutting in Cutting.all(bytes).dropFirst() {
            for piece in cutting {
                let masked = masked(piece, setups[0].matcher)
                try requireNothingElseChanged(piece, masked, spellings)
                try requireHidden(masked, spellings)
            }
        }
    }

    private static func masked(_ text: [UInt8], _ matcher: SecretMatcher) -> [UInt8] {
        var text = text
        text.withUnsafeMutableBytes { matcher.mask(in: $0) }
        return text
    }

    private static func requireHidden(_ masked: [UInt8], _ spellings: [ReferenceSecret.Spelling]) throws(FuzzViolation) {
        let text = ReferenceText(masked)
        for spelling in spellings {
            try require(!text.holds(spelling), "\(spelling.bytes.shown) passes: \(masked.shown)")
            try require(text.finds(spelling, isUnescaped: false).isEmpty, "a part of \(spelling.bytes.shown) passes: \(masked.shown)")
        }
    }

    /// Only asterisks came in, and only where a find is.
    private static func requireNothingElseChanged(
        _ text: [UInt8], _ masked: [UInt8], _ spellings: [ReferenceSecret.Spelling]
    ) throws(FuzzViolation) {
        try requireEqual(masked.count, text.count, "another length")
        let changed = text.indices.filter { text[$0] != masked[$0] }
        try require(changed.allSatisfy { masked[$0] == UInt8(ascii: "*") }, "other bytes than asterisks: \(masked.shown)")
        guard !changed.isEmpty else { return }
        var isFound = [Bool](repeating: false, count: text.count)
        let reference = ReferenceText(text)
        for spelling in spellings {
            for range in reference.finds(spelling, isUnescaped: true) + reference.finds(spelling, isUnescaped: false) {
                for index in range { isFound[index] = true }
            }
        }
        try require(changed.allSatisfy { isFound[$0] }, "more is masked than secrets: \(text.shown) became \(masked.shown)")
    }
}
