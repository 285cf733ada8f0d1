import DequeModule
import Glibc

/// Bytes on their way to a socket: copied into pooled blocks, or borrowed from an owner that is kept alive meanwhile.
struct OutboundQueue {
    private struct Segment {
        /// Nil for a pooled block, whose start is `base`.
        var owner: AnyObject?
        var base: UnsafeMutableRawPointer
        var start: Int
        var end: Int
    }

    private var segments = Deque<Segment>()
    private let pool: BlockPool

    /// Bytes queued.
    private(set) var byteCount = 0

    init(pool: BlockPool) { self.pool = pool }

    var isEmpty: Bool { byteCount == 0 }

    /// Copies `bytes` behind what is queued.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        byteCount += bytes.count
        while rest.count > 0 {
            if segments.isEmpty || segments.last!.owner != nil || segments.last!.end == ReactorLimits.blockBytes {
                segments.append(Segment(owner: nil, base: pool.take(), start: 0, end: 0))
            }
            let last = segments.index(before: segments.endIndex)
            let end = segments[last].end
            let count = min(rest.count, ReactorLimits.blockBytes - end)
            (segments[last].base + end).copyMemory(from: rest.baseAddress!, byteCount: count)
            segments[last].end = end + count
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Queues `bytes` without a copy; `owner` keeps them alive until they are sent or dropped. Few bytes are copied after all, when they
    /// fit behind what is queued: a short request then leaves in one piece.
    mutating func append(borrowing bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        if let last = segments.last, last.owner == nil, bytes.count <= ReactorLimits.blockBytes - last.end {
            return append(bytes)
        }
        byteCount += bytes.count
        segments.append(
            Segment(owner: owner, base: UnsafeMutableRawPointer(mutating: base), start: 0, end: bytes.count))
    }

    /// What one `writeOnce` offers to the kernel.
    var nextWriteBytes: Int {
        guard segments.count > ReactorLimits.segmentsPerWriteMax else { return byteCount }
        var bytes = 0
        for index in 0..<ReactorLimits.segmentsPerWriteMax { bytes += segments[index].end - segments[index].start }
        return bytes
    }

    /// Sends as much as one `writev` takes. Returns what the call returned: bytes, or -1 with `errno` set.
    mutating func writeOnce(to descriptor: Int32) -> Int {
        let count = min(segments.count, ReactorLimits.segmentsPerWriteMax)
        if count == 1 {
            let segment = segments[0]
            let written = Glibc.send(descriptor, segment.base + segment.start, segment.end - segment.start, Int32(MSG_NOSIGNAL))
            if written > 0 { consume(written) }
            return written
        }
        let written = withUnsafeTemporaryAllocation(of: iovec.self, capacity: count) { vectors in
            for index in 0..<count {
                let segment = segments[index]
                vectors[index] = iovec(
                    iov_base: segment.base + segment.start, iov_len: segment.end - segment.start)
            }
            var message = msghdr()
            message.msg_iov = vectors.baseAddress
            message.msg_iovlen = count
            // sendmsg is writev with flags: a peer that is gone must be an error, not SIGPIPE.
            return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
        }
        if written > 0 { consume(written) }
        return written
    }

    /// Drops everything and gives the blocks back.
    mutating func removeAll() {
        while let segment = segments.popFirst() { release(segment) }
        byteCount = 0
    }

    /// Lets go of the first `count` bytes, which the kernel took.
    mutating func consume(_ count: Int) {
        byteCount -= count
        var rest = count
        while rest > 0 {
            let size = segments[0].end - segments[0].start
            guard rest >= size else {
                segments[0].start += rest
                return
            }
            rest -= size
            // In two steps: an argument taken out while `self` is borrowed for the call would find the deque shared, and copy it.
            let segment = segments.removeFirst()
            release(segment)
        }
    }

    private func release(_ segment: Segment) {
        if segment.owner == nil { pool.give(segment.base) }
    }
}
