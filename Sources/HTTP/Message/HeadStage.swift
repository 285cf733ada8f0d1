/// Where a head is put together before it is queued: its forty small parts go to the transport as one. Lives on the stack of the function
/// that writes the head.
struct HeadStage {
    /// A head that is longer goes out in pieces of this size: what Swift puts on the stack, and not on the heap, when the size is no constant.
    static let bytesMax = 1_024

    private let transport: Transport
    private let buffer: UnsafeMutableRawBufferPointer
    private var count = 0

    private init(_ transport: Transport, _ buffer: UnsafeMutableRawBufferPointer) {
        self.transport = transport
        self.buffer = buffer
    }

    /// Queues on `transport` what `write` appends to the sink, which is good for that call only.
    static func gather(for transport: Transport, _ write: (inout HeadSink) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: bytesMax, alignment: 16) { buffer in
            var stage = HeadStage(transport, buffer)
            withUnsafeMutablePointer(to: &stage) { stage in
                var sink = HeadSink(stage: stage)
                write(&sink)
                stage.pointee.sendOn()
            }
        }
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        guard bytes.count <= buffer.count &- count else { return overflow(bytes) }
        (buffer.baseAddress! + count).copyMemory(from: source, byteCount: bytes.count)
        count &+= bytes.count
    }

    @inline(never)
    private mutating func overflow(_ bytes: UnsafeRawBufferPointer) {
        sendOn()
        if bytes.count <= buffer.count { append(bytes) } else { transport.send(bytes) }
    }

    private mutating func sendOn() {
        guard count > 0 else { return }
        transport.send(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        count = 0
    }
}

/// Appends to a `HeadStage`; a copy of it appends to the same.
struct HeadSink: MessageSink, FieldWriter {
    fileprivate let stage: UnsafeMutablePointer<HeadStage>

    mutating func append(_ bytes: UnsafeRawBufferPointer) { stage.pointee.append(bytes) }

    mutating func add(_ name: FieldName, _ value: UnsafeRawBufferPointer) {
        HeadWriter.field(name, value, to: &self)
    }

    mutating func add(_ name: FieldName, _ value: UInt64) {
        HeadWriter.field(name, value, to: &self)
    }

    mutating func add(peerName: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        HeadWriter.peerField(peerName, value, to: &self)
    }
}
