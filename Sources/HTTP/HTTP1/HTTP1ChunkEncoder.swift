/// Writes the chunked transfer coding (RFC 9112 section 7.1).
public enum HTTP1ChunkEncoder {
    /// One chunk. An empty one is not written: it would end the body.
    public static func append(_ payload: UnsafeRawBufferPointer, to sink: inout some MessageSink) {
        guard !payload.isEmpty else { return }
        appendHead(payloadCount: payload.count, to: &sink)
        sink.append(payload)
        appendTail(to: &sink)
    }

    /// The size line of a chunk whose payload the caller appends itself, in any number of pieces, before `appendTail`.
    public static func appendHead(payloadCount: Int, to sink: inout some MessageSink) {
        precondition(payloadCount > 0, "an empty chunk would end the body")
        withUnsafeTemporaryAllocation(byteCount: 18, alignment: 1) { line in
            var rest = payloadCount
            var start = 16
            repeat {
                start -= 1
                let digit = UInt8(truncatingIfNeeded: rest & 15)
                line[start] = digit < 10 ? 0x30 &+ digit : 0x57 &+ digit
                rest >>= 4
            } while rest > 0
            line[16] = ByteClass.carriageReturn
            line[17] = ByteClass.lineFeed
            sink.append(UnsafeRawBufferPointer(rebasing: line[start...]))
        }
    }

    /// The line end after a chunk's payload.
    public static func appendTail(to sink: inout some MessageSink) {
        sink.append("\r\n")
    }

    /// The last chunk, without trailers.
    public static func appendEnd(to sink: inout some MessageSink) {
        sink.append("0\r\n\r\n")
    }
}
