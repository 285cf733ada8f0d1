import HTTP

/// The chunked coding, against a second decoder that was written apart from the first.
enum ChunkedCheck {
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        for limits in [HTTP1Limits(), HeadCheck.smallLimits] {
            var reference = ReferenceChunkedDecoder(bytes.array, limits: limits)
            let expected = reference.decode()
            for cutting in [Cutting.whole(bytes)] + Cutting.all(bytes) {
                let found = decode(cutting, limits)
                try requireEqual(found.outcome, expected, "the two decoders do not agree on the outcome")
                try requireEqual(found.payload, reference.payload, "the two decoders do not agree on the payload")
                try requireEqual(found.consumed, reference.position, "the two decoders do not agree on the end")
            }
        }
    }

    /// What the encoder writes, however it is cut, decodes to the payload.
    static func roundTrip(_ payload: UnsafeRawBufferPointer) throws(FuzzViolation) {
        var sink = ArraySink()
        for piece in Cutting.all(payload)[0] { piece.withUnsafeBytes { HTTP1ChunkEncoder.append($0, to: &sink) } }
        HTTP1ChunkEncoder.appendEnd(to: &sink)
        let cuttings = sink.bytes.withUnsafeBytes { encoded in
            ([Cutting.whole(encoded)] + Cutting.all(encoded)).map { decode($0, HTTP1Limits()) }
        }
        for found in cuttings {
            try requireEqual(found.outcome, .ended, "an encoded body does not end")
            try requireEqual(found.payload, payload.array, "an encoded body decodes to another payload")
            try requireEqual(found.consumed, sink.bytes.count, "an encoded body ends elsewhere")
        }
    }

    private static func decode(
        _ pieces: Cutting, _ limits: HTTP1Limits
    ) -> (outcome: HTTP1BodyDecoder.Outcome, payload: [UInt8], consumed: Int) {
        var decoder = HTTP1BodyDecoder(.chunked, limits: limits)
        var payload: [UInt8] = []
        var consumed = 0
        var outcome = HTTP1BodyDecoder.Outcome.more
        for var piece in pieces where outcome == .more {
            let progress = piece.withUnsafeMutableBytes { decoder.decode($0) }
            payload += piece[..<progress.payloadCount]
            consumed += progress.consumed
            outcome = progress.outcome
        }
        return (outcome, payload, consumed)
    }
}
