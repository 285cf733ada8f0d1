import Streaming

extension [UInt8] {
    /// Appends a text as the inside of a JSON string.
    mutating func append(_ text: JSONText) {
        switch text {
        case .escaped(let bytes): append(contentsOf: bytes)
        case .plain(let bytes): JSONString.appendEscaped(utf8: bytes, to: &self)
        case .owned(var text): text.withUTF8 { JSONString.appendEscaped(utf8: UnsafeRawBufferPointer($0), to: &self) }
        }
    }
}
