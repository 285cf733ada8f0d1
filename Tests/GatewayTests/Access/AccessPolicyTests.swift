import HTTP
import Testing

@testable import Gateway

/// The rights table of docs/contracts.md section 1, row by row.
@Suite struct AccessPolicyTests {
    static let admin = "admin-key-0123456789"
    static let viewer = "viewer-key-0123456789"

    static func configuration(_ change: (inout AccessConfiguration) -> Void = { _ in }) -> AccessConfiguration {
        var configuration = AccessConfiguration()
        configuration.adminKey = Secret(admin)
        configuration.viewerKey = Secret(viewer)
        configuration.corsOrigins = ["https://app.example"]
        change(&configuration)
        return configuration
    }

    /// As the handler asks: the route of the head, and what the policy wants of the head.
    static func verdict(_ policy: AccessPolicy, _ line: String, _ fields: String...) -> AccessPolicy.Verdict {
        let host = fields.first { $0.hasPrefix("Host:") } ?? "Host: localhost"
        let others = fields.filter { !$0.hasPrefix("Host:") }
        let head = head(line + " HTTP/1.1", ([host] + others).joined(separator: "\r\n"))
        let route = Route.of(head)
        return policy.judge(route, policy.request(head, for: route))
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var line: String
        var right: Right
        var testDescription: String { line }
    }

    static let table: [Row] = [
        Row(line: "GET /health", right: .open), Row(line: "GET /livez", right: .open), Row(line: "GET /readyz", right: .open),
        Row(line: "HEAD /", right: .open), Row(line: "HEAD /api/hello", right: .open), Row(line: "DELETE /health", right: .open),
        Row(line: "GET /nothing", right: .open), Row(line: "GET /v1/nothing", right: .open), Row(line: "GET /admin/api/keys", right: .open),
        Row(line: "POST /v1/chat/completions", right: .client), Row(line: "POST /v1/responses", right: .client),
        Row(line: "POST /v1/messages?beta=true", right: .client), Row(line: "GET /v1/models", right: .client),
        Row(line: "GET /v1/models/a/b", right: .client), Row(line: "GET /v1/messages", right: .client),
        Row(line: "POST /v1beta/models/g:generateContent", right: .client), Row(line: "POST /v1/models/g:streamGenerateContent", right: .client),
        Row(line: "GET /v1beta/models", right: .client), Row(line: "GET /v1beta/models/g:countTokens", right: .client),
        Row(line: "POST /v1beta/models/g:embedContent", right: .open),
        Row(line: "OPTIONS /v1/messages", right: .client), Row(line: "DELETE /v1/models/a", right: .client),
        Row(line: "GET /usage", right: .viewer), Row(line: "HEAD /usage?format=csv", right: .viewer),
        Row(line: "GET /config/status", right: .viewer), Row(line: "POST /usage", right: .viewer), Row(line: "BREW /usage", right: .viewer),
        Row(line: "OPTIONS /config/status", right: .viewer),
    ]

