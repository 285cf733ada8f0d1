import HTTP
import Testing

/// What a decoder makes of a body: its payload, its end, and what it left for the next message.
struct Decoded: Equatable {
    var payload = ""
    var outcome = HTTP1BodyDecoder.Outcome.more
    var consumed = 0
}

/// Decodes `bytes` given in pieces that end at `cuts`; stops where the decoder does. Each piece is memory of its own, as large as
/// the piece.
func decode(
    _ bytes: [UInt8], _ framing: MessageFraming, cuts: [Int] = [], limits: HTTP1Limits = HTTP1Limits()
) -> Decoded {
    var decoder = HTTP1BodyDecoder(framing, limits: limits)
    var result = Decoded()
    var payload: [UInt8] = []
    var start = 0
    for end in cuts + [bytes.count] {
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: end - start, alignment: 1)
        defer { piece.deallocate() }
        piece.copyBytes(from: bytes[start..<end])
        let progress = decoder.decode(piece)
        #expect(progress.payloadCount <= progress.consumed && progress.consumed <= piece.count)
        payload += piece[..<progress.payloadCount]
        result.consumed += progress.consumed
        result.outcome = progress.outcome
        guard progress.outcome == .more else { break }
        #expect(progress.consumed == piece.count, "a decoder that wants more has taken all")
        start = end
    }
    result.payload = text(payload)
    return result
}

@Suite struct HTTP1BodyDecoderTests {
    static let chunked: [(String, String, HTTP1BodyDecoder.Outcome)] = [
        ("0\r\n\r\n", "", .ended),
        ("5\r\nhello\r\n0\r\n\r\n", "hello", .ended),
        ("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET /next", "hello world", .ended),
        ("A\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n", "0123456789x", .ended),
        ("a\r\n0123456789\r\n0000\r\n\r\n", "0123456789", .ended),
        ("0005\r\nhello\r\n0\r\n\r\n", "hello", .ended),
        ("5;a=b\r\nhello\r\n0;last;x=\"y z\"\r\n\r\n", "hello", .ended),
        ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n", .ended),
        ("1\r\nx\r\n0\r\nX-Sum: 1\r\nServer-Timing:\r\n\r\n", "x", .ended),
        ("5\r\nhel", "hel", .more),
        ("5\r\nhello\r\n", "hello", .more),
        // Section 7.1: sizes.
        ("\r\n", "", .refused(.invalidChunkSize)),
        ("5\r\nhello\r\n\r\n0\r\n\r\n", "hello", .refused(.invalidChunkSize)),
        ("g\r\n", "", .refused(.invalidChunkSize)),
        ("-1\r\n", "", .refused(.invalidChunkSize)),
        ("+5\r\nhello\r\n", "", .refused(.invalidChunkSize)),
        (" 5\r\nhello\r\n", "", .refused(.invalidChunkSize)),
        ("5 \r\nhello\r\n", "", .refused(.invalidChunkSize)),
        ("0x5\r\nhello\r\n", "", .refused(.invalidChunkSize)),
        ("5_\r\nhello\r\n", "", .refused(.invalidChunkSize)),
        (";a\r\n", "", .refused(.invalidChunkSize)),
        ("8000000000000000\r\n", "", .refused(.invalidChunkSize)),
        ("ffffffffffffffff\r\n", "", .refused(.invalidChunkSize)),
        ("10000000000000005\r\nhello\r\n", "", .refused(.invalidChunkSize)),
        ("00000000000000005\r\nhello\r\n", "", .refused(.invalidChunkSize)),
        ("7fffffffffffffff\r\nx", "x", .more),
        // Strict line ends.
        ("5\nhello\r\n", "", .refused(.invalidChunkSize)),
        ("5\rhello\r\n", "", .refused(.malformedChunk)),
        ("5\r\r\nhello\r\n", "", .refused(.malformedChunk)),
        ("5\r\nhello\n0\r\n\r\n", "hello", .refused(.malformedChunk)),
        ("5\r\nhello0\r\n\r\n", "hello", .refused(.malformedChunk)),
        ("5\r\nhellox\r\n0\r\n\r\n", "hello", .refused(.malformedChunk)),
        ("5\r\nhello\rx", "hello", .refused(.malformedChunk)),
        ("5;a\nhello\r\n", "", .refused(.malformedChunk)),
        ("5;a\0\r\nhello\r\n", "", .refused(.malformedChunk)),
        ("5;a\rb\r\nhello\r\n", "", .refused(.malformedChunk)),
        ("0\r\n\n", "", .refused(.malformedTrailer)),
        ("0\r\n\rX", "", .refused(.malformedTrailer)),
        // Section 7.1.2: trailers.
        ("0\r\nX Y: 1\r\n\r\n", "", .refused(.malformedTrailer)),
        ("0\r\n: 1\r\n\r\n", "", .refused(.malformedTrailer)),
        ("0\r\nX\r\n\r\n", "", .refused(.malformedTrailer)),
        ("0\r\nX : 1\r\n\r\n", "", .refused(.malformedTrailer)),
        ("0\r\nX: 1\n\r\n", "", .refused(.malformedTrailer)),
        ("0\r\nX: a\0\r\n\r\n", "", .refused(.malformedTrailer)),
        ("0\r\nX: 1\r\n folded\r\n\r\n", "", .refused(.malformedTrailer)),
        ("0\r\nGET / HTTP/1.1\r\n\r\n", "", .refused(.malformedTrailer)),
    ]

