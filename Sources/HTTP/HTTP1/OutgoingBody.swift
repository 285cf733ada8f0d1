/// What the sender of a message knows about its body before it writes the head.
public enum OutgoingBody: Equatable, Sendable {
    /// There is none.
    case none
    /// It has exactly this many bytes.
    case length(UInt64)
    /// It comes piece by piece; nobody knows how much.
    case stream
}

/// The framing of a body that is being written, and how much of it was.
struct OutgoingFraming: Sendable {
    let framing: MessageFraming
    private var written: UInt64 = 0
    private var isOverrun = false

    init(_ framing: MessageFraming) {
        self.framing = framing
    }

    /// Writes payload in its framing: nothing for a message without body, no byte beyond a declared length.
    mutating func append(_ payload: UnsafeRawBufferPointer, to sink: inout some MessageSink) {
        guard !payload.isEmpty else { return }
        switch framing {
        case .none: return
        case .untilClose: sink.append(payload)
        case .chunked: HTTP1ChunkEncoder.append(payload, to: &sink)
        case .length(let total):
            let count = Int(min(total - written, UInt64(payload.count)))
            if count < payload.count { isOverrun = true }
            if count > 0 { sink.append(UnsafeRawBufferPointer(rebasing: payload[..<count])) }
            written += UInt64(count)
        }
    }

    /// Writes what ends the body. False when the declared length was not met: the message is then cut off, and only closing
    /// the connection tells the peer so.
    mutating func end(to sink: inout some MessageSink) -> Bool {
        switch framing {
        case .none, .untilClose: return true
        case .chunked:
            HTTP1ChunkEncoder.appendEnd(to: &sink)
            return true
        case .length(let total): return written == total && !isOverrun
        }
    }
}
