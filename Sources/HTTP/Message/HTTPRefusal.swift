/// Why a peer's bytes were refused. As the answer to a client `status` and `message` say it; on the upstream side every one of
/// them makes the connection unusable and the attempt a failure.
public enum HTTPRefusal: UInt8, Error, Sendable, CaseIterable {
    // The start line.
    case malformedRequestLine
    case malformedStatusLine
    case invalidMethod
    case invalidTarget
    case targetTooLong
    case unsupportedVersion
    // Fields.
    case bareLineEnd
    case foldedField
    case whitespaceBeforeColon
    case malformedField
    case invalidFieldName
    case invalidFieldValue
    case headTooLarge
    case tooManyFields
    case missingHost
    case duplicateHost
    case invalidHost
    // Framing (RFC 9112 section 6.3).
    case lengthWithTransferCoding
    case duplicateLength
    case invalidLength
    case duplicateTransferCoding
    case unsupportedTransferCoding
    case transferCodingOnHTTP10
    case contentNotAllowed
    // The body.
    case bodyTooLarge
    case invalidChunkSize
    case chunkExtensionTooLong
    case malformedChunk
    case malformedTrailer
    case trailerTooLarge
    case truncatedBody
    // The exchange.
    case expectationFailed
    case connectNotSupported
    case upgradeNotRequested
    case tooManyInterimResponses
    case unsolicitedResponse

    /// The status to answer a client with. The connection closes after that answer.
    public var status: UInt16 {
        switch self {
        case .targetTooLong: 414
        case .unsupportedVersion: 505
        case .headTooLarge, .tooManyFields: 431
        case .bodyTooLarge: 413
        case .expectationFailed: 417
        case .connectNotSupported: 501
        default: 400
        }
    }

    /// A sentence that is safe to show: it quotes nothing of what the peer sent.
    public var message: StaticString {
        switch self {
        case .malformedRequestLine: "The request line is malformed."
        case .malformedStatusLine: "The status line is malformed."
        case .invalidMethod: "The method is not a token."
        case .invalidTarget: "The request target is invalid."
        case .targetTooLong: "The request target is too long."
        case .unsupportedVersion: "The HTTP version is not supported."
        case .bareLineEnd: "A line does not end with CR LF."
        case .foldedField: "Folded fields are not accepted."
        case .whitespaceBeforeColon: "White space stands before the colon of a field."
        case .malformedField: "A field line has no colon."
        case .invalidFieldName: "A field name is not a token."
        case .invalidFieldValue: "A field value holds a control character."
        case .headTooLarge: "The head of the message is too large."
        case .tooManyFields: "The message has too many fields."
        case .missingHost: "The Host field is missing."
        case .duplicateHost: "There is more than one Host field."
        case .invalidHost: "The Host field is invalid."
        case .lengthWithTransferCoding: "Content-Length and Transfer-Encoding exclude one another."
        case .duplicateLength: "There is more than one Content-Length."
        case .invalidLength: "Content-Length is not a decimal number."
        case .duplicateTransferCoding: "There is more than one Transfer-Encoding."
        case .unsupportedTransferCoding: "The only transfer coding accepted is chunked."
        case .transferCodingOnHTTP10: "HTTP/1.0 has no transfer codings."
        case .contentNotAllowed: "This method takes no content."
        case .bodyTooLarge: "The body is too large."
        case .invalidChunkSize: "A chunk size is invalid."
        case .chunkExtensionTooLong: "The chunk extensions are too long."
        case .malformedChunk: "A chunk is malformed."
        case .malformedTrailer: "A trailer field is malformed."
        case .trailerTooLarge: "The trailer section is too large."
        case .truncatedBody: "The connection closed before the body was whole."
        case .expectationFailed: "The expectation cannot be met."
        case .connectNotSupported: "CONNECT is not supported."
        case .upgradeNotRequested: "The peer switched to a protocol that nobody asked for."
        case .tooManyInterimResponses: "There were too many interim responses."
        case .unsolicitedResponse: "A response came before a request was sent."
        }
    }
}
