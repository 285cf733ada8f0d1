/// Ways of cutting one input into the pieces that a socket might bring. The same bytes are always cut alike, so that a crash comes again.
struct Cutting: Sequence {
    /// The longest input that is also cut at every byte: beyond it that costs more than it finds.
    private static let bytewiseCountMax = 512

    private let bytes: UnsafeRawBufferPointer
    private var generator: SeededGenerator
    private let lengthMax: Int

    /// Every byte by itself (short inputs only), then two at random: one in short pieces, one in long.
    static func all(_ bytes: UnsafeRawBufferPointer) -> [Cutting] {
        let bytewise = bytes.count <= bytewiseCountMax ? [1] : []
        return (bytewise + [9, Swift.max(2, bytes.count)]).map { Cutting(bytes, lengthMax: $0) }
    }

    /// No cut at all.
    static func whole(_ bytes: UnsafeRawBufferPointer) -> Cutting { Cutting(bytes, lengthMax: 0) }

    private init(_ bytes: UnsafeRawBufferPointer, lengthMax: Int) {
        self.bytes = bytes
        self.lengthMax = lengthMax
        generator = SeededGenerator(bytes, salt: UInt64(lengthMax))
    }

    /// The pieces in order, none of them empty.
    func makeIterator() -> AnyIterator<[UInt8]> {
        var generator = generator
        var start = 0
        return AnyIterator {
            guard start < bytes.count else { return nil }
            let rest = bytes.count - start
            let length = lengthMax == 0 ? rest : Swift.min(rest, 1 + generator.below(lengthMax))
            defer { start += length }
            return Array(bytes[start..<start + length])
        }
    }
}

/// SplitMix64, seeded with the input (FNV-1a).
struct SeededGenerator {
    private var state: UInt64

    init(_ bytes: UnsafeRawBufferPointer, salt: UInt64 = 0) {
        state = 0xCBF2_9CE4_8422_2325 ^ salt
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From 0 up to, and without, `bound`, which is positive.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

extension UnsafeRawBufferPointer {
    /// The bytes as a Swift array, for messages and comparisons.
    var array: [UInt8] { Array(self) }
}

extension [UInt8] {
    /// Lends the bytes for the call.
    func borrowed<Result>(
        _ body: (UnsafeRawBufferPointer) throws(FuzzViolation) -> Result
    ) throws(FuzzViolation) -> Result {
        try withUnsafeBufferPointer { (buffer) throws(FuzzViolation) in try body(UnsafeRawBufferPointer(buffer)) }
    }

    /// For messages: printable where it can be.
    var shown: String { String(decoding: self, as: UTF8.self).debugDescription }
}
