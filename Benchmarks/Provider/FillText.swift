/// The words of made-up tokens: always the same, so that two runs send the same bytes but for their stamps. Nothing in them needs
/// escaping in JSON.
enum FillText {
    private static let words = Array("the quick brown fox jumps over the lazy dog ".utf8)

    static func bytes(count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
            for index in 0..<max(0, count) { buffer[index] = words[index % words.count] }
            filled = max(0, count)
        }
    }

    static func string(count: Int) -> String { String(decoding: bytes(count: count), as: UTF8.self) }
}