    @Test(arguments: table) func withKeysEachRouteHasItsRight(_ row: Row) {
        let policy = AccessPolicy(Self.configuration())
        let isOpen = row.right == .open
        let nobody: AccessPolicy.Verdict = isOpen ? .allowed(as: .anonymous) : .refused(.unauthorized)
        #expect(Self.verdict(policy, row.line) == nobody)
        #expect(Self.verdict(policy, row.line, "Authorization: Bearer \(Self.admin)x") == nobody)
        #expect(Self.verdict(policy, row.line, "Authorization: Bearer \(Self.admin.dropLast())") == nobody)
        #expect(Self.verdict(policy, row.line, "X-Api-Key: \(String(repeating: "k", count: 600))") == nobody)
        #expect(
            Self.verdict(policy, row.line, "Authorization: Bearer \(Self.admin)") == .allowed(as: isOpen ? .anonymous : .admin))
        let viewer: AccessPolicy.Verdict =
            switch row.right {
            case .open: .allowed(as: .anonymous)
            case .viewer: .allowed(as: .viewer)
            case .client, .admin: .refused(.forbidden)
            }
        #expect(Self.verdict(policy, row.line, "X-Api-Key: \(Self.viewer)") == viewer)
    }

    @Test(arguments: table) func withoutKeysEverythingIsOpen(_ row: Row) {
        let policy = AccessPolicy(AccessConfiguration())
        #expect(Self.verdict(policy, row.line) == .allowed(as: .anonymous))
        #expect(Self.verdict(policy, row.line, "Authorization: Bearer whatever") == .allowed(as: .anonymous))
        #expect(Self.verdict(policy, row.line, "Host: evil.example") == .refused(.foreignHost))
        #expect(Self.verdict(policy, row.line, "Origin: https://evil.example") == .refused(.foreignOrigin))
    }

    /// Google's clients may have their key in the query: on Google's paths, and nowhere else.
    @Test func queryKeysAreReadOnGeminisPaths() {
        let policy = AccessPolicy(Self.configuration())
        let key = "key=\(Self.admin)"
        for line in [
            "POST /v1beta/models/g:generateContent?\(key)", "POST /v1/models/g:streamGenerateContent?alt=sse&\(key)", "GET /v1beta/models?\(key)",
            "GET /v1beta/models/g?\(key)", "GET /v1beta/models/g:countTokens?\(key)",
        ] {
            #expect(Self.verdict(policy, line) == .allowed(as: .admin), "\(line)")
            #expect(Self.verdict(policy, line + "x") == .refused(.unauthorized), "\(line)")
            #expect(Self.verdict(policy, line, "X-Goog-Api-Key: wrong") == .refused(.unauthorized), "\(line)")
        }
        for line in ["POST /v1/chat/completions?\(key)", "GET /v1/models?\(key)", "GET /v1/models/g?\(key)", "GET /usage?\(key)"] {
            #expect(Self.verdict(policy, line) == .refused(.unauthorized), "\(line)")
        }
    }

    /// All principals against all rights: only these pairs are allowed.
    @Test func principalsHaveTheirRights() {
        let principals: [Principal] = [.anonymous, .client(id: "k1"), .viewer, .admin]
        for principal in principals {
            let rights = Right.allCases.filter { principal.has($0) }
            switch principal {
            case .anonymous: #expect(rights == [.open] && principal.keyID == nil)
            case .client: #expect(rights == [.open, .client] && principal.keyID == "k1")
            case .viewer: #expect(rights == [.open, .viewer] && principal.keyID == "viewer")
            case .admin: #expect(rights == Right.allCases && principal.keyID == "admin")
            }
        }
    }

    @Test func metricsAreTheOperatorsUnlessPublic() {
        #expect(AccessPolicy(Self.configuration()).metricsRight == .viewer)
        #expect(AccessPolicy(Self.configuration { $0.metricsArePublic = true }).metricsRight == .open)
    }

    @Test func anAdminKeyAloneMakesNoViewer() {
        let policy = AccessPolicy(Self.configuration { $0.viewerKey = nil })
        #expect(Self.verdict(policy, "GET /usage", "X-Api-Key: \(Self.viewer)") == .refused(.unauthorized))
        #expect(Self.verdict(policy, "GET /usage", "X-Api-Key: \(Self.admin)") == .allowed(as: .admin))
    }

    /// What shows the operator's affairs answers to known names only (DNS rebinding); what a client may call, to every name.
    @Test(arguments: table) func withKeysTheHostCountsForTheOperatorsRoutes(_ row: Row) {
        let policy = AccessPolicy(Self.configuration { $0.hosts = ["gateway.example"] })
        let key = "Authorization: Bearer \(Self.admin)"
        let known = Self.verdict(policy, row.line, "Host: gateway.example", key)
        #expect(known == .allowed(as: row.right == .open ? .anonymous : .admin))
        #expect(Self.verdict(policy, row.line, "Host: 192.0.2.7:3001", key) == known)
        let strange = Self.verdict(policy, row.line, "Host: rebound.example", key)
        #expect(strange == (row.right == .viewer ? .refused(.foreignHost) : known))
    }

    /// The target's authority counts before Host (RFC 9112 section 3.2.2).
    @Test func theAuthorityThatCountsIsJudged() {
        #expect(Self.verdict(AccessPolicy(AccessConfiguration()), "GET http://evil.example/") == .refused(.foreignHost))
        let policy = AccessPolicy(Self.configuration())
        #expect(Self.verdict(policy, "GET http://evil.example/usage", "X-Api-Key: \(Self.admin)") == .refused(.foreignHost))
        #expect(Self.verdict(policy, "GET http://localhost/usage", "Host: evil.example") == .refused(.unauthorized))
    }

    @Test(arguments: table) func foreignPagesAreRefusedEvenWithAKey(_ row: Row) {
        let policy = AccessPolicy(Self.configuration())
        let key = "Authorization: Bearer \(Self.admin)"
        #expect(Self.verdict(policy, row.line, "Origin: https://evil.example", key) == .refused(.foreignOrigin))
        #expect(Self.verdict(policy, row.line, "Origin: http://localhost:5173", key) == .refused(.foreignOrigin))
        let own = Self.verdict(policy, row.line, "Origin: http://localhost", key)
        #expect(own == Self.verdict(policy, row.line, key))
        #expect(Self.verdict(policy, row.line, "Origin: https://app.example", key) == own)
    }

    @Test func preflightsOfAllowedPagesNeedNoKey() {
        let policy = AccessPolicy(Self.configuration())
        let asks = "Access-Control-Request-Method: POST"
        func preflight(_ line: String, _ origin: String = "https://app.example") -> AccessPolicy.Verdict {
            Self.verdict(policy, line, "Origin: \(origin)", asks)
        }
        #expect(preflight("OPTIONS /v1/messages") == .preflight(methods: "POST"))
        #expect(preflight("OPTIONS /usage") == .preflight(methods: "GET, HEAD"))
        #expect(preflight("OPTIONS /nothing") == .allowed(as: .anonymous), "and is not found")
        #expect(preflight("OPTIONS /v1/messages", "https://evil.example") == .refused(.foreignOrigin))
        #expect(preflight("OPTIONS /v1/messages", "http://localhost") == .refused(.unauthorized), "own pages do not ask")
        #expect(preflight("POST /v1/messages") == .refused(.unauthorized), "not a question")
        #expect(Self.verdict(policy, "OPTIONS /v1/messages", "Origin: https://app.example") == .refused(.unauthorized))
        #expect(Self.verdict(policy, "OPTIONS /v1/messages", asks) == .refused(.unauthorized))
    }

    @Test func keysInQueriesCountNowhereElse() {
        let policy = AccessPolicy(Self.configuration())
        for row in Self.table where row.right != .open && !row.line.contains("/v1beta/") && !row.line.contains(":") {
            let separator = row.line.contains("?") ? "&" : "?"
            #expect(Self.verdict(policy, row.line + "\(separator)key=\(Self.admin)") == .refused(.unauthorized))
        }
    }
}
