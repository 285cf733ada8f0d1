import Dialects

/// One token's event of a dialect, ready but for its number and its time stamp.
struct TokenTemplate {
    private let head: [UInt8]
    /// Between the sequence number and the stamp; nil for a dialect that does not number its events.
    private let middle: [UInt8]?
    private let tail: [UInt8]

    init(_ dialect: Dialect, bytesPerToken: Int) {
        // Words of a fixed text, so that two runs send the same bytes but for the stamps.
        let words = "the quick brown fox jumps over the lazy dog "
        let fill = String(repeating: words, count: bytesPerToken / words.utf8.count + 1)
            .prefix(bytesPerToken - TimeStamp.byteCount)
        switch dialect {
        case .chat:
            head = Array("data: {\(MockText.chatChunkHead),\"choices\":[{\"index\":0,\"delta\":{\"content\":\"".utf8)
            middle = nil
            tail = Array("\(fill)\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n".utf8)
        case .messages:
            head = Array(
                "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\""
                    .utf8)
            middle = nil
            tail = Array("\(fill)\"}}\n\n".utf8)
        case .responses:
            head = Array(
                "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":".utf8)
            middle = Array(",\"item_id\":\"msg_bench\",\"output_index\":0,\"content_index\":0,\"delta\":\"".utf8)
            tail = Array("\(fill)\"}\n\n".utf8)
        }
    }

    /// The most bytes that `render` writes.
    var byteCountMax: Int { head.count + 20 + (middle?.count ?? 0) + TimeStamp.byteCount + tail.count }

    /// Writes the event into `buffer`, which holds `byteCountMax`, and returns its length.
    func render(sequence: Int, sentNanoseconds: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        var count = copy(head, to: buffer, at: 0)
        if let middle {
            count += digits(of: sequence, to: buffer, at: count)
            count += copy(middle, to: buffer, at: count)
        }
        TimeStamp.write(sentNanoseconds, to: buffer, at: count)
        count += TimeStamp.byteCount
        return count + copy(tail, to: buffer, at: count)
    }

    private func copy(_ bytes: [UInt8], to buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        UnsafeMutableRawBufferPointer(rebasing: buffer[offset...]).copyBytes(from: bytes)
        return bytes.count
    }

    private func digits(of number: Int, to buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        var length = 1
        var rest = number
        while rest >= 10 {
            rest /= 10
            length += 1
        }
        rest = number
        for index in stride(from: length - 1, through: 0, by: -1) {
            buffer[offset + index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        return length
    }
}
