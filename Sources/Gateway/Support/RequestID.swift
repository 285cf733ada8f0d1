import HTTP

/// The id that a client gave its request.
enum ClientRequestID {
    /// Bytes of an id that is echoed.
    static let bytesMax = 128

    /// `x-request-id`, when it is fit to be echoed and logged: short, and of unsuspicious characters.
    static func of(_ request: MessageHead) -> String? {
        guard let id = request.value(of: .xRequestID), (1...bytesMax).contains(id.count), id.allSatisfy(isPlain) else { return nil }
        return id.text
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5F: true
        default: false
        }
    }
}

/// Makes request ids: `req_` and 24 hexadecimal digits, the first eleven of which are the time in milliseconds and the others all but
/// random: unique, and in the order of time, so that the index over them grows at its end (docs/decisions/0019).
///
/// Loop-confined; each loop draws from a sequence of its own, so that an id costs no system call and no lock.
struct RequestIDGenerator {
    private static let timeDigits = 11
    private static let randomDigits = 13
    private var state: UInt64

    init() {
        var generator = SystemRandomNumberGenerator()
        state = generator.next()
    }

    /// The next id.
    /// - Parameter milliseconds: since 1970 UTC.
    mutating func next(atMilliseconds milliseconds: Int64) -> String {
        // SplitMix64 (Steele, Lea, Flood 2014): two ids of one millisecond share its upper 52 bits once in 4.5 * 10^15.
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        let time = UInt64(clamping: milliseconds)
        return String(unsafeUninitializedCapacity: 28) { text in
            var count = 0
            for byte in "req_".utf8 {
                text[count] = byte
                count += 1
            }
            Self.write(time << UInt64(64 - 4 * Self.timeDigits), digits: Self.timeDigits, to: text, at: &count)
            Self.write(mixed, digits: Self.randomDigits, to: text, at: &count)
            return count
        }
    }

    /// Writes the upper digits of `value`.
    private static func write(_ value: UInt64, digits: Int, to text: UnsafeMutableBufferPointer<UInt8>, at count: inout Int) {
        var rest = value
        for _ in 0..<digits {
            let digit = UInt8(truncatingIfNeeded: rest >> 60)
            text[count] = digit < 10 ? 0x30 + digit : 0x57 + digit
            rest <<= 4
            count += 1
        }
    }
}
