import HTTP

/// The chunked coding once more (RFC 9112 section 7.1), written to be obviously right: it has all bytes, goes back to none and is slow.
struct ReferenceChunkedDecoder {
    private let bytes: [UInt8]
    private let limits: HTTP1Limits
    private(set) var payload: [UInt8] = []
    /// How far the bytes were taken: up to the end of the body, or to the byte at fault.
    private(set) var position = 0
    private var extensionBytes = 0

    /// Why the decoding stops before the end of the body.
    private enum Stop: Error {
        case endOfBytes
        case refused(HTTPRefusal)
    }

    init(_ bytes: [UInt8], limits: HTTP1Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func decode() -> HTTP1BodyDecoder.Outcome {
        do throws(Stop) {
            while try chunk() {}
            try trailers()
            return .ended
        } catch {
            switch error {
            case .endOfBytes: return .more
            case .refused(let reason): return .refused(reason)
            }
        }
    }

    /// `chunk-size [ chunk-ext ] CRLF chunk-data CRLF`; false when it was the last chunk, which has no data.
    private mutating func chunk() throws(Stop) -> Bool {
        var size = try size()
        if try peek() == UInt8(ascii: ";") { try extensions() }
        try expect("\r", else: .invalidChunkSize)
        try expect("\n", else: .malformedChunk)
        if size == 0 { return false }
        while size > 0 {
            payload.append(try peek())
            position += 1
            size -= 1
        }
        try expect("\r", else: .malformedChunk)
        try expect("\n", else: .malformedChunk)
        return true
    }

    /// At least one hexadecimal digit, at most sixteen, and less than 2^63.
    private mutating func size() throws(Stop) -> UInt64 {
        var text = ""
        while true {
            let scalar = Character(UnicodeScalar(try peek()))
            guard scalar.isASCII, scalar.isHexDigit else {
                if text.isEmpty { throw .refused(.invalidChunkSize) }
                break
            }
            guard text.count < 16, let size = UInt64(text + String(scalar), radix: 16), size < 1 << 63 else {
                throw .refused(.invalidChunkSize)
            }
            text.append(scalar)
            position += 1
        }
        return UInt64(text, radix: 16) ?? 0
    }

    private mutating func extensions() throws(Stop) {
        var count = 0
        while try peek() != UInt8(ascii: "\r") {
            guard Self.isText(try peek()) else { throw .refused(.malformedChunk) }
            count += 1
            extensionBytes += 1
            if count > limits.chunkExtensionBytesMax || extensionBytes > limits.chunkExtensionBytesTotalMax {
                throw .refused(.chunkExtensionTooLong)
            }
            position += 1
        }
    }

    private mutating func trailers() throws(Stop) {
        let start = position
        while true {
            try checkTrailerSize(from: start)
            if try peek() == UInt8(ascii: "\r") {
                position += 1
                break
            }
            let name = position
            while try peek() != UInt8(ascii: ":") || position == name {
                try checkTrailerSize(from: start)
                guard Self.isToken(try peek()) else { throw .refused(.malformedTrailer) }
                position += 1
            }
            while try peek() != UInt8(ascii: "\r") {
                try checkTrailerSize(from: start)
                guard Self.isText(try peek()) else { throw .refused(.malformedTrailer) }
                position += 1
            }
            try checkTrailerSize(from: start)
            position += 1
            try checkTrailerSize(from: start)
            try expect("\n", else: .malformedTrailer)
        }
        try checkTrailerSize(from: start)
        try expect("\n", else: .malformedTrailer)
    }

    /// Before a byte is judged: is there room for it?
    private func checkTrailerSize(from start: Int) throws(Stop) {
        _ = try peek()
        if position - start >= limits.trailerBytesMax { throw .refused(.trailerTooLarge) }
    }

    private func peek() throws(Stop) -> UInt8 {
        guard position < bytes.count else { throw .endOfBytes }
        return bytes[position]
    }

    private mutating func expect(_ character: Unicode.Scalar, else reason: HTTPRefusal) throws(Stop) {
        guard try peek() == UInt8(ascii: character) else { throw .refused(reason) }
        position += 1
    }

    private static func isText(_ byte: UInt8) -> Bool { byte == 0x09 || (0x20...0x7E).contains(byte) || byte >= 0x80 }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
