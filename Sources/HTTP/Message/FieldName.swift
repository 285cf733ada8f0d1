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
    case xEkaiTokenCount
    case xPayment
    case xPaymentResponse

    /// Finds the name that `bytes` spell in any mix of cases; `other` when it is none of these.
    @inline(__always)
    public init(_ bytes: UnsafeRawBufferPointer) {
        self = .other
        guard let base = bytes.baseAddress, bytes.count > 0, bytes.count <= FieldName.longestName else { return }
        let key = Key(base, count: bytes.count)
        var slot = key.hash
        while true {
            let candidate = FieldName.slots[slot]
            if candidate.name == .other { return }
            if candidate.key == key, key.isWhole || ByteClass.equals(bytes, ignoringCase: candidate.name.wireName) {
                self = candidate.name
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

    /// What names are told apart by: their length and both ends, in small letters. The ends overlap in a short name.
    private struct Key: Equatable {
        var front: ByteWord
        var back: ByteWord
        var count: Int

        @inline(__always)
        init(_ name: UnsafeRawPointer, count: Int) {
            front = ByteWord(at: name, count: count).lowered
            back = count > ByteWord.size ? ByteWord(at: name + (count &- ByteWord.size)).lowered : front
            self.count = count
        }

        var hash: Int { front.hash(with: back) }

        /// Whether the ends are all there is of the name.
        var isWhole: Bool { count <= 2 * ByteWord.size }
    }

    /// An open-addressed hash table, about a third full: `other` marks a free slot.
    private static let slots: InlineArray<256, (key: Key, name: FieldName)> = {
        let free = Key(FieldName.other.wireName.utf8Start, count: 0)
        var table = InlineArray<256, (key: Key, name: FieldName)>(repeating: (free, .other))
        for name in allCases where name != .other {
            let wire = name.wireName
            precondition(wire.utf8CodeUnitCount <= longestName)
            let key = Key(wire.utf8Start, count: wire.utf8CodeUnitCount)
            var slot = key.hash
            while table[slot].name != .other { slot = (slot + 1) & 255 }
            table[slot] = (key, name)
        }
        return table
    }()
}
