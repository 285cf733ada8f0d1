import Glibc

/// Takes the framing off a message body in place: the payload of what one read brought stands together at the start of the same
/// buffer afterwards. Holds a few bytes of state, never payload.
public struct HTTP1BodyDecoder: Sendable {
    /// Where the body stands after a call.
    public enum Outcome: Equatable, Sendable {
        /// More bytes are expected; all that were given are consumed.
        case more
        /// The body is whole. Bytes after `consumed` belong to the next message.
        case ended
        /// The framing is broken; what was decoded before is still in the buffer. Final.
        case refused(HTTPRefusal)
    }

    public struct Progress: Equatable, Sendable {
        /// Bytes taken from the start of the buffer, framing included.
        public var consumed: Int
        /// Payload bytes, now at the start of the buffer.
        public var payloadCount: Int
        public var outcome: Outcome

        public init(consumed: Int, payloadCount: Int, outcome: Outcome) {
            self.consumed = consumed
            self.payloadCount = payloadCount
            self.outcome = outcome
        }
    }

    private enum State: Equatable {
        case length
        case untilClose
        case sizeFirst
        case size
        case chunkExtension
        case sizeLineFeed
        case data
        case dataCarriageReturn
        case dataLineFeed
        case trailerStart
        case trailerName
        case trailerValue
        case trailerLineFeed
        case lastLineFeed
        case ended
        case refused(HTTPRefusal)
    }

    private var state: State
    /// Payload bytes to come, of the body or of this chunk.
    private var remaining: UInt64
    /// Digits of this size, or bytes of this extension or of the trailer section.
    private var counter = 0
    private var extensionBytes = 0
    private let extensionBytesMax: Int32
    private let extensionBytesTotalMax: Int32
    private let trailerBytesMax: Int32

    public init(_ framing: MessageFraming, limits: HTTP1Limits = HTTP1Limits()) {
        extensionBytesMax = Int32(clamping: limits.chunkExtensionBytesMax)
        extensionBytesTotalMax = Int32(clamping: limits.chunkExtensionBytesTotalMax)
        trailerBytesMax = Int32(clamping: limits.trailerBytesMax)
        remaining = 0
        switch framing {
        case .none, .length(0): state = .ended
        case .length(let count):
            state = .length
            remaining = count
        case .chunked: state = .sizeFirst
        case .untilClose: state = .untilClose
        }
    }

    /// True when the body is whole, from the start for a message without one.
    public var isEnded: Bool { state == .ended }

    /// How many payload bytes a body of known length still brings; nil when nobody can know.
    public var remainingLength: UInt64? {
        switch state {
        case .length: remaining
        case .ended: 0
        default: nil
        }
    }

    /// Decodes as far as the bytes go. The buffer's bytes from `payloadCount` to `consumed` are left undefined.
    public mutating func decode(_ bytes: UnsafeMutableRawBufferPointer) -> Progress {
        switch state {
        case .ended: return Progress(consumed: 0, payloadCount: 0, outcome: .ended)
        case .refused(let reason): return Progress(consumed: 0, payloadCount: 0, outcome: .refused(reason))
        case .untilClose: return Progress(consumed: bytes.count, payloadCount: bytes.count, outcome: .more)
        case .length:
            let count = Int(min(remaining, UInt64(bytes.count)))
            remaining -= UInt64(count)
            if remaining == 0 { state = .ended }
            return Progress(consumed: count, payloadCount: count, outcome: remaining == 0 ? .ended : .more)
        default: return decodeChunks(bytes)
        }
    }

    /// The peer closed. True when that is the rightful end of the body, false when it was cut off.
    public mutating func peerClosed() -> Bool {
        if state == .untilClose { state = .ended }
        if state == .ended { return true }
        if case .refused = state { return false }
        state = .refused(.truncatedBody)
        return false
    }

    // MARK: Chunked coding (RFC 9112 section 7.1)

