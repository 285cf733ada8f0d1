/// Every bound that the HTTP/1.1 machines hold a peer to, with the defaults of docs/contracts.md section 7.
public struct HTTP1Limits: Sendable, Equatable {
    /// Longest request target; beyond it 414.
    public var targetBytesMax = 16 * 1024
    /// Largest head, start line and empty line included; beyond it 431.
    public var headBytesMax = 64 * 1024
    /// Most field lines in a head; beyond it 431.
    public var fieldCountMax = 100
    /// Empty lines skipped before a request line (RFC 9112 section 2.2 asks for at least one).
    public var leadingEmptyLinesMax = 2
    /// Largest request body; beyond it 413, before reading when its length is announced.
    public var bodyBytesMax: UInt64 = 32 * 1024 * 1024
    /// Longest extension of one chunk.
    public var chunkExtensionBytesMax = 256
    /// All chunk extensions of one body together: tiny chunks with long extensions are work without payload.
    public var chunkExtensionBytesTotalMax = 16 * 1024
    /// Largest trailer section.
    public var trailerBytesMax = 8 * 1024
    /// How much of an unread request body is read and thrown away to keep the connection; beyond it the connection closes.
    public var drainBytesMax: UInt64 = 256 * 1024
    /// Most interim (1xx) responses accepted before the final one.
    public var interimResponsesMax = 16

    public init() {}

    /// The longest method; RFC 9110 registers none longer than 17.
    static let methodBytesMax = 32
    /// What is kept of the path of a request line that did not come to its end: more than any endpoint's.
    static let pathBytesKept = 256
    /// Digits of a chunk size, leading zeros included: what 64 bits take.
    static let chunkSizeDigitsMax = 16
    /// Digits of a Content-Length: what 63 bits take.
    static let lengthDigitsMax = 19
}
