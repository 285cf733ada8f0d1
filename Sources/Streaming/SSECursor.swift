/// A place in one batch of bytes: how far the parser has walked it. Start a new one with every batch.
public struct SSECursor {
    /// The batch, borrowed.
    public let bytes: UnsafeRawBufferPointer
    /// The offset just behind the last event that was handed out, or behind everything at the end of the batch.
    public internal(set) var offset = 0

    // Where the next LF and CR stand, at or after the last position asked for: each byte is searched once for each of the two, so that
    // streams without CR (nearly all) pay one memchr a batch for it, and streams of lone CR do not become quadratic.
    private var nextLineFeed = -1
    private var nextCarriageReturn = -1

    public init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The offset of the first LF or CR at or after `position`, or the batch's length.
    @inline(__always)
    mutating func lineEnd(from position: Int) -> Int {
        guard let base = bytes.baseAddress else { return bytes.count }
        if nextLineFeed < position {
            nextLineFeed = ByteScan.first(Ascii.lineFeed, in: base, from: position, to: bytes.count)
        }
        if nextCarriageReturn < position {
            nextCarriageReturn = ByteScan.first(Ascii.carriageReturn, in: base, from: position, to: bytes.count)
        }
        return min(nextLineFeed, nextCarriageReturn)
    }
}
