import COpenSSL
import Testing

@testable import HTTP

@Suite("TLS engine: data")
struct TLSEngineTests {
    @Test("Handshake and data both ways, the wire cut at every size", arguments: [1, 2, 3, 5, 7, 64, 1000, 16_384, 100_000])
    func everyChunkSize(size: Int) throws {
        let world = try TLSWorld()
        let pair = try TLSPair(world.client, world.server, chunk: { size })
        #expect(pair.client.phase == .idle)
        try pair.handshake()
        #expect(pair.client.phase == .established)
        #expect(pair.server.phase == .established)
        #expect(pair.client.negotiatedProtocol == "http/1.1")
        #expect(pair.server.negotiatedProtocol == "http/1.1")
        #expect(pair.client.protocolVersion == "TLSv1.3")
        #expect(!pair.client.wasResumed)
        try pair.send(Array("ping".utf8), from: .client)
        try pair.send(Array("pong pong".utf8), from: .server)
        #expect(pair.received[.server] == Array("ping".utf8))
        #expect(pair.received[.client] == Array("pong pong".utf8))
        #expect(pair.outcomes[.client] == .wantMore)
    }

    @Test("A megabyte each way through random cuts", arguments: [1, 2, 3] as [UInt64])
    func megabyte(seed: UInt64) throws {
        let world = try TLSWorld()
        var generator = TLSTestGenerator(state: seed)
        let payload = (0..<1_048_576).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let pair = try TLSPair(world.client, world.server, chunk: { Int.random(in: 1...40_000, using: &generator) })
        try pair.handshake()
        try pair.send(payload, from: .client)
        try pair.send(payload, from: .server)
        #expect(pair.received[.server] == payload, "seed \(seed)")
        #expect(pair.received[.client] == payload, "seed \(seed)")
    }

    @Test("Writes stop at the watermark and go on when output has left")
    func watermark() throws {
        let world = try TLSWorld()
        let pair = try TLSPair(world.client, world.server)
        try pair.handshake()
        let payload = [UInt8](repeating: 7, count: 1_000_000)
        let taken = try payload.withUnsafeBytes { try pair.client.write($0) }
        #expect(taken >= TLSLimits.pendingOutputBytesMax - TLSLimits.recordBytesMax)
        #expect(pair.client.pendingOutputBytes < TLSLimits.pendingOutputBytesMax + 17 * 1024)
        #expect(try payload.withUnsafeBytes { try pair.client.write($0) } == 0)
        pair.client.withPendingOutput { $0.count }
        #expect(try payload.withUnsafeBytes { try pair.client.write($0) } > 0)
    }

    @Test("Output that is sent in part keeps its order")
    func partialSend() throws {
        let world = try TLSWorld()
        let pair = try TLSPair(world.client, world.server)
        try pair.handshake()
        _ = try Array("first ".utf8).withUnsafeBytes { try pair.client.write($0) }
        var wire: [UInt8] = []
        pair.client.withPendingOutput { bytes in
            wire += bytes.prefix(3)
            return 3
        }
        _ = try Array("second".utf8).withUnsafeBytes { try pair.client.write($0) }
        #expect(pair.client.withPendingOutput { _ in 0 } == 0)
        wire += pair.takeOutput(of: .client)
        #expect(pair.client.pendingOutputBytes == 0)
        try pair.deliver(wire, to: .server)
        #expect(pair.received[.server] == Array("first second".utf8))
    }

    @Test("Nothing is written before the handshake")
    func earlyWrite() throws {
        let world = try TLSWorld()
        let pair = try TLSPair(world.client, world.server)
        try pair.client.startHandshake()
        #expect(pair.client.phase == .handshaking)
        #expect(try [1, 2, 3].withUnsafeBytes { try pair.client.write($0) } == 0)
        var byte: UInt8 = 0
        #expect(try withUnsafeMutableBytes(of: &byte) { try pair.client.read(into: $0) } == .wantMore)
    }

    @Test("close_notify is a clean end, and the other direction stays open")
    func closeNotify() throws {
        let world = try TLSWorld()
        let pair = try TLSPair(world.client, world.server)
        try pair.handshake()
        try pair.send(Array("all".utf8), from: .server)
        pair.server.shutdown()
        pair.server.shutdown()
        try pair.move(from: .server)
        #expect(pair.received[.client] == Array("all".utf8))
        #expect(pair.outcomes[.client] == .closed)
        #expect(try [1].withUnsafeBytes { try pair.server.write($0) } == 0)
        try pair.client.receiveEnd()
        try pair.read(.client)
        #expect(pair.outcomes[.client] == .closed)
        try pair.send(Array("late".utf8), from: .client)
        #expect(pair.received[.server] == Array("late".utf8))
    }

