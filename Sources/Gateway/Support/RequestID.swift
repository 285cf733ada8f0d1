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

/// Makes request ids: `req_` and 24 digits of base 32 (RFC 4648 section 7, in lower case), unique for this process and unlikely to meet
/// those of another.
///
/// The first 9 digits are the time in milliseconds and sort by it, so that the rows of one moment lie together in the index of the
/// books, which is then written at its end instead of anywhere (docs/decisions/0019). The other 15 digits are 75 bits that no clock
/// predicts: 11 of this generator and 64 of its sequence, which whoever has one id can continue. An id is a name, not a secret.
///
/// Loop-confined; each loop draws from a sequence of its own, so that an id costs no system call and no lock.
struct RequestIDGenerator {
    private var state: UInt64
    private let tag: UInt64

    init() {
        var generator = SystemRandomNumberGenerator()
        state = generator.next()
        tag = generator.next() & 0x7FF
    }

    /// The next id.
    ///
    /// - Parameter milliseconds: wall clock, since 1970 UTC; 9 digits last until the year 3084. A clock that is set back costs the order
    ///   and nothing else.
    mutating func next(atMilliseconds milliseconds: Int64) -> String {
        // SplitMix64 (Steele, Lea, Flood 2014): a bijection of a counter, so that no id of one loop repeats.
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        let time = UInt64(bitPattern: milliseconds)
        let tag = self.tag
        return String(unsafeUninitializedCapacity: 28) { text in
            text[0] = UInt8(ascii: "r")
            text[1] = UInt8(ascii: "e")
            text[2] = UInt8(ascii: "q")
            text[3] = UInt8(ascii: "_")
            Self.put(time, into: text, 4..<13)
            // 60 bits of the sequence, then its other 4 below the tag.
            Self.put(mixed >> 4, into: text, 13..<25)
            Self.put(tag << 4 | mixed & 15, into: text, 25..<28)
            return 28
        }
    }

    /// The lowest bits of `value`, five a digit.
    private static func put(_ value: UInt64, into text: UnsafeMutableBufferPointer<UInt8>, _ places: Range<Int>) {
        var value = value
        for place in places.reversed() {
            text[place] = digit(UInt8(truncatingIfNeeded: value) & 31)
            value >>= 5
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}
