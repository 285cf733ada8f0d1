/// Why a document is not JSON that we take (RFC 8259, strictly), and where.
public struct JSONError: Error, Equatable, Sendable {
    public enum Reason: Sendable, Equatable {
        /// No value at all.
        case empty
        /// The document ends inside a value.
        case unexpectedEnd
        /// A byte that cannot stand here.
        case unexpectedByte
        /// Something follows the document.
        case trailingBytes
        /// A byte order mark, which RFC 8259 section 8.1 forbids to write.
        case byteOrderMark
        /// A number that breaks the grammar of section 6.
        case invalidNumber
        /// A string with a control character that is not escaped.
        case controlCharacter
        /// A backslash followed by something that section 7 does not know.
        case invalidEscape
        /// Half of a surrogate pair (see `JSONOptions.acceptsLoneSurrogates`).
        case loneSurrogate
        /// Bytes that are no UTF-8 (RFC 3629): overlong, a surrogate, beyond U+10FFFF, cut short.
        case invalidUTF8
        /// Deeper than `JSONOptions.depthMax`.
        case tooDeep
        /// More nodes than `JSONOptions.nodesMax`.
        case tooManyNodes
        /// Longer than `StreamingLimits.jsonBytesMax`.
        case tooLong
    }

    /// The offset of the offending byte from the start of the document.
    public let offset: Int
    public let reason: Reason

    public init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }
}
