import Glibc

/// Rows on their way to SQLite, as bytes: for each column of ``UsageRow/columns`` one cell, what the column will be bound to.
///
/// Records own a dozen texts. Copied here when they are offered, they are freed by the loop that made them, and the writer binds the
/// bytes as they stand.
struct UsageBatch: Sendable {
    private(set) var rows = 0
    /// Its whole length is room for cells; those there are end at `used`.
    private var bytes: [UInt8] = []
    private var used = 0

    /// Room that this batch keeps.
    var capacity: Int { bytes.count }

    mutating func append(_ record: UsageRecord) {
        if bytes.count - used < Self.rowBytesMax { grow() }
        let start = used
        used += bytes.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { preconditionFailure("there is room for a row") }
            var cells = UsageCellWriter(at: base + start)
            UsageRow.write(record, to: &cells)
            return cells.position - (base + start)
        }
        rows += 1
    }

    /// Forgets the rows and keeps the room.
    mutating func removeAll() {
        rows = 0
        used = 0
    }

    /// The cells, row after row. The pointers in them are valid in `body` only.
    func withCells<Result>(_ body: (inout UsageCellReader) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes { bytes in
            var cells = UsageCellReader(UnsafeRawBufferPointer(rebasing: bytes[..<used]))
            return try body(&cells)
        }
    }

    private mutating func grow() {
        let room = max(2 * bytes.count, StoreLimits.batchBytesMin)
        bytes.append(contentsOf: repeatElement(0, count: room - bytes.count))
    }

    /// More than any row takes.
    static let rowBytesMax = UsageRow.columns.count * UsageCell.bytesMax
}

/// What one column of one row is bound to. In a batch it is a byte for the case, then an integer of 8 bytes, or the length of a text
/// in 2 and its bytes.
enum UsageCell {
    case null
    case integer(Int64)
    /// UTF-8 without NUL.
    case text(UnsafeBufferPointer<UInt8>)
    /// Milliseconds since 1970 UTC, for a column that holds their text.
    case instant(Int64)
    /// When the row is written, which nobody knows yet.
    case timeOfWriting

    fileprivate enum Tag: UInt8 {
        case null, integer, text, instant, timeOfWriting
    }

    /// Bytes of a case and of a length.
    fileprivate static let textHeadBytes = 3
    static let bytesMax = textHeadBytes + StoreLimits.textBytesMax
}

/// Puts cells into memory that has room for a whole row of them, within the bounds of a row: neither the queue nor the database can
/// grow by what clients send.
struct UsageCellWriter {
    private(set) var position: UnsafeMutableRawPointer

    init(at position: UnsafeMutableRawPointer) {
        self.position = position
    }

    mutating func put(_ number: Int64) { put(.integer, number) }
    mutating func put(_ number: Int) { put(.integer, Int64(number)) }
    mutating func put(_ flag: Bool) { put(.integer, flag ? 1 : 0) }
    mutating func put(instant milliseconds: Int64) { put(.instant, milliseconds) }
    mutating func putTimeOfWriting() { put(.timeOfWriting) }

    /// A count of tokens. No answer has more than the bound; four of them still add up in 64 bits, and a billion rows of real ones as
    /// well.
    mutating func put(tokens: Int) { put(min(max(tokens, 0), Self.tokensMax)) }

    mutating func put(_ number: Int64?) {
        if let number { put(number) } else { put(.null) }
    }

    mutating func put(_ number: Int?) {
        if let number { put(number) } else { put(.null) }
    }

    mutating func put(_ text: String?) {
        if let text { put(text) } else { put(.null) }
    }

    /// A text, cut to ``StoreLimits/textBytesMax``.
    mutating func put(_ text: String) {
        if text.utf8.withContiguousStorageIfAvailable({ put($0) }) == nil {
            var text = text
            text.withUTF8 { put($0) }
        }
    }

    private mutating func put(_ text: UnsafeBufferPointer<UInt8>) {
        let length = Self.fittingLength(of: text)
        position.storeBytes(of: UsageCell.Tag.text.rawValue, as: UInt8.self)
        position.storeBytes(of: UInt16(length), toByteOffset: 1, as: UInt16.self)
        position += UsageCell.textHeadBytes
        guard let base = text.baseAddress, length > 0 else { return }
        position.copyMemory(from: base, byteCount: length)
        position += length
    }

    private mutating func put(_ tag: UsageCell.Tag, _ number: Int64) {
        put(tag)
        position.storeBytes(of: number, as: Int64.self)
        position += MemoryLayout<Int64>.size
    }

    private mutating func put(_ tag: UsageCell.Tag) {
        position.storeBytes(of: tag.rawValue, as: UInt8.self)
        position += 1
    }

    /// Bytes that a column takes of a text: whole characters, and none from the first NUL on, where C's readers of the file stop.
    private static func fittingLength(of text: UnsafeBufferPointer<UInt8>) -> Int {
        var length = text.count
        if length > StoreLimits.textBytesMax {
            length = StoreLimits.textBytesMax
            while length > 0, text[length] & 0xC0 == 0x80 { length -= 1 }
        }
        guard let base = text.baseAddress, let end = memchr(base, 0, length) else { return length }
        return UnsafeRawPointer(end) - UnsafeRawPointer(base)
    }

    private static let tokensMax = 1 << 36
}

/// Takes cells out again, in their order.
struct UsageCellReader {
    private var position: UnsafeRawPointer?
    private let end: UnsafeRawPointer?

    init(_ bytes: UnsafeRawBufferPointer) {
        position = bytes.baseAddress
        end = position.map { $0 + bytes.count }
    }

    /// The next cell; nil after the last one.
    mutating func next() -> UsageCell? {
        guard let start = position, start != end, let tag = UsageCell.Tag(rawValue: start.load(as: UInt8.self)) else { return nil }
        let value = start + 1
        switch tag {
        case .null:
            position = value
            return .null
        case .timeOfWriting:
            position = value
            return .timeOfWriting
        case .integer, .instant:
            position = value + MemoryLayout<Int64>.size
            let number = value.loadUnaligned(as: Int64.self)
            return tag == .instant ? .instant(number) : .integer(number)
        case .text:
            let length = Int(value.loadUnaligned(as: UInt16.self))
            let text = start + UsageCell.textHeadBytes
            position = text + length
            return .text(UnsafeBufferPointer(start: text.assumingMemoryBound(to: UInt8.self), count: length))
        }
    }
}
