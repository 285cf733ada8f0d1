import HTTP

/// Gathers what a machine writes.
struct ArraySink: MessageSink {
    var bytes: [UInt8] = []

    mutating func append(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }
}
