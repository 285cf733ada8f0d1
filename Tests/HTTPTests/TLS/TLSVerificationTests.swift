import COpenSSL
import Testing

@testable import HTTP

@Suite("TLS engine: whom it trusts")
struct TLSVerificationTests {
    /// Runs a handshake that the client must refuse, and returns both sides' failures.
    private func refusal(_ pair: TLSPair) -> (client: TLSFailure?, server: TLSFailure?) {
        #expect(throws: TLSFailure.self) { try pair.handshake() }
        #expect(pair.client.phase == .failed)
        // The alert for the peer survives the failure.
        #expect(throws: TLSFailure.self) {
            try pair.move(from: .client)
            try pair.read(.server)
        }
        #expect(ERR_peek_error() == 0, "the thread's error queue is empty for the next connection")
        return (pair.client.failure, pair.server.failure)
    }

    @Test("Another host's certificate", arguments: ["example.com", "127.0.0.2", "::2", "localhost.example.com"])
    func wrongHost(host: String) throws {
        let world = try TLSWorld()
        let failures = refusal(try TLSPair(world.client, world.server, host: host))
        #expect(failures.client == .certificate(.hostMismatch))
        #expect(failures.server == .alert(UInt8(SSL_AD_BAD_CERTIFICATE)))
    }

    @Test("Addresses, a final dot and letter case", arguments: ["127.0.0.1", "::1", "localhost.", "LOCALHOST"])
    func rightHost(host: String) throws {
        let world = try TLSWorld()
        let pair = try TLSPair(world.client, world.server, host: host)
        try pair.handshake()
        #expect(pair.client.phase == .established)
    }

    @Test("A wildcard stands for one whole label")
    func wildcard() throws {
        let authority = try TestAuthority()
        let server = try TLSWorld.server(authority.issue("DNS:*.example.com,DNS:api*.example.org"))
        let client = TLSWorld.client(trusting: authority)
        try TLSPair(client, server, host: "api.example.com").handshake()
        #expect(refusal(try TLSPair(client, server, host: "a.b.example.com")).client == .certificate(.hostMismatch))
        #expect(refusal(try TLSPair(client, server, host: "api1.example.org")).client == .certificate(.hostMismatch))
    }

    @Test("An unknown authority")
    func unknownAuthority() throws {
        let world = try TLSWorld()
        let stranger = TLSWorld.client(trusting: try TestAuthority(name: "Another"))
        let failures = refusal(try TLSPair(stranger, world.server))
        #expect(failures.client == .certificate(.unknownAuthority))
        #expect(failures.server == .alert(UInt8(SSL_AD_UNKNOWN_CA)))
    }

    @Test("System trust does not include the test's authority")
    func systemTrust() throws {
        let world = try TLSWorld()
        let failures = refusal(try TLSPair(TLSClientContext(), world.server))
        #expect(failures.client == .certificate(.unknownAuthority))
    }

    @Test("A self-signed certificate")
    func selfSigned() throws {
        let world = try TLSWorld()
        let server = try TLSWorld.server(TestAuthority.selfSigned("DNS:localhost"))
        #expect(refusal(try TLSPair(world.client, server)).client == .certificate(.selfSigned))
    }

    @Test("Expired, and not yet valid")
    func dates() throws {
        let expired = try TLSWorld(days: -10 ... -1)
        #expect(refusal(try TLSPair(expired.client, expired.server)).client == .certificate(.expired))
        let early = try TLSWorld(days: 1...10)
        #expect(refusal(try TLSPair(early.client, early.server)).client == .certificate(.notYetValid))
    }

    @Test("Reasons read well and hold no data", arguments: [
        (TLSFailure.certificate(.expired), "TLS: the certificate has expired"),
        (.certificate(.hostMismatch), "TLS: the certificate is for another host"),
        (.alert(48), "TLS: the peer refused the connection: unknown CA"),
        (.truncated, "TLS: the connection ended without close_notify"),
    ])
    func reasons(failure: TLSFailure, text: String) {
        #expect(failure.description == text)
    }

    @Test("Host names that cannot be", arguments: [
        "", ".", "a b", "good.example\0.evil", "bücher.example", String(repeating: "a", count: 254),
    ])
    func impossibleHost(host: String) throws {
        let context = TLSClientContext()
        #expect(throws: TLSFailure.configuration("not a host name")) {
            try TLSEngine(client: context, host: host, port: 443)
        }
    }

    @Test("Bytes that are not TLS", arguments: [
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
        "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}",
    ])
    func garbage(text: String) throws {
        let world = try TLSWorld()
        for side in [TLSPair.Side.client, .server] {
            let pair = try TLSPair(world.client, world.server)
            try pair.engine(side).startHandshake()
            #expect(throws: TLSFailure.self) { try pair.deliver(Array(text.utf8), to: side) }
            guard case .protocolViolation = pair.engine(side).failure else {
                Issue.record("\(String(describing: pair.engine(side).failure))")
                continue
            }
            #expect(ERR_peek_error() == 0)
        }
    }

    @Test("Plain HTTP is known by its first word")
    func plainHTTP() throws {
        let world = try TLSWorld()
        let pair = try TLSPair(world.client, world.server)
        try pair.server.startHandshake()
        #expect(throws: TLSFailure.plainHTTP) {
            try pair.deliver(Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8), to: .server)
        }
    }

    @Test("A record that was tampered with fails its connection, and no other", arguments: [0, 3, 5, 12, 24])
    func tampered(index: Int) throws {
        let world = try TLSWorld()
        let pair = try TLSPair(world.client, world.server)
        let bystander = try TLSPair(world.client, world.server)
        try pair.handshake()
        try bystander.handshake()
        _ = try Array("secret".utf8).withUnsafeBytes { try pair.server.write($0) }
        var wire = pair.takeOutput(of: .server)
        wire[index] ^= 0x40
        #expect(throws: TLSFailure.self) {
            try pair.deliver(wire, to: .client)
            try pair.client.receiveEnd()
            try pair.read(.client)
        }
        #expect(pair.received[.client] == [])
        try bystander.send([1], from: .server)
        #expect(bystander.received[.client] == [1])
    }

    @Test("TLS 1.0 is refused by the server, with alert protocol_version")
    func oldClient() throws {
        let world = try TLSWorld()
        let server = try TLSEngine(server: world.server)
        try server.startHandshake()
        // ClientHello: version 3.1, no session, ECDHE-ECDSA-AES128-SHA, null compression, no extensions (RFC 2246 section 7.4.1.2).
        let body: [UInt8] = [3, 1] + [UInt8](repeating: 9, count: 32) + [0, 0, 2, 0xC0, 0x09, 1, 0]
        let hello: [UInt8] = [22, 3, 1, 0, UInt8(body.count + 4), 1, 0, 0, UInt8(body.count)] + body
        #expect(throws: TLSFailure.protocolViolation("unsupported protocol")) {
            try hello.withUnsafeBytes { try server.receive($0) }
        }
        var alert: [UInt8] = []
        server.withPendingOutput { bytes in
            alert = [UInt8](bytes)
            return bytes.count
        }
        #expect(alert.suffix(2) == [2, 70])
    }

    @Test("TLS 1.1 is refused by the client")
    func oldServer() throws {
        let world = try TLSWorld()
        let client = try TLSEngine(client: world.client, host: "localhost", port: 443)
        try client.startHandshake()
        let body: [UInt8] = [3, 2] + [UInt8](repeating: 9, count: 32) + [0, 0xC0, 0x09, 0]
        let hello: [UInt8] = [22, 3, 2, 0, UInt8(body.count + 4), 2, 0, 0, UInt8(body.count)] + body
        #expect(throws: TLSFailure.protocolViolation("unsupported protocol")) {
            try hello.withUnsafeBytes { try client.receive($0) }
        }
    }

    @Test("No protocol in common")
    func alpnMismatch() throws {
        let world = try TLSWorld()
        var options = TLSClientContext.Options()
        options.authorities = world.authority.pem
        options.applicationProtocols = ["h2"]
        let pair = try TLSPair(TLSClientContext(options), world.server)
        #expect(throws: TLSFailure.self) { try pair.handshake() }
        #expect(throws: TLSFailure.alert(120)) {
            try pair.move(from: .server)
            try pair.read(.client)
        }
    }

    @Test("Unusable material is named before a connection is made")
    func configuration() throws {
        var options = TLSClientContext.Options()
        options.authorityFile = "/nonexistent/authority.pem"
        #expect(throws: TLSFailure.self) { try TLSClientContext(options).prepare() }
        options.authorityFile = nil
        options.authorities = Array("not PEM".utf8)
        #expect(throws: TLSFailure.configuration("no certificate in the PEM text")) {
            try TLSClientContext(options).prepare()
        }
        let authority = try TestAuthority()
        let one = try authority.issue("DNS:a")
        let two = try authority.issue("DNS:b")
        #expect(throws: TLSFailure.self) {
            try TLSServerContext(certificateChain: one.certificateChain, privateKey: two.privateKey)
        }
        #expect(throws: TLSFailure.self) {
            try TLSServerContext(certificateChain: one.certificateChain, privateKey: Array("none".utf8))
        }
        #expect(ERR_peek_error() == 0)
    }
}
