import Reactor
import Testing
import TestSupport

@testable import HTTP

/// Exchanges over TLS, with certificates that are made for the test.
@Suite struct UpstreamTLSTests {
    private static func call(_ port: UInt16, _ context: TLSClientContext, host: String = "127.0.0.1") -> ClientRig.Call {
        ClientRig.Call(
            UpstreamEndpoint(origin: Origin(scheme: .https, host: host, port: port, settingsID: 1), tls: context))
    }

    private static let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".utf8)

    @Test func exchangesOverTLSAndResumesTheNextSession() throws {
        let world = try TLSWorld()
        let rig = try ClientRig()
        let provider = try RawListener()
        for round in 0..<2 {
            let running = try rig.start(Self.call(provider.port, world.client))
            let peer = try RawTLSPeer(provider.accept(), world.server)
            #expect(peer.engine.wasResumed == (round == 1))
            #expect(try peer.readRequest(bodyBytes: 2).hasPrefix("POST /v1/answers HTTP/1.1\r\n"))
            try peer.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello".utf8))
            #expect(try running.value().text == "hello")
        }
    }

    @Test func reusesATLSConnection() throws {
        let world = try TLSWorld()
        let rig = try ClientRig()
        let provider = try RawListener()
        let first = try rig.start(Self.call(provider.port, world.client))
        let peer = try RawTLSPeer(provider.accept(), world.server)
        for running in [first, nil] {
            let running = try running ?? rig.start(Self.call(provider.port, world.client))
            _ = try peer.readRequest(bodyBytes: 2)
            try peer.send(Self.answer)
            #expect(try running.value().text == "hello")
        }
        #expect(provider.isQuiet)
    }

    @Test func refusesAnUnknownAuthority() throws {
        let world = try TLSWorld()
        let rig = try ClientRig()
        let provider = try RawListener()
        let stranger = TLSWorld.client(trusting: try TestAuthority(name: "Stranger"))
        let running = try rig.start(Self.call(provider.port, stranger))
        let socket = try provider.accept()
        #expect(throws: (any Error).self) { _ = try RawTLSPeer(socket, world.server).readRequest(bodyBytes: 2) }
        let failure = try #require(try running.value().failure)
        guard case .tls = failure.kind else {
            Issue.record("\(failure)")
            return
        }
        #expect(!failure.isPossiblyBilled)
        #expect(try rig.counts == (0, 0))
    }

    @Test func refusesAnotherHostsCertificate() throws {
        let world = try TLSWorld()
        let rig = try ClientRig()
        let provider = try RawListener()
        let other = try TLSWorld.server(world.authority.issue("DNS:provider.example"))
        let running = try rig.start(Self.call(provider.port, world.client))
        let socket = try provider.accept()
        #expect(throws: (any Error).self) { _ = try RawTLSPeer(socket, other).readRequest(bodyBytes: 2) }
        let failure = try #require(try running.value().failure)
        guard case .tls = failure.kind else {
            Issue.record("\(failure)")
            return
        }
        #expect(!failure.isPossiblyBilled)
    }

    @Test func givesUpAHandshakeThatStalls() throws {
        let world = try TLSWorld()
        let rig = try ClientRig()
        let provider = try RawListener()
        var call = Self.call(provider.port, world.client)
        call.timeouts.connectNanoseconds = milliseconds(50)
        let running = try rig.start(call)
        let socket = try provider.accept()
        #expect(try running.value().failure == UpstreamFailure(.timedOut(.connect), isPossiblyBilled: false))
        _ = try socket.readToEnd()
    }

    @Test func carriesALargeBodyBothWaysPastASlowReader() throws {
        let world = try TLSWorld()
        let rig = try ClientRig()
        let provider = try RawListener()
        var call = Self.call(provider.port, world.client)
        call.body = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let running = try rig.start(call)
        let peer = try RawTLSPeer(provider.accept(receiveBytes: 65_536), world.server)
        #expect(try peer.readRequest(bodyBytes: call.body.count).contains(" 4194304\r\n"))
        try peer.send(Array("HTTP/1.1 200 OK\r\nContent-Length: \(call.body.count)\r\n\r\n".utf8) + call.body)
        let outcome = try running.value()
        #expect(outcome.failure == nil)
        #expect(outcome.body == call.body)
    }

    /// Without close_notify the end of the connection may be an attacker's. A length makes up for it, the close does not.
    @Test(arguments: [true, false]) func mindsAMissingCloseNotify(hasLength: Bool) throws {
        let world = try TLSWorld()
        let rig = try ClientRig()
        let provider = try RawListener()
        let running = try rig.start(Self.call(provider.port, world.client))
        let socket = try provider.accept()
        let peer = try RawTLSPeer(socket, world.server)
        _ = try peer.readRequest(bodyBytes: 2)
        try peer.send(hasLength ? Self.answer : Array("HTTP/1.1 200 OK\r\n\r\nhello".utf8))
        socket.finishSending()
        let outcome = try running.value()
        #expect(outcome.text == "hello")
        #expect(outcome.failure == (hasLength ? nil : UpstreamFailure(.truncated, isPossiblyBilled: true)))
    }

    @Test func takesCloseNotifyForTheEndOfABody() throws {
        let world = try TLSWorld()
        let rig = try ClientRig()
        let provider = try RawListener()
        let running = try rig.start(Self.call(provider.port, world.client))
        let peer = try RawTLSPeer(provider.accept(), world.server)
        _ = try peer.readRequest(bodyBytes: 2)
        try peer.send(Array("HTTP/1.1 200 OK\r\n\r\nhello".utf8))
        try peer.shutdown()
        let outcome = try running.value()
        #expect(outcome.text == "hello")
        #expect(outcome.failure == nil)
    }
}
