/// One token's event of a format, ready but for its numbers and its time stamp.
struct TokenTemplate {
    /// A part of the event as its format describes it.
    enum Piece {
        case text(String)
        /// The token's place in the answer, counted from 0, plus this much.
        case index(plus: Int)
        /// The token itself: the stamp, then words up to the bytes of a token.
        case token
    }

    private enum Slot {
        case index(plus: Int)
        case stamp
    }

    /// The fixed bytes of all parts, one behind the other.
    private let bytes: [UInt8]
    /// What comes behind the fixed bytes up to each `end`.
    private let slots: [(end: Int, slot: Slot)]
    /// The most bytes that `render` writes.
    let byteCountMax: Int

    /// - Parameter bytesPerToken: at least `TimeStamp.byteCount`.
    init(_ pieces: [Piece], bytesPerToken: Int) {
        var bytes: [UInt8] = []
        var slots: [(end: Int, slot: Slot)] = []
        for piece in pieces {
            switch piece {
            case .text(let text): bytes += Array(text.utf8)
            case .index(let offset): slots.append((bytes.count, .index(plus: offset)))
            case .token:
                slots.append((bytes.count, .stamp))
                bytes += FillText.bytes(count: bytesPerToken - TimeStamp.byteCount)
            }
        }
        self.bytes = bytes
        self.slots = slots
        byteCountMax = bytes.count + slots.count * max(TimeStamp.byteCount, Self.digitsMax)
    }

    private static let digitsMax = 20

    /// Writes the event into `buffer`, which holds `byteCountMax`, and returns its length.
    func render(index: Int, sentNanoseconds: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        var count = 0
        var taken = 0
        bytes.withUnsafeBytes { fixed in
            for (end, slot) in slots {
                count += Self.copy(fixed, taken..<end, to: buffer, at: count)
                taken = end
                switch slot {
                case .index(let offset): count += Self.digits(of: index + offset, to: buffer, at: count)
                case .stamp:
                    TimeStamp.write(sentNanoseconds, to: buffer, at: count)
                    count += TimeStamp.byteCount
                }
            }
            count += Self.copy(fixed, taken..<fixed.count, to: buffer, at: count)
        }
        return count
    }

    private static func copy(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, to buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) -> Int {
        UnsafeMutableRawBufferPointer(rebasing: buffer[offset...]).copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
        return range.count
    }

    private static func digits(of number: Int, to buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        var length = 1
        var rest = number
        while rest >= 10 {
            rest /= 10
            length += 1
        }
        rest = number
        for index in stride(from: length - 1, through: 0, by: -1) {
            buffer[offset + index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        return length
    }
}