    private mutating func decodeChunks(_ bytes: UnsafeMutableRawBufferPointer) -> Progress {
        var position = 0
        var payload = 0
        while position < bytes.count {
            if state == .data {
                let count = Int(min(remaining, UInt64(bytes.count - position)))
                if let base = bytes.baseAddress, position != payload { memmove(base + payload, base + position, count) }
                payload += count
                position += count
                remaining -= UInt64(count)
                if remaining == 0 { state = .dataCarriageReturn }
                continue
            }
            do throws(HTTPRefusal) {
                try step(bytes[position])
            } catch {
                state = .refused(error)
                return Progress(consumed: position, payloadCount: payload, outcome: .refused(error))
            }
            position += 1
            if state == .ended { return Progress(consumed: position, payloadCount: payload, outcome: .ended) }
        }
        return Progress(consumed: position, payloadCount: payload, outcome: .more)
    }

    /// Takes one byte of framing.
    private mutating func step(_ byte: UInt8) throws(HTTPRefusal) {
        switch state {
        case .sizeFirst:
            remaining = 0
            counter = 0
            try addDigit(byte)
            state = .size
        case .size:
            switch byte {
            case ByteClass.carriageReturn: state = .sizeLineFeed
            case UInt8(ascii: ";"):
                counter = 0
                try stepExtension(byte)
                state = .chunkExtension
            default: try addDigit(byte)
            }
        case .chunkExtension:
            if byte == ByteClass.carriageReturn { state = .sizeLineFeed } else { try stepExtension(byte) }
        case .sizeLineFeed:
            guard byte == ByteClass.lineFeed else { throw .malformedChunk }
            counter = 0
            state = remaining == 0 ? .trailerStart : .data
        case .dataCarriageReturn:
            guard byte == ByteClass.carriageReturn else { throw .malformedChunk }
            state = .dataLineFeed
        case .dataLineFeed:
            guard byte == ByteClass.lineFeed else { throw .malformedChunk }
            state = .sizeFirst
        case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed, .lastLineFeed:
            try stepTrailer(byte)
        case .length, .untilClose, .data, .ended, .refused:
            return  // never handed to this function
        }
    }

    private mutating func addDigit(_ byte: UInt8) throws(HTTPRefusal) {
        guard let digit = ByteClass.hexValue(byte), counter < HTTP1Limits.chunkSizeDigitsMax else { throw .invalidChunkSize }
        counter += 1
        remaining = remaining << 4 | UInt64(digit)  // 16 digits fit into 64 bits
        guard remaining <= UInt64(Int64.max) else { throw .invalidChunkSize }
    }

    private mutating func stepExtension(_ byte: UInt8) throws(HTTPRefusal) {
        guard ByteClass.isFieldText(byte) else { throw .malformedChunk }
        counter += 1
        extensionBytes += 1
        guard counter <= extensionBytesMax, extensionBytes <= extensionBytesTotalMax else { throw .chunkExtensionTooLong }
    }

    /// Trailer fields are checked like fields and dropped (RFC 9112 section 7.1.2 lets a recipient discard them).
    private mutating func stepTrailer(_ byte: UInt8) throws(HTTPRefusal) {
        counter += 1
        guard counter <= trailerBytesMax else { throw .trailerTooLarge }
        switch state {
        case .trailerStart:
            if byte == ByteClass.carriageReturn {
                state = .lastLineFeed
            } else {
                guard ByteClass.isToken(byte) else { throw .malformedTrailer }
                state = .trailerName
            }
        case .trailerName:
            if byte == ByteClass.colon { state = .trailerValue } else if !ByteClass.isToken(byte) { throw .malformedTrailer }
        case .trailerValue:
            if byte == ByteClass.carriageReturn {
                state = .trailerLineFeed
            } else if !ByteClass.isFieldText(byte) {
                throw .malformedTrailer
            }
        case .trailerLineFeed:
            guard byte == ByteClass.lineFeed else { throw .malformedTrailer }
            state = .trailerStart
        default:
            guard byte == ByteClass.lineFeed else { throw .malformedTrailer }
            state = .ended
        }
    }
}
