import Glibc

/// Growable bytes at a stable address: what a parser carries from one batch to the next.
///
/// Owned by exactly one value and freed with it. Pointers into it are valid until the next mutating call.
struct ByteStore: ~Copyable, ByteSink {
    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private(set) var count = 0

    init() {}

    deinit { free(base) }

    var isEmpty: Bool { count == 0 }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    mutating func append(_ more: UnsafeRawBufferPointer) {
        guard let source = more.baseAddress, !more.isEmpty else { return }
        let room = reserve(more.count)
        memcpy(room + count, source, more.count)
        count += more.count
    }

    mutating func append(_ byte: UInt8) {
        let room = reserve(1)
        room.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// Makes room for `more` bytes at once.
    mutating func reserveCapacity(_ more: Int) { _ = reserve(more) }

    /// Forgets what lies beyond `newCount`; the memory stays.
    mutating func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= count, "a store is truncated to a length it has")
        count = newCount
    }

    /// Empties the store; memory above `retainedMax` bytes is given back.
    mutating func removeAll(retaining retainedMax: Int = StreamingLimits.scratchBytesRetainedMax) {
        count = 0
        if capacity > retainedMax {
            free(base)
            base = nil
            capacity = 0
        }
    }

    private mutating func reserve(_ more: Int) -> UnsafeMutableRawPointer {
        let needed = count + more
        if let base, needed <= capacity { return base }
        let grown = max(needed, capacity * 2, 64)
        guard let room = realloc(base, grown) else { fatalError("out of memory") }
        base = room
        capacity = grown
        return room
    }
}