    @Test("An end without close_notify is truncation, after what came was read")
    func truncation() throws {
        let world = try TLSWorld()
        let pair = try TLSPair(world.client, world.server)
        try pair.handshake()
        _ = try Array("half".utf8).withUnsafeBytes { try pair.server.write($0) }
        let wire = pair.takeOutput(of: .server)
        try wire.withUnsafeBytes { try pair.client.receive($0) }
        try pair.client.receiveEnd()
        #expect(throws: TLSFailure.truncated) { try pair.read(.client) }
        #expect(pair.received[.client] == Array("half".utf8))
        #expect(pair.client.phase == .failed)
        #expect(throws: TLSFailure.truncated) { try [1].withUnsafeBytes { try pair.client.write($0) } }
    }

    @Test("An end inside a record, and inside the handshake, is truncation")
    func truncationInside() throws {
        let world = try TLSWorld()
        let pair = try TLSPair(world.client, world.server)
        try pair.handshake()
        _ = try Array("half".utf8).withUnsafeBytes { try pair.server.write($0) }
        try pair.deliver(Array(pair.takeOutput(of: .server).dropLast()), to: .client)
        try pair.client.receiveEnd()
        #expect(throws: TLSFailure.truncated) { try pair.read(.client) }
        #expect(pair.received[.client] == [])

        let other = try TLSPair(world.client, world.server)
        try other.client.startHandshake()
        #expect(throws: TLSFailure.truncated) { try other.client.receiveEnd() }
    }

    @Test("An idle connection holds little more than nothing for ciphertext")
    func idleMemory() throws {
        let world = try TLSWorld()
        let pair = try TLSPair(world.client, world.server, chunk: { 65_536 })
        try pair.handshake()
        pair.client.releaseIdleMemory()
        #expect(pair.client.bufferCapacityBytes <= 2 * TLSLimits.bufferBytesKeptIdle)
        try pair.send([UInt8](repeating: 1, count: 500_000), from: .server)
        try pair.send([UInt8](repeating: 1, count: 500_000), from: .client)
        #expect(pair.client.bufferCapacityBytes <= 2 * TLSLimits.bufferBytesKept)
        pair.client.releaseIdleMemory()
        #expect(pair.client.bufferCapacityBytes <= 2 * TLSLimits.bufferBytesKeptIdle)
        try pair.send(Array("still works".utf8), from: .server)
        #expect(pair.received[.client]?.suffix(11) == Array("still works".utf8)[...])
    }

    @Test("Received slices of the advised size reuse one buffer")
    func sliceKeepsBuffer() throws {
        let world = try TLSWorld()
        let pair = try TLSPair(world.client, world.server, chunk: { TLSLimits.receiveSliceBytes })
        try pair.handshake()
        try pair.send([UInt8](repeating: 1, count: 200_000), from: .server)
        let capacity = pair.client.bufferCapacityBytes
        #expect(capacity > TLSLimits.receiveSliceBytes)
        try pair.send([UInt8](repeating: 1, count: 200_000), from: .server)
        #expect(pair.client.bufferCapacityBytes == capacity)
    }

    @Test("A peer that asks for key updates and reads no answer is cut off in bounds")
    func keyUpdateFlood() throws {
        let world = try TLSWorld()
        let pair = try TLSPair(world.client, world.server)
        try pair.handshake()
        var mostPending = 0
        #expect(throws: TLSFailure.protocolViolation("the peer asks for more than it reads")) {
            for _ in 0..<20_000 {
                SSL_key_update(pair.server.ssl, SSL_KEY_UPDATE_REQUESTED)
                SSL_do_handshake(pair.server.ssl)
                try pair.deliver(pair.takeOutput(of: .server), to: .client)
                mostPending = max(mostPending, pair.client.pendingOutputBytes)
            }
        }
        #expect(mostPending <= TLSLimits.pendingOutputBytesHardMax)
    }

    @Test("A key update that is answered disturbs nothing")
    func keyUpdate() throws {
        let world = try TLSWorld()
        let pair = try TLSPair(world.client, world.server)
        try pair.handshake()
        for round in 0..<10 as Range<UInt8> {
            SSL_key_update(pair.server.ssl, SSL_KEY_UPDATE_REQUESTED)
            try pair.send([round], from: .server)
            try pair.send([round], from: .client)
        }
        #expect(pair.received[.client] == Array(0..<10))
        #expect(pair.received[.server] == Array(0..<10))
    }
}
