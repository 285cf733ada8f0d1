import Testing

@testable import HTTP

@Suite("TLS engine: resumption")
struct TLSResumptionTests {
    /// A whole connection that reads the server's tickets.
    private func connect(
        _ world: TLSWorld, _ context: TLSClientContext? = nil, port: UInt16 = 443, clean: Bool = true
    ) throws -> Bool {
        let pair = try TLSPair(context ?? world.client, world.server, port: port)
        try pair.handshake()
        if clean {
            pair.client.shutdown()
            pair.server.shutdown()
            try pair.shuttle()
        }
        #expect(pair.client.wasResumed == pair.server.wasResumed)
        return pair.client.wasResumed
    }

    @Test("The second connection to an origin takes up the first one's session")
    func second() throws {
        let world = try TLSWorld()
        #expect(try !connect(world))
        #expect(world.client.sessionCount == 1)
        #expect(try connect(world))
        #expect(try connect(world))
        #expect(world.client.sessionCount == 1)
    }

    @Test("A connection dropped without close_notify leaves its session usable")
    func dropped() throws {
        let world = try TLSWorld()
        #expect(try !connect(world, clean: false))
        #expect(try connect(world, clean: false))
        #expect(try connect(world, clean: false))
    }

    @Test("Origins do not share sessions: the port counts")
    func origins() throws {
        let world = try TLSWorld()
        #expect(try !connect(world, port: 443))
        #expect(try !connect(world, port: 444))
        #expect(world.client.sessionCount == 2)
    }

    @Test("The cache is bounded: the origin unused for longest goes")
    func bounded() throws {
        let world = try TLSWorld()
        let client = TLSWorld.client(trusting: world.authority, sessionsMax: 2)
        _ = try connect(world, client, port: 1)
        _ = try connect(world, client, port: 2)
        #expect(try connect(world, client, port: 1))
        _ = try connect(world, client, port: 3)
        #expect(client.sessionCount == 2)
        #expect(try connect(world, client, port: 1))
        #expect(try !connect(world, client, port: 2))
    }

    @Test("Resumption can be switched off")
    func off() throws {
        let world = try TLSWorld()
        let client = TLSWorld.client(trusting: world.authority, sessionsMax: 0)
        #expect(try !connect(world, client))
        #expect(try !connect(world, client))
        #expect(client.sessionCount == 0)
    }

    @Test("A server that has lost its ticket keys gets a full handshake")
    func restartedServer() throws {
        let world = try TLSWorld()
        #expect(try !connect(world))
        let restarted = try TLSWorld.server(world.authority.issue("DNS:localhost"))
        let pair = try TLSPair(world.client, restarted)
        try pair.handshake()
        #expect(pair.client.phase == .established)
        #expect(!pair.client.wasResumed)
    }

    @Test("A failed handshake forgets the session")
    func forgotten() throws {
        let world = try TLSWorld()
        #expect(try !connect(world))
        let client = try TLSEngine(client: world.client, host: "localhost", port: 443)
        try client.startHandshake()
        #expect(throws: TLSFailure.self) { try Array("garbage".utf8).withUnsafeBytes { try client.receive($0) } }
        #expect(world.client.sessionCount == 0)
    }

    @Test("Loops share one context")
    func threads() async throws {
        let world = try TLSWorld()
        let (client, server) = (world.client, world.server)
        let established = try await withThrowingTaskGroup(of: Int.self) { group in
            for port in 0..<8 as Range<UInt16> {
                group.addTask {
                    try (0..<10).reduce(into: 0) { count, _ in
                        let pair = try TLSPair(client, server, port: port % 3)
                        try pair.handshake()
                        try pair.send([1, 2, 3], from: .server)
                        count += pair.received[.client] == [1, 2, 3] ? 1 : 0
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(established == 80)
        #expect(client.sessionCount == 3)
    }
}
