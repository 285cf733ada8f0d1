/// Somewhere that the bytes of a message are appended to: a connection's outbound queue, an array in a test.
///
/// The bytes are borrowed for the call; a sink that needs them longer copies them.
public protocol MessageSink {
    mutating func append(_ bytes: UnsafeRawBufferPointer)
}

/// Kept inside the module: sinks of other modules bring text helpers of their own.
extension MessageSink {
    /// Appends constant text.
    mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends `number` in decimal digits.
    mutating func appendDecimal(_ number: UInt64) {
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
            var rest = number
            var start = 20
            repeat {
                start -= 1
                digits[start] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            append(UnsafeRawBufferPointer(rebasing: digits[start..<20]))
        }
    }
}
