import Foundation
import Store
import TestSupport

@testable import Gateway

/// A whole gateway in this process, on a port of its own, with one provider that the test plays with raw sockets.
final class GatewayRig {
    /// What the gateway shows the provider, and must show nobody else.
    static let key = "sk-operator-0123456789"

    let provider: RawListener
    let port: UInt16
    private let service: GatewayService
    private let folder: URL
    private let configuration: GatewayConfiguration
    private var isDrained = false

    /// - Parameters:
    ///   - server: more of the configuration's section `server`.
    ///   - adjust: changes what was read.
    init(server: String = "", adjust: (inout GatewayConfiguration) -> Void = { _ in }) throws {
        provider = try RawListener()
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("ekai-gateway-\(UUID().uuidString)")
        let yaml = """
            server: { host: 127.0.0.1, port: 0\(server) }
            providers:
              - { name: mock, kind: openai, base_url: "http://127.0.0.1:\(provider.port)/v1", api_keys: [ "\(Self.key)" ], models: ["*"],
                  dialects: { chat: /chat/completions, responses: /responses, messages: /messages, gemini: /models } }
            models:
              - { name: priced, targets: [ "mock/priced-upstream" ], price: { input: 1, output: 2 } }
            usage: { database: "\(folder.path)/usage.db" }
            """
        var configuration = try load(["EKAI_LOOPS": "1", "LOG_LEVEL": "critical"], yaml: yaml).get()
        adjust(&configuration)
        self.configuration = configuration
        service = try GatewayService(configuration)
        port = service.listeners.port ?? 0
    }

    deinit {
        drain()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Reloads the configuration it was started with, changed by `adjust`.
    /// - Returns: settings that wait for a restart.
    @discardableResult
    func reload(adjust: (inout GatewayConfiguration) -> Void) throws -> [String] {
        var configuration = configuration
        adjust(&configuration)
        return try service.reload(configuration)
    }

    /// Stops the gateway, the books included.
    func drain() {
        guard !isDrained else { return }
        isDrained = true
        _ = service.drain { true }
    }

    /// Stops the gateway and returns its books as `/usage` would tell them.
    func books() throws -> String {
        isDrained = true
        _ = service.drain { false }
        let store = try UsageStore(path: folder.path + "/usage.db")
        defer { _ = store.close(timeoutMilliseconds: 5_000) }
        let now = Int64(Date.now.timeIntervalSince1970 * 1_000)
        let query = try UsageQuery(parameters: [], now: now + 60_000)
        return String(decoding: try store.report(query).json(), as: UTF8.self)
    }

    /// What the gateway calls itself towards providers.
    var via: String { service.via }

    func connect() throws -> RawSocket { try RawSocket.connect(port: port) }

    /// Returns once the gateway's loop has looked at its sockets: whatever a peer sent before has been seen.
    func settle(_ probe: RawSocket) throws {
        try probe.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _ = try probe.readResponse()
    }
}

extension RawSocket {
    /// Sends a JSON request as an SDK would.
    func post(_ path: String, _ body: String, fields: String = "") throws {
        try send(
            "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)")
    }

    /// Answers with a stream of events whose length is known, so that the connection can be used again.
    func sendStreamHead(_ count: Int) throws {
        try send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: \(count)\r\n\r\n")
    }

    func answerJSON(_ status: String, _ body: String, fields: String = "") throws {
        try send(
            "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)")
    }
}
