/// A request method (RFC 9110 section 9; PATCH: RFC 5789). Methods are case-sensitive: `get` is `other`.
public enum HTTPMethod: UInt8, Sendable, CaseIterable {
    case get
    case head
    case post
    case put
    case delete
    case connect
    case options
    case trace
    case patch
    /// Any other token; `MessageHead.methodBytes` has it.
    case other

    public init(_ bytes: UnsafeRawBufferPointer) {
        let candidate: HTTPMethod =
            switch (bytes.count, bytes.last) {
            case (3, UInt8(ascii: "T")): bytes[0] == UInt8(ascii: "P") ? .put : .get
            case (4, UInt8(ascii: "D")): .head
            case (4, UInt8(ascii: "T")): .post
            case (5, UInt8(ascii: "E")): .trace
            case (5, UInt8(ascii: "H")): .patch
            case (6, UInt8(ascii: "E")): .delete
            case (7, UInt8(ascii: "T")): .connect
            case (7, UInt8(ascii: "S")): .options
            default: .other
            }
        self = ByteClass.equals(bytes, candidate.wireName) ? candidate : .other
    }

    /// The method as it goes over the wire; empty for `other`.
    public var wireName: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .connect: "CONNECT"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .patch: "PATCH"
        case .other: ""
        }
    }

    /// True when a request without content says so with `Content-Length: 0` (RFC 9110 section 8.6).
    var anticipatesContent: Bool {
        switch self {
        case .post, .put, .patch: true
        default: false
        }
    }
}

/// The versions that a message of the HTTP/1 family may carry here; any other is refused.
public enum HTTPVersion: UInt8, Sendable {
    case http10
    case http11
}