    /// Whole, in two parts at every byte, and byte by byte: the same payload, the same end.
    @Test(arguments: chunked)
    func chunkedBodies(_ body: String, _ payload: String, _ outcome: HTTP1BodyDecoder.Outcome) {
        let bytes = Array(body.utf8)
        let whole = decode(bytes, .chunked)
        #expect(whole.payload == payload, "\(body.debugDescription)")
        #expect(whole.outcome == outcome, "\(body.debugDescription)")
        if outcome == .ended { #expect(whole.consumed == bytes.count - (body.hasSuffix("GET /next") ? 9 : 0)) }
        for cut in 0...bytes.count {
            #expect(decode(bytes, .chunked, cuts: [cut]) == whole, "cut at \(cut) of \(body.debugDescription)")
        }
        #expect(decode(bytes, .chunked, cuts: Array(0..<bytes.count)) == whole, "byte by byte: \(body.debugDescription)")
    }

    @Test func chunkExtensionsAreBounded() {
        let body = { (count: Int) in Array("1;\(String(repeating: "e", count: count - 1))\r\nx\r\n0\r\n\r\n".utf8) }
        #expect(decode(body(256), .chunked).outcome == .ended)
        #expect(decode(body(257), .chunked).outcome == .refused(.chunkExtensionTooLong))
    }

    @Test func chunkExtensionsAreBoundedTogether() {
        let chunk = "1;\(String(repeating: "e", count: 255))\r\nx\r\n"
        let body = { (chunks: Int) in Array((String(repeating: chunk, count: chunks) + "0\r\n\r\n").utf8) }
        #expect(decode(body(64), .chunked).outcome == .ended)
        #expect(decode(body(65), .chunked).outcome == .refused(.chunkExtensionTooLong))
    }

    @Test func trailersAreBounded() {
        let limit = HTTP1Limits().trailerBytesMax
        let body = { (count: Int) in Array("0\r\nx: \(String(repeating: "t", count: count - 7))\r\n\r\n".utf8) }
        #expect(decode(body(limit), .chunked).outcome == .ended)
        #expect(decode(body(limit + 1), .chunked).outcome == .refused(.trailerTooLarge))
    }

    @Test func bodiesOfKnownLength() {
        let bytes = Array("hello, and the next".utf8)
        for cut in 0...bytes.count {
            #expect(decode(bytes, .length(5), cuts: [cut]) == Decoded(payload: "hello", outcome: .ended, consumed: 5))
        }
        #expect(decode(bytes, .length(UInt64(Int64.max))).outcome == .more)
        #expect(decode(bytes, .length(UInt64.max)).consumed == bytes.count)
        for framing: MessageFraming in [.none, .length(0)] {
            #expect(HTTP1BodyDecoder(framing).isEnded)
            #expect(decode(bytes, framing) == Decoded(payload: "", outcome: .ended, consumed: 0))
        }
    }

    @Test func knowsWhatRemains() {
        var decoder = HTTP1BodyDecoder(.length(10))
        #expect(decoder.remainingLength == 10)
        var piece: [UInt8] = [1, 2, 3]
        _ = piece.withUnsafeMutableBytes { decoder.decode($0) }
        #expect(decoder.remainingLength == 7)
        #expect(HTTP1BodyDecoder(.chunked).remainingLength == nil)
        #expect(HTTP1BodyDecoder(.untilClose).remainingLength == nil)
        #expect(HTTP1BodyDecoder(.none).remainingLength == 0)
    }

    @Test func aCloseEndsOnlyWhatMayEndSo() {
        var untilClose = HTTP1BodyDecoder(.untilClose)
        var piece: [UInt8] = [1, 2, 3]
        let progress = piece.withUnsafeMutableBytes { untilClose.decode($0) }
        #expect(progress == HTTP1BodyDecoder.Progress(consumed: 3, payloadCount: 3, outcome: .more))
        #expect(untilClose.peerClosed() == true)
        #expect(untilClose.isEnded)
        for framing: MessageFraming in [.chunked, .length(1)] {
            var decoder = HTTP1BodyDecoder(framing)
            #expect(decoder.peerClosed() == false)
            #expect(piece.withUnsafeMutableBytes { decoder.decode($0) }.outcome == .refused(.truncatedBody))
        }
    }

    /// Encoder and decoder agree for any payload, chunking and splitting.
    @Test func whatIsEncodedIsDecoded() {
        var generator = SeededGenerator(seed: 7_1)
        for round in 0..<200 {
            var body: [UInt8] = []
            var expected: [UInt8] = []
            for _ in 0..<Int.random(in: 0...8, using: &generator) {
                let size = [0, 1, 15, 16, 255, 256, 4_095, 4_096].randomElement(using: &generator) ?? 0
                let payload = (0..<size).map { _ in UInt8.random(in: 0...127, using: &generator) }
                expected += payload
                withBytes(payload) { HTTP1ChunkEncoder.append($0, to: &body) }
            }
            HTTP1ChunkEncoder.appendEnd(to: &body)
            let cuts = (0..<5).map { _ in Int.random(in: 0...body.count, using: &generator) }.sorted()
            let decoded = decode(body, .chunked, cuts: cuts)
            #expect(decoded.outcome == .ended, "round \(round)")
            #expect(decoded.payload == text(expected), "round \(round)")
            #expect(decoded.consumed == body.count, "round \(round)")
        }
    }

    @Test func damagedBodiesNeverTrap() {
        var generator = SeededGenerator(seed: 7_2)
        for round in 0..<4_000 {
            var bytes = Array(HTTP1BodyDecoderTests.chunked.randomElement(using: &generator)?.0.utf8 ?? "".utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0...bytes.count, using: &generator)
                if index < bytes.count, Bool.random(using: &generator) { bytes.remove(at: index) } else {
                    bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
                }
            }
            let whole = decode(bytes, .chunked)
            #expect(decode(bytes, .chunked, cuts: Array(0..<bytes.count)) == whole, "round \(round): \(bytes)")
        }
    }
}
