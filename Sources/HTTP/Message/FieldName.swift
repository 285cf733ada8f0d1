/// The field names that the gateway knows by heart (RFC 9110 section 5.1), so that a head is searched by one byte instead of by text.
///
/// Recognition is case-insensitive and allocates nothing; every other name is `other` and keeps its bytes in the head.
public enum FieldName: UInt8, Sendable, CaseIterable {
    /// A name without an entry of its own.
    case other = 0
    case host
    case contentLength
    case transferEncoding
    case connection
    case expect
    case contentType
    case contentEncoding
    case contentLanguage
    case contentDisposition
    case accept
    case acceptEncoding
    case acceptLanguage
    case authorization
    case xAPIKey
    case apiKey
    case xGoogAPIKey
    case cookie
    case setCookie
    case te
    case trailer
    case upgrade
    case via
    case date
    case server
    case userAgent
    case keepAlive
    case proxyAuthenticate
    case proxyAuthorization
    case proxyAuthenticationInfo
    case proxyConnection
    case http2Settings
    case forwarded
    case xForwardedFor
    case xForwardedHost
    case xForwardedProto
    case xRealIP
    case cacheControl
    case retryAfter
    case retryAfterMS
    case eTag
    case ifNoneMatch
    case vary
    case location
    case allow
    case origin
    case referer
    case range
    case wwwAuthenticate
    case altSvc
    case strictTransportSecurity
    case accessControlRequestMethod
    case accessControlRequestHeaders
    case accessControlAllowOrigin
    case accessControlAllowMethods
    case accessControlAllowHeaders
    case accessControlExposeHeaders
    case accessControlMaxAge
    case secFetchSite
    case xRequestID
    case requestID
    case xShouldRetry
    case xAccelBuffering
    case lastEventID
    case traceparent
    case tracestate
    case baggage
    case openaiOrganization
    case openaiProject
    case openaiBeta
    case openaiVersion
    case openaiProcessingMS
    case originator
    case anthropicVersion
    case anthropicBeta
    case anthropicOrganizationID
    case sessionID
    case threadID
    case xSessionID
    case xClaudeCodeSessionID
    case xClaudeCodeAgentID
    case xClaudeCodeParentAgentID
    case xEkaiProvider
    case xEkaiModel
    case xEkaiAttempts
    case xEkaiOverheadUS
    case xEkaiUpstreamRequestID
    case xPayment
    case xPaymentResponse

    /// Finds the name that `bytes` spell in any mix of cases; `other` when it is none of these.
    public init(_ bytes: UnsafeRawBufferPointer) {
        self = .other
        guard !bytes.isEmpty, bytes.count <= FieldName.longestName else { return }
        var slot = FieldName.slot(of: bytes)
        while true {
            let raw = FieldName.slots[slot]
            guard raw != 0, let candidate = FieldName(rawValue: raw) else { return }
            if ByteClass.equals(bytes, ignoringCase: candidate.wireName) {
                self = candidate
                return
            }
            slot = (slot + 1) & 255
        }
    }

    /// True for fields that concern one connection only and are never forwarded (RFC 9110 section 7.6.1); the names that a
    /// `Connection` field lists come on top, see `MessageHead.isNominatedByConnection(_:)`.
    public var isHopByHop: Bool {
        switch self {
        case .connection, .keepAlive, .proxyConnection, .proxyAuthenticate, .proxyAuthorization, .proxyAuthenticationInfo,
            .te, .trailer, .transferEncoding, .upgrade, .http2Settings:
            true
        default: false
        }
    }

    /// No known name is longer; a longer one need not be looked up.
    private static let longestName = 40

    /// An open-addressed hash table of raw values, about a third full: 0 marks a free slot.
    private static let slots: InlineArray<256, UInt8> = {
        var table = InlineArray<256, UInt8>(repeating: 0)
        for name in allCases where name != .other {
            let wire = name.wireName
            let bytes = UnsafeRawBufferPointer(start: wire.utf8Start, count: wire.utf8CodeUnitCount)
            precondition(bytes.count <= longestName)
            var slot = slot(of: bytes)
            while table[slot] != 0 { slot = (slot + 1) & 255 }
            table[slot] = name.rawValue
        }
        return table
    }()

    /// The hash: length, first, middle and last letter tell nearly all of the names apart. `bytes` is not empty.
    private static func slot(of bytes: UnsafeRawBufferPointer) -> Int {
        let first = Int(ByteClass.lowered(bytes[0]))
        let middle = Int(ByteClass.lowered(bytes[bytes.count / 2]))
        let last = Int(ByteClass.lowered(bytes[bytes.count - 1]))
        return (bytes.count &* 53 &+ first &* 7 &+ middle &* 31 &+ last &* 3) & 255
    }
}
