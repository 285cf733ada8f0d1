import Streaming

/// Writes bytes as base64 (RFC 4648 section 4) into an open string, piece by piece.
struct Base64Encoder {
    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    /// Bytes that do not make a group of three yet, the first one highest.
    private var pending: UInt32 = 0
    private var pendingCount = 0

    mutating func append(_ bytes: UnsafeRawBufferPointer, to writer: inout JSONWriter) {
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            pendingCount += 1
            guard pendingCount == 3 else { continue }
            write(characters: 4, to: &writer)
            pending = 0
            pendingCount = 0
        }
    }

    /// Writes what is left, with its padding.
    mutating func finish(to writer: inout JSONWriter) {
        guard pendingCount > 0 else { return }
        pending <<= UInt32(8 * (3 - pendingCount))
        write(characters: pendingCount + 1, to: &writer)
        pending = 0
        pendingCount = 0
    }

    private func write(characters: Int, to writer: inout JSONWriter) {
        withUnsafeTemporaryAllocation(byteCount: 4, alignment: 1) { group in
            for index in 0..<4 {
                let digit = Int(pending >> UInt32(18 - 6 * index)) & 0x3F
                group[index] = index < characters ? Self.alphabet.utf8Start[digit] : UInt8(ascii: "=")
            }
            writer.appendToString(escaped: UnsafeRawBufferPointer(group))
        }
    }
}
