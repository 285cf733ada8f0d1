import Glibc

/// The time at which an event was sent, inside its text: `@` and 19 digits of `CLOCK_MONOTONIC` in nanoseconds. The clock is the
/// machine's, so that any process on it can tell how long the event was under way.
enum TimeStamp {
    static let byteCount = 20

    /// Writes the stamp at `offset`.
    static func write(_ nanoseconds: Int64, to buffer: UnsafeMutableRawBufferPointer, at offset: Int) {
        buffer[offset] = UInt8(ascii: "@")
        var rest = UInt64(max(0, nanoseconds))
        for index in stride(from: byteCount - 1, to: 0, by: -1) {
            buffer[offset + index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }

    /// The first stamp in `bytes`; nil when there is none.
    static func read(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        guard let base = bytes.baseAddress, let found = memchr(base, Int32(UInt8(ascii: "@")), bytes.count) else { return nil }
        let start = UnsafeRawPointer(found) - base + 1
        guard bytes.count - start >= byteCount - 1 else { return nil }
        var value: Int64 = 0
        for index in start..<(start + byteCount - 1) {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int64(digit)
        }
        return value
    }
}
