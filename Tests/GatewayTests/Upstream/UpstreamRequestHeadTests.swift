import Dialects
import HTTP
import Testing

@testable import Gateway

@Suite struct UpstreamRequestHeadTests {
    private static func provider(auth: String = "bearer", headers: String = "{}") throws -> Provider {
        let configuration = try load(
            yaml: """
                providers:
                  - { name: p, kind: openai, base_url: "http://10.0.0.5:8000/v1", api_keys: [ operator-key ], auth: \(auth), headers: \(headers),
                      dialects: { chat: /chat/completions, responses: /responses, messages: /messages, gemini: /models } }
                """
        ).get()
        return Provider(configuration.providers[0], settingsID: 0, tls: nil)
    }

    private static func written(_ provider: Provider, _ fields: [String], _ dialect: Dialect = .chat, isTranslated: Bool = false) -> [String] {
        var sink: any MessageSink = TextSink()
        UpstreamRequestHead.write(for: provider, from: request(fields), dialect, isTranslated: isTranslated, via: ViaName(number: 0xABC), to: &sink)
        return (sink as? TextSink)?.text.split(separator: "\r\n").map { $0.lowercased() } ?? []
    }

    private static func request(_ fields: [String]) -> MessageHead {
        fields.isEmpty ? head("POST / HTTP/1.1") : head("POST / HTTP/1.1", fields.joined(separator: "\r\n"))
    }

    @Test(arguments: [
        "anthropic-version: 1", "anthropic-beta: a", "anthropic-dangerous-direct-browser-access: true", "openai-beta: a",
        "originator: codex", "x-codex-turn: 1", "x-stainless-lang: js", "user-agent: me/1", "accept: text/event-stream",
        "x-claude-code-session-id: s", "session_id: s", "x-app: cli", "x-client-request-id: 1",
    ]) func forwards(_ field: String) throws {
        #expect(Self.written(try Self.provider(), [field]).contains(field))
    }

    @Test func anotherDialectsFieldsStayHere() throws {
        let fields = ["openai-beta: a", "originator: codex", "user-agent: me/1", "anthropic-version: 1"]
        let written = Self.written(try Self.provider(), fields, .messages, isTranslated: true)
        #expect(fields.allSatisfy { !written.contains($0) })
        #expect(written.contains("anthropic-version: 2023-06-01"))
    }

    @Test(arguments: [
        "authorization: bearer mine", "x-api-key: mine", "api-key: mine", "x-goog-api-key: mine", "cookie: mine",
        "proxy-authorization: mine", "openai-organization: mine", "openai-project: mine", "x-forwarded-for: mine",
        "accept-encoding: mine", "referer: mine", "origin: mine", "te: mine", "forwarded: mine", "via: mine",
        "x-app-secret: mine", "session_id_token: mine", "x-session-id-token: mine", "x-unheard-of: mine",
    ]) func keepsToItself(_ field: String) throws {
        #expect(Self.written(try Self.provider(), [field]).allSatisfy { !$0.contains("mine") })
    }

    @Test func dropsWhatConnectionNominates() throws {
        let lines = Self.written(try Self.provider(), ["Connection: anthropic-beta, authorization", "anthropic-beta: mine"])
        #expect(lines.allSatisfy { !$0.contains("mine") })
        #expect(lines.contains("authorization: bearer operator-key"))
    }

    @Test func letsTheOperatorsHeadersWin() throws {
        let lines = Self.written(try Self.provider(headers: "{ User-Agent: ours, X-Team: a }"), ["user-agent: mine"])
        #expect(lines.filter { $0.hasPrefix("user-agent") } == ["user-agent: ours"])
        #expect(lines.contains("x-team: a"))
    }

    @Test("Anthropic's version stands once: the operator's, else the client's, else ours")
    func namesOneVersion() throws {
        func versions(_ headers: String, _ fields: [String]) throws -> [String] {
            Self.written(try Self.provider(headers: headers), fields, .messages).filter { $0.hasPrefix("anthropic-version") }
        }
        let operators = "{ Anthropic-Version: '2024-01-01' }"
        #expect(try versions("{}", []) == ["anthropic-version: 2023-06-01"])
        #expect(try versions("{}", ["anthropic-version: 2025-01-01"]) == ["anthropic-version: 2025-01-01"])
        #expect(try versions(operators, []) == ["anthropic-version: 2024-01-01"])
        #expect(try versions(operators, ["anthropic-version: 2025-01-01"]) == ["anthropic-version: 2024-01-01"])
    }

    @Test("Google takes the key in one header for Gemini and in another for chat")
    func showsTheKeyTheWayOfTheDialect() throws {
        let configuration = try load(["GOOGLE_API_KEY": "operator-key", "EKAI_GOOGLE_BASE_URL": "http://h"]).get()
        let google = Provider(configuration.providers[0], settingsID: 0, tls: nil)
        let fields = ["x-goog-api-key: mine", "authorization: bearer mine"]
        for (dialect, line) in [(Dialect.gemini, "x-goog-api-key: operator-key"), (.chat, "authorization: bearer operator-key")] {
            let lines = Self.written(google, fields, dialect)
            #expect(lines.contains(line))
            #expect(lines.filter { $0.contains("-key") || $0.contains("mine") }.count == 1)
        }
    }

    @Test(arguments: [
        ("bearer", "authorization: bearer operator-key"), ("x-api-key", "x-api-key: operator-key"),
        ("api-key", "api-key: operator-key"), ("x-goog-api-key", "x-goog-api-key: operator-key"),
    ]) func showsTheOperatorsKey(_ auth: String, _ line: String) throws {
        let lines = Self.written(try Self.provider(auth: auth), [])
        #expect(lines.contains(line))
        #expect(lines.filter { $0.contains("operator-key") }.count == 1)
        #expect(lines.first == "host: 10.0.0.5:8000")
    }
}
