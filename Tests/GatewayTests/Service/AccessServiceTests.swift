import Testing
import TestSupport

@testable import Gateway

/// Rights over real sockets: who is let in, what the others are told, and that nothing of it reaches a provider.
@Suite struct AccessServiceTests {
    private static let admin = "admin-key-0123456789"
    private static let viewer = "viewer-key-0123456789"
    private static let page = "Origin: https://app.example\r\n"

    private func rig(_ change: (inout AccessConfiguration) -> Void = { _ in }) throws -> GatewayRig {
        var access = AccessConfiguration()
        access.adminKey = Secret(Self.admin)
        access.viewerKey = Secret(Self.viewer)
        access.corsOrigins = ["https://app.example"]
        change(&access)
        return try GatewayRig { $0.access = access }
    }

    private func get(_ client: RawSocket, _ line: String, _ fields: String = "", host: String = "localhost") throws -> RawMessage {
        try client.send("\(line) HTTP/1.1\r\nHost: \(host)\r\n\(fields)\r\n")
        return try client.readResponse(hasBody: !line.hasPrefix("HEAD"))
    }

    @Test(arguments: ["", "Authorization: Bearer wrong-key-0123456789\r\n", "x-api-key: \(viewer)x\r\n", "Authorization: Basic \(admin)\r\n"])
    func turnsAwayWhoHasNoKey(_ fields: String) throws {
        let rig = try rig()
        let client = try rig.connect()
        for (path, says) in [
            ("/v1/chat/completions", #""code":"invalid_api_key""#), ("/v1/responses", #""code":"invalid_api_key""#),
            ("/v1/messages", #"{"type":"error","error":{"type":"authentication_error""#),
        ] {
            // On one connection: the body that nobody wanted does not disturb the next request.
            try client.post(path, #"{"model":"m-1","max_tokens":1,"messages":[]}"#, fields: fields)
            let answer = try client.readResponse()
            #expect(answer.status == 401)
            #expect(answer["www-authenticate"] == #"Bearer realm="ekai""#)
            #expect(answer["x-request-id"]?.hasPrefix("req_") == true)
            #expect(answer.text.contains(says), "\(answer.text)")
            #expect(!answer.text.contains("0123456789"))
        }
        #expect(try rig.books().contains(#""totalRequests":0"#), "who is not known has no row")
    }

    @Test(arguments: ["Authorization: Bearer", "x-api-key:", "api-key:", "x-goog-api-key:"]) func letsTheAdminIn(_ field: String) throws {
        let rig = try rig()
        let client = try rig.connect()
        try client.post("/v1/messages?key=k", #"{"model":"m-1","max_tokens":1,"messages":[]}"#, fields: "\(field) \(Self.admin)\r\n")
        let provider = try rig.provider.accept()
        let request = try provider.readRequest()
        #expect(!"\(request)".contains(Self.admin))
        #expect(request["authorization"] == "Bearer \(GatewayRig.key)")
        try provider.answerJSON("200 OK", #"{"id":"msg_1","type":"message","content":[],"usage":{"input_tokens":1,"output_tokens":1}}"#)
        #expect(try client.readResponse().status == 200)
        #expect(try get(client, "GET /usage", "\(field) \(Self.admin)\r\n").status == 200)
    }

    @Test func letsTheViewerReadAndCallNothing() throws {
        let rig = try rig()
        let client = try rig.connect()
        let key = "Authorization: Bearer \(Self.viewer)\r\n"
        for path in ["/usage", "/usage?format=csv", "/config/status"] { #expect(try get(client, "GET \(path)", key).status == 200) }
        for line in ["GET /v1/models", "GET /v1/models/priced", "GET /v1/messages"] { #expect(try get(client, line, key).status == 403) }
        try client.post("/v1/messages", "{}", fields: key)
        let answer = try client.readResponse()
        #expect(answer.status == 403)
        #expect(answer.text.contains(#""type":"permission_error""#) && !answer.text.contains(Self.viewer))
        #expect(answer["www-authenticate"] == nil)
    }

    @Test func staysOpenForProbesAndSaysNoMore() throws {
        let rig = try rig()
        let client = try rig.connect()
        for line in ["GET /health", "GET /livez", "GET /readyz", "HEAD /", "HEAD /api/hello"] {
            #expect(try get(client, line, host: "any.example").status == 200, "\(line)")
        }
        #expect(try get(client, "GET /nothing").status == 404)
        #expect(try get(client, "POST /health").status == 405)
        #expect(try get(client, "DELETE /usage").status == 401)
        #expect(try get(client, "DELETE /usage", "x-api-key: \(Self.admin)\r\n").status == 405)
    }

    @Test(arguments: [
        "//usage", "/usage/", "/./usage", "/%75sage", "/usage;x", "/v1/../usage", "/USAGE", "/usage%00", "/usage%3f", "http://localhost/usage",
        "http://evil.example/usage", "/config/status", "/config//status", "http://localhost:1/v1/models", "/v1/models/..%2f..%2fusage",
    ]) func noPathLeadsPastTheKey(_ target: String) throws {
        let rig = try rig()
        let answer = try get(try rig.connect(), "GET \(target)")
        #expect([401, 403, 404].contains(answer.status))
        #expect(!answer.text.contains("totalRequests") && !answer.text.contains("hasApiKeys") && !answer.text.contains(#""data""#))
    }

    @Test func knowsItsNames() throws {
        let rig = try rig { $0.hosts = ["gateway.example"] }
        let client = try rig.connect()
        let key = "x-api-key: \(Self.admin)\r\n"
        for host in ["gateway.example", "192.0.2.1:80", "[2001:db8::1]"] { #expect(try get(client, "GET /usage", key, host: host).status == 200) }
        let answer = try get(client, "GET /usage", key, host: "rebound.example")
        #expect(answer.status == 403 && answer.text.contains("server.hosts"))
        #expect(try get(client, "GET /v1/models", key, host: "rebound.example").status == 200)
    }

    // MARK: Reload

    /// The listener stays open to the network, so that the key must stay too, even where the new configuration means to go back to
    /// loopback, at once or in two steps.
    @Test func aReloadTakesNoKeyFromAnOpenListener() throws {
        let rig = try GatewayRig { configuration in
            configuration.server.listen = [.ipv4("0.0.0.0")]
            configuration.access.adminKey = Secret(Self.admin)
        }
        let client = try rig.connect()
        for _ in 0..<2 {
            #expect(throws: StartFailure.self) {
                try rig.reload { configuration in
                    configuration.server.listen = ListenAddress.loopback
                    configuration.access = AccessConfiguration()
                }
            }
            #expect(try get(client, "GET /usage").status == 401)
            try rig.reload { $0.server.listen = ListenAddress.loopback }
        }
        #expect(try get(client, "GET /usage", "x-api-key: \(Self.admin)\r\n").status == 200)
    }

    @Test func aReloadChangesKeys() throws {
        let rig = try rig()
        let client = try rig.connect()
        let other = "other-key-0123456789"
        try rig.reload { $0.access.adminKey = Secret(other) }
        #expect(try get(client, "GET /usage", "x-api-key: \(Self.admin)\r\n").status == 401)
        #expect(try get(client, "GET /usage", "x-api-key: \(other)\r\n").status == 200)
        #expect(throws: StartFailure.self) { try rig.reload { $0.access = AccessConfiguration() } }
        #expect(try get(client, "GET /usage").status == 401, "on loopback neither: a proxy may stand in front")
    }

    // MARK: Pages of other origins

    @Test func answersPreflights() throws {
        let rig = try rig()
        let client = try rig.connect()
        let asks = "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization, content-type, b\u{e4}d\r\n"
        let answer = try get(client, "OPTIONS /v1/messages", Self.page + asks)
        #expect(answer.status == 204)
        #expect(answer["access-control-allow-origin"] == "https://app.example")
        #expect(answer["access-control-allow-methods"] == "POST")
        #expect(answer["access-control-allow-headers"] == "authorization, content-type")
        #expect(answer["access-control-max-age"] == "600")
        #expect(answer["vary"] == "Origin")
        #expect(answer["access-control-allow-credentials"] == nil)
        let foreign = try get(client, "OPTIONS /v1/messages", "Origin: https://evil.example\r\n" + asks)
        #expect(foreign.status == 403 && foreign["access-control-allow-origin"] == nil)
        #expect(foreign.text.contains("server.cors_origins"))
        #expect(try get(client, "OPTIONS /v1/messages", asks).status == 401)
    }

    @Test func letsAllowedPagesReadEveryAnswer() throws {
        let rig = try rig()
        let client = try rig.connect()
        let key = "x-api-key: \(Self.admin)\r\n"
        for (line, fields, status) in [
            ("GET /v1/models", key, 200), ("GET /v1/models", "", 401), ("GET /v1/messages", key, 405), ("GET /nothing", "", 404),
            ("GET /health", "", 200), ("GET /usage", "x-api-key: \(Self.viewer)\r\n", 200),
        ] {
            let answer = try get(client, line, Self.page + fields)
            #expect(answer.status == status, "\(line)")
            #expect(answer["access-control-allow-origin"] == "https://app.example", "\(line)")
            #expect(answer["vary"] == "Origin")
            #expect(answer["access-control-expose-headers"]?.contains("x-request-id") == true)
            // The next answer on the connection is not for the page.
            #expect(try get(client, line, fields)["access-control-allow-origin"] == nil, "\(line)")
        }
    }

    @Test func letsAllowedPagesReadStreams() throws {
        let rig = try rig()
        let client = try rig.connect()
        try client.post(
            "/v1/chat/completions", #"{"model":"m-1","stream":true,"stream_options":{"include_usage":true},"messages":[]}"#,
            fields: Self.page + "x-api-key: \(Self.admin)\r\n")
        let provider = try rig.provider.accept()
        _ = try provider.readRequest()
        let events = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\ndata: [DONE]\n\n"
        try provider.sendStreamHead(events.utf8.count)
        try provider.send(events)
        let answer = try client.readResponse()
        #expect(answer.status == 200 && answer.text == events)
        #expect(answer["access-control-allow-origin"] == "https://app.example")
    }

    @Test func ownPagesNeedNoPermissionOfTheirOrigin() throws {
        let rig = try rig { $0.hosts = ["gateway.example"] }
        let client = try rig.connect()
        let fields = "Origin: https://gateway.example\r\nx-api-key: \(Self.admin)\r\n"
        let answer = try get(client, "GET /usage", fields, host: "gateway.example")
        #expect(answer.status == 200 && answer["access-control-allow-origin"] == nil)
        #expect(try get(client, "GET /usage", fields).status == 403, "of another origin than localhost")
    }
}
