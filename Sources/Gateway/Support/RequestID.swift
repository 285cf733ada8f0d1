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

/// Makes request ids: `req_` and 24 hexadecimal digits, unique for this process and unlikely to meet those of another.
///
/// Loop-confined; each loop draws from a sequence of its own, so that an id costs no system call and no lock.
struct RequestIDGenerator {
    private var state: UInt64
    private let process: UInt32

    init() {
        var generator = SystemRandomNumberGenerator()
        state = generator.next()
        process = UInt32(truncatingIfNeeded: generator.next())
    }

    /// The next id.
    mutating func next() -> String {
        // SplitMix64 (Steele, Lea, Flood 2014): a bijection of a counter, so that no id of one loop repeats.
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        let process = self.process
        return String(unsafeUninitializedCapacity: 28) { text in
            var count = 0
            for byte in "req_".utf8 {
                text[count] = byte
                count += 1
            }
            for shift in stride(from: 28, through: 0, by: -4) {
                text[count] = Self.digit(UInt8(truncatingIfNeeded: process >> UInt32(shift)) & 15)
                count += 1
            }
            for shift in stride(from: 60, through: 0, by: -4) {
                text[count] = Self.digit(UInt8(truncatingIfNeeded: mixed >> UInt64(shift)) & 15)
                count += 1
            }
            return count
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}
