/// Eight bytes in one machine word: a question about each of them costs a few operations for all eight. The first byte is the lowest.
struct ByteWord: Equatable {
    private let bits: UInt64

    static let size = MemoryLayout<UInt64>.size

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    private init(bits: UInt64) { self.bits = bits }

    /// The eight bytes at `start`, aligned or not.
    @inline(__always)
    init(at start: UnsafeRawPointer) {
        bits = UInt64(littleEndian: start.loadUnaligned(as: UInt64.self))
    }

    /// The `count` bytes at `start`, at most eight. Texts of the same length make equal words if and only if they are equal.
    @inline(__always)
    init(at start: UnsafeRawPointer, count: Int) {
        if count >= ByteWord.size {
            self.init(at: start)
        } else if count >= 4 {
            let front = UInt64(start.loadUnaligned(as: UInt32.self))
            self.init(bits: front | UInt64((start + (count - 4)).loadUnaligned(as: UInt32.self)) &<< 32)
        } else if count > 0 {
            let front = UInt64(start.load(as: UInt8.self)) | UInt64(start.load(fromByteOffset: count / 2, as: UInt8.self)) &<< 8
            self.init(bits: front | UInt64(start.load(fromByteOffset: count - 1, as: UInt8.self)) &<< 16)
        } else {
            self.init(bits: 0)
        }
    }

    /// Whether a byte is below `limit`, which is at most 0x80.
    @inline(__always)
    func hasByte(below limit: UInt8) -> Bool {
        (bits &- Self.ones &* UInt64(limit)) & ~bits & Self.highBits != 0
    }

    /// Whether a byte is `byte`.
    @inline(__always)
    func hasByte(_ byte: UInt8) -> Bool {
        ByteWord(bits: bits ^ (Self.ones &* UInt64(byte))).hasByte(below: 1)
    }

    /// Where the first `byte` is; `size` when there is none.
    @inline(__always)
    func firstIndex(of byte: UInt8) -> Int {
        let difference = bits ^ (Self.ones &* UInt64(byte))
        let zeros = (difference &- Self.ones) & ~difference & Self.highBits
        return zeros.trailingZeroBitCount &>> 3
    }

    /// Whether a byte is an ASCII control character: below 0x20, or 0x7F.
    @inline(__always)
    var hasControl: Bool {
        let belowSpace = bits &- Self.ones &* 0x20
        let delete = (bits & ~Self.highBits) &+ Self.ones
        return (belowSpace | delete) & ~bits & Self.highBits != 0
    }

    /// Whether a byte is 0x80 or above.
    @inline(__always)
    var hasHighByte: Bool { bits & Self.highBits != 0 }

    /// The bytes with the capital letters A to Z made small; every other byte stays.
    @inline(__always)
    var lowered: ByteWord {
        let sevenBits = bits & ~Self.highBits
        let fromA = sevenBits &+ Self.ones &* UInt64(0x80 - UInt8(ascii: "A"))
        let beyondZ = sevenBits &+ Self.ones &* UInt64(0x7f - UInt8(ascii: "Z"))
        let capitals = fromA & ~beyondZ & ~bits & Self.highBits
        return ByteWord(bits: bits | (capitals &>> 2))
    }

    /// A number below 256 that tells pairs of words apart as a rule: for tables.
    @inline(__always)
    func hash(with other: ByteWord) -> Int {
        // Odd factors carry every byte up to the topmost, which is kept.
        let mixed = (bits &+ other.bits &* 0x9e37_79b9_7f4a_7c15) &* 0xff51_afd7_ed55_8ccd
        return Int(truncatingIfNeeded: mixed &>> 56)
    }

    /// Whether `holds` says yes to every word of a text of `count` bytes, given by the word's offset. The last word overlaps the one
    /// before, so that no byte outside is read; `count` is at least eight.
    @inline(__always)
    static func allWords(of count: Int, _ holds: (_ offset: Int) -> Bool) -> Bool {
        let last = count - size
        var offset = 0
        while offset < last {
            guard holds(offset) else { return false }
            offset += size
        }
        return holds(last)
    }
}
