/// How the end of a message's body is found (RFC 9112 section 6.3): judged here, once for requests and once for responses, and
/// nowhere else. Whatever two implementations could judge differently is refused, never normalised.
public enum MessageFraming: Equatable, Sendable {
    /// No body.
    case none
    /// Exactly this many bytes.
    case length(UInt64)
    /// The chunked transfer coding.
    case chunked
    /// Everything until the connection closes; responses only.
    case untilClose

    /// True when there is nothing to read.
    public var isEmpty: Bool { self == .none || self == .length(0) }

    /// The framing of a request's body.
    public static func ofRequest(_ head: MessageHead) throws(HTTPRefusal) -> MessageFraming {
        let framing = try declared(head) ?? .none
        if head.method == .connect || head.method == .trace, !framing.isEmpty { throw .contentNotAllowed }
        return framing
    }

    /// The framing of the body of a response to a request with `method`.
    public static func ofResponse(_ head: MessageHead, to method: HTTPMethod) throws(HTTPRefusal) -> MessageFraming {
        let hasNoBody =
            method == .head || head.status < 200 || head.status == 204 || head.status == 304
            || (method == .connect && head.status < 300)
        let framing = try declared(head)
        return hasNoBody ? .none : framing ?? .untilClose
    }

    /// What the fields say; nil when they say nothing.
    private static func declared(_ head: MessageHead) throws(HTTPRefusal) -> MessageFraming? {
        let lengths = head.count(of: .contentLength)
        let codings = head.count(of: .transferEncoding)
        if codings > 0 {
            if lengths > 0 { throw .lengthWithTransferCoding }
            if head.version == .http10 { throw .transferCodingOnHTTP10 }
            if codings > 1 { throw .duplicateTransferCoding }
            guard let coding = head.value(of: .transferEncoding), ByteClass.equals(coding, ignoringCase: "chunked") else {
                throw .unsupportedTransferCoding
            }
            return .chunked
        }
        if lengths > 1 { throw .duplicateLength }
        guard let length = head.value(of: .contentLength) else { return nil }
        return .length(try decimal(length))
    }

    /// Digits only, below 2^63: no sign, no space, no list.
    private static func decimal(_ digits: UnsafeRawBufferPointer) throws(HTTPRefusal) -> UInt64 {
        guard !digits.isEmpty, digits.count <= HTTP1Limits.lengthDigitsMax else { throw .invalidLength }
        var number: UInt64 = 0
        for digit in digits {
            guard ByteClass.isDigit(digit) else { throw .invalidLength }
            number = number &* 10 &+ UInt64(digit &- 0x30)  // 19 digits fit into 64 bits
        }
        guard number <= UInt64(Int64.max) else { throw .invalidLength }
        return number
    }
}
