import Glibc

/// Bytes of a message that is not whole yet, owned by a connection: the rest of a head, a request's body.
///
/// Grows with what arrives, and owns nothing while empty and released. Room for what a length field claims is taken at once only up to a
/// bound: memory that nothing was written to is not resident, and a body of the usual size is neither moved nor leaves holes behind.
public struct ByteAccumulator: ~Copyable {
    /// A claimed size up to which room is taken at once.
    static let claimedBytesMax = 256 * 1024

    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private var start = 0
    private var end = 0

    public init() {}

    deinit { free(base) }

    /// Bytes held.
    public var count: Int { end - start }
    public var isEmpty: Bool { end == start }
    /// Memory held, in bytes.
    public var capacityBytes: Int { capacity }

    /// The bytes, writable in place; valid until the next call that changes this value.
    public var bytes: UnsafeMutableRawBufferPointer {
        guard let base else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
        return UnsafeMutableRawBufferPointer(start: base + start, count: end - start)
    }

    /// Appends a copy of `bytes`.
    /// - Parameter limitHint: the final size where it is claimed: growth stops there instead of doubling past it.
    public mutating func append(_ bytes: UnsafeRawBufferPointer, limitHint: Int = .max) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count, limitHint: limitHint)
        guard let base else { return }
        (base + end).copyMemory(from: source, byteCount: bytes.count)
        end += bytes.count
    }

    /// Drops the first `count` bytes.
    public mutating func consume(_ count: Int) {
        precondition(count >= 0 && count <= self.count, "consumes what is there")
        start += count
        if start == end {
            start = 0
            end = 0
        }
    }

    /// Drops the bytes from `count` on.
    public mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count, "truncates what is there")
        end = start + count
    }

    /// Drops everything; keeps the memory.
    public mutating func removeAll() {
        start = 0
        end = 0
    }

    /// Drops everything and gives the memory back.
    public mutating func release() {
        free(base)
        base = nil
        capacity = 0
        start = 0
        end = 0
    }

    private mutating func reserve(_ additional: Int, limitHint: Int) {
        if capacity - end >= additional { return }
        if start > 0, let base {
            memmove(base, base + start, end - start)
            end -= start
            start = 0
            if capacity - end >= additional { return }
        }
        let needed = end + additional
        var size = max(1024, capacity)
        while size < needed { size *= 2 }
        if needed <= limitHint, limitHint < size || limitHint <= Self.claimedBytesMax { size = limitHint }
        guard let grown = realloc(base, size) else { fatalError("out of memory: \(size) bytes") }
        base = grown
        capacity = size
    }
}
