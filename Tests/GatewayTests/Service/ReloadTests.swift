import Testing
import TestSupport

@testable import Gateway

/// Another configuration while the gateway runs: for what begins afterwards, and for nothing that is under way.
@Suite struct ReloadTests {
    private static let body = #"{"model":"new-name","messages":[]}"#

    private func add(_ model: String, to configuration: inout GatewayConfiguration) {
        configuration.models.append(
            ModelConfiguration(name: model, targets: [ModelTarget(provider: "mock", model: "behind-\(model)")]))
    }

    @Test func aNewModelIsForNewRequestsAndAStreamGoesOn() throws {
        let rig = try GatewayRig()
        let old = try rig.connect()
        try old.post("/v1/chat/completions", #"{"model":"m","stream":true,"messages":[]}"#)
        let stream = try rig.provider.accept()
        _ = try stream.readRequest()
        try stream.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")

        try rig.reload { add("new-name", to: &$0) }
        let new = try rig.connect()
        try new.post("/v1/chat/completions", Self.body)
        let provider = try rig.provider.accept()
        #expect(try provider.readRequest().text.contains("behind-new-name"))
        try provider.answerJSON("200 OK", #"{"id":"x","choices":[]}"#)
        #expect(try new.readResponse().status == 200)

        let event = #"data: {"choices":[{"index":0,"delta":{"content":"on"}}]}"# + "\n\ndata: [DONE]\n\n"
        try stream.send(String(event.utf8.count, radix: 16) + "\r\n\(event)\r\n0\r\n\r\n")
        let answer = try old.readResponse()
        #expect(answer.isWhole && answer.text == event)
    }

    @Test func theAdminKeyDoesNotGoByReload() throws {
        let rig = try GatewayRig { $0.access.adminKey = Secret("admin-0123456789abcdef") }
        #expect(throws: StartFailure.self) { try rig.reload { $0.access.adminKey = nil } }
        let client = try rig.connect()
        try client.send("GET /usage HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try client.readResponse().status == 401)
        try rig.reload { $0.access.adminKey = Secret("other-0123456789abcdef") }
        try client.send("GET /usage HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: admin-0123456789abcdef\r\n\r\n")
        #expect(try client.readResponse().status == 401)
        try client.send("GET /usage HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: other-0123456789abcdef\r\n\r\n")
        #expect(try client.readResponse().status == 200)
    }

    @Test func whatWaitsForARestartIsToldAgainstTheStart() throws {
        let rig = try GatewayRig()
        #expect(try rig.reload { $0.server.port = 1 } == ["server.port"])
        #expect(try rig.reload { $0.server.port = 1 } == ["server.port"])
        #expect(try rig.reload { _ in } == [])
    }

    @Test func aFileThatIsMissingChangesNothing() throws {
        let rig = try GatewayRig()
        #expect(throws: StartFailure.self) {
            try rig.reload { configuration in
                add("new-name", to: &configuration)
                configuration.providers[0].authorityFile = "/nowhere/ca.pem"
            }
        }
        let client = try rig.connect()
        try client.send("GET /v1/models/new-name HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try client.readResponse().status == 404)
    }

    @Test func secretsOfEarlierConfigurationsStayMasked() {
        func secrets(_ text: String) -> [RedactedSecret] { [RedactedSecret(Secret(text))] }
        let log = LogSecrets(secrets("first-secret-0123456789"))
        for _ in 0..<3 { log.replace(with: secrets("second-secret-0123456789")) }
        log.replace(with: secrets("third-secret-0123456789"))
        for word in ["first", "second", "third"] {
            #expect(!log.masked("x \(word)-secret-0123456789 y").contains("secret-0123456789"))
        }
    }
}
