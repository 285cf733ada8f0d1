extension ByteSink where Self: ~Copyable {
    /// Appends the UTF-8 of a literal.
    public mutating func append(literal text: StaticString) {
        append(text.borrowedBytes)
    }

    /// Appends one byte.
    public mutating func append(byte: UInt8) {
        withUnsafeBytes(of: byte) { append($0) }
    }

    /// Appends the UTF-8 of a string; no allocation when the string is native UTF-8, as all of ours are.
    public mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }
}

extension Array: ByteSink where Element == UInt8 {
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        append(contentsOf: bytes)
    }
}
