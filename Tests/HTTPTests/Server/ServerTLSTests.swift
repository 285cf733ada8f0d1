import TestSupport
import Testing

@testable import HTTP

/// The server over TLS: the same machine as over plain TCP, behind a handshake.
@Suite struct ServerTLSTests {
    private static func request(_ body: String, path: String = "/p") -> [UInt8] {
        Array("POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
    }

    private static func client(_ rig: ServerRig, _ world: TLSWorld) throws -> RawTLSPeer {
        try RawTLSPeer(client: rig.connect(), world.client, port: rig.port)
    }

    private func expectEcho(_ peer: RawTLSPeer, _ body: String) throws {
        let echoed = "POST /p \(body)"
        let answer = try peer.readMessage(bodyBytes: echoed.utf8.count)
        #expect(answer.head.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(String(decoding: answer.body, as: UTF8.self) == echoed)
    }

    @Test func answersSeveralRequestsOnOneConnection() throws {
        let world = try TLSWorld()
        let rig = try ServerRig(tls: world.server)
        let peer = try Self.client(rig, world)
        #expect(peer.engine.negotiatedProtocol == nil || peer.engine.negotiatedProtocol == "http/1.1")
        for body in ["one", "two", ""] {
            try peer.send(Self.request(body))
            try expectEcho(peer, body)
        }
        // Two at once, pipelined inside one record.
        try peer.send(Self.request("three") + Self.request("four"))
        try expectEcho(peer, "three")
        try expectEcho(peer, "four")
    }

    @Test func takesARequestSplitIntoRecordsOfOneByte() throws {
        let world = try TLSWorld()
        let rig = try ServerRig(tls: world.server)
        let peer = try Self.client(rig, world)
        for byte in Self.request("split") { try peer.send([byte]) }
        try expectEcho(peer, "split")
    }

    @Test func carriesALargeBodyBothWays() throws {
        let world = try TLSWorld()
        let rig = try ServerRig(tls: world.server)
        let peer = try Self.client(rig, world)
        let body = String(repeating: "0123456789abcdef", count: 20_000)
        try peer.send(Self.request(body))
        try expectEcho(peer, body)
    }

    @Test func resumesASession() throws {
        let world = try TLSWorld()
        let rig = try ServerRig(tls: world.server)
        for round in 0..<3 {
            let peer = try Self.client(rig, world)
            #expect(peer.engine.wasResumed == (round > 0))
            try peer.send(Self.request("x"))
            try expectEcho(peer, "x")
        }
    }

    @Test func piecesOfOneTurnShareARecord() throws {
        let world = try TLSWorld()
        let rig = try ServerRig(tls: world.server) { exchange in
            exchange.sendHead(200, body: .stream) { $0.add(.contentType, "text/plain") }
            for _ in 0..<20 { exchange.send(text: "event\n\n") }
            exchange.finish()
        }
        let peer = try Self.client(rig, world)
        try peer.send(Array("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".utf8))
        let text = String(decoding: try peer.readToCloseNotify(), as: UTF8.self)
        #expect(text.hasSuffix("0\r\n\r\n"))
        #expect(text.components(of: "event\n\n") == 20)
        #expect(peer.dataRecords == 1)
    }

    @Test func endsWithCloseNotifyAndFIN() throws {
        let world = try TLSWorld()
        let rig = try ServerRig(tls: world.server)
        let peer = try Self.client(rig, world)
        try peer.send(Array("GET /p HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".utf8))
        #expect(String(decoding: try peer.readToCloseNotify(), as: UTF8.self).hasSuffix("GET /p "))
        _ = try peer.socket.readToEnd()
        #expect(peer.socket.end == .finished)
    }

    @Test func anAnswerThatBreaksOffEndsWithoutCloseNotify() throws {
        let world = try TLSWorld()
        let rig = try ServerRig(tls: world.server) { exchange in
            exchange.sendHead(200, body: .length(10)) { _ in }
            exchange.send(text: "half")
            _ = await exchange.drained()
        }
        let peer = try Self.client(rig, world)
        try peer.send(Array("GET /p HTTP/1.1\r\nHost: h\r\n\r\n".utf8))
        try peer.socket.waitForReset()
        #expect(!peer.isClosed)
    }

    @Test func cutsAHandshakeThatDripsAtItsTotalTime() throws {
        let world = try TLSWorld()
        let rig = try ServerRig(tls: world.server) { $0.handshakeTimeoutNanoseconds = milliseconds(150) }
        let socket = try rig.connect()
        // The beginning of a hello, and then nothing.
        try socket.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])
        _ = try socket.readToEnd()
        #expect(socket.end != .open)
        #expect(try rig.connectionCount == 0)
    }

    @Test func tellsPlainHTTPThatThisIsTLS() throws {
        let world = try TLSWorld()
        let rig = try ServerRig(tls: world.server)
        let socket = try rig.connect()
        try socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        let answer = try socket.readResponse()
        #expect(answer.status == 400)
        #expect(answer.isWhole)
        #expect(try socket.readToEnd().isEmpty, "the length says how long the sentence is")
        #expect(answer.text.contains("https"))
    }

    @Test func garbageEndsTheConnectionAndNothingElse() throws {
        let world = try TLSWorld()
        let rig = try ServerRig(tls: world.server)
        let open = try Self.client(rig, world)
        let socket = try rig.connect()
        try socket.send([UInt8](repeating: 0xFF, count: 64))
        _ = try socket.readToEnd()
        try open.send(Self.request("still here"))
        try expectEcho(open, "still here")
    }

    @Test func anotherCertificateIsForNewConnectionsOnly() throws {
        let world = try TLSWorld()
        let other = try TestAuthority(name: "Other")
        let rig = try ServerRig(tls: world.server)
        let old = try Self.client(rig, world)
        try rig.swap(TLSWorld.server(other.issue("DNS:localhost")))
        try old.send(Self.request("old"))
        try expectEcho(old, "old")
        let new = try RawTLSPeer(client: rig.connect(), TLSWorld.client(trusting: other), port: rig.port)
        try new.send(Self.request("new"))
        try expectEcho(new, "new")
        #expect(throws: (any Error).self) { _ = try Self.client(rig, world) }
    }

    /// Key updates that ask for one in return are answered; whoever sends them without end and reads nothing is cut off.
    @Test func aFloodOfKeyUpdatesEndsTheConnection() throws {
        let world = try TLSWorld()
        let rig = try ServerRig(tls: world.server)
        let socket = try rig.connect(receiveBytes: 4_096)
        let peer = try RawTLSPeer(client: socket, world.client, port: rig.port)
        #expect(throws: (any Error).self) {
            // Each answer is 22 bytes or more: 128 KiB are reached long before this ends.
            for _ in 0..<200_000 { try peer.askForKeyUpdate() }
        }
        #expect(try rig.connectionCount == 0)
    }

    @Test func aQuietStreamWhoseClientTakesNothingIsCutOff() throws {
        let isGone = Pending<Bool>()
        let rig = try ServerRig { limits in
            limits.writeTimeoutNanoseconds = milliseconds(100)
            limits.highWatermarkBytes = 64 << 20
        } handle: { exchange in
            exchange.sendHead(200, body: .stream) { _ in }
            // More than the kernel takes, less than the watermark: nobody waits for the client.
            for _ in 0..<400 { exchange.send(text: String(repeating: "x", count: 20_000)) }
            _ = await exchange.wakeup.wait(for: .downstreamGone)
            isGone.fulfil(exchange.isClientGone)
        }
        let socket = try rig.connect(receiveBytes: 4_096)
        try socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try isGone.value("the stall to be noticed"))
        try socket.waitForReset()
    }

    @Test func drainLetsAHandshakeInProgressGo() throws {
        let world = try TLSWorld()
        let rig = try ServerRig(tls: world.server)
        let silent = try rig.connect()
        let served = try Self.client(rig, world)
        try served.send(Self.request("x"))
        try expectEcho(served, "x")
        let isEmpty = try rig.drain()
        #expect(try served.readToCloseNotify().isEmpty)
        _ = try silent.readToEnd()
        #expect(try isEmpty.value())
    }
}

extension String {
    /// How often `part` occurs.
    fileprivate func components(of part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
