import Reactor
import Testing
import TestSupport

@testable import HTTP

/// TLS to the origin inside a proxy's tunnel. The proxy is trusted with nothing.
@Suite struct UpstreamProxyTLSTests {
    private static func origin(_ world: TLSWorld) throws -> TLSServerContext {
        try TLSWorld.server(world.authority.issue("DNS:\(ProxySupport.originHost)"))
    }

    @Test(arguments: [ProxyServer.Scheme.http, .socks5h]) func reachesAnOriginOverTLSAndReusesTheTunnel(_ scheme: ProxyServer.Scheme) throws {
        let world = try TLSWorld()
        let rig = try ClientRig()
        let listener = try RawListener()
        let call = ProxySupport.secureCall(ProxySupport.server(scheme, listener.port), world.client)
        let first = try rig.start(call)
        let socket = try listener.accept()
        if scheme == .http {
            #expect(try socket.acceptTunnel().startLine == "CONNECT provider.invalid:443 HTTP/1.1")
        } else {
            #expect(try socket.readSOCKSRequest(count: 20) == [3, 16] + Array("provider.invalid".utf8) + [0x01, 0xBB])
            try socket.send([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        }
        let peer = try RawTLSPeer(socket, Self.origin(world))
        for running in [first, nil] {
            let running = try running ?? rig.start(call)
            #expect(try peer.readRequest(bodyBytes: 2).hasPrefix("POST /v1/answers HTTP/1.1\r\n"))
            try peer.send(Array(ProxySupport.answer.utf8))
            #expect(try running.value().text == "hello")
        }
        #expect(listener.isQuiet)
    }

    /// A certificate for the proxy's own address is none for the origin.
    @Test func refusesTheProxysCertificate() throws {
        let world = try TLSWorld()
        let rig = try ClientRig()
        let listener = try RawListener()
        let running = try rig.start(ProxySupport.secureCall(ProxySupport.server(.http, listener.port), world.client))
        let socket = try listener.accept()
        try socket.acceptTunnel()
        #expect(throws: (any Error).self) { _ = try RawTLSPeer(socket, world.server).readRequest(bodyBytes: 2) }
        let failure = try #require(try running.value().failure)
        #expect(failure.kind == .tls(TLSFailure.certificate(.hostMismatch).description))
        #expect(!failure.isPossiblyBilled)
        #expect(try rig.counts == (0, 0))
    }

    /// What stands behind the reply is the origin's first record; here an alert, `handshake_failure`.
    @Test func readsARecordThatFollowsTheReplyAtOnce() throws {
        let world = try TLSWorld()
        let alert: [UInt8] = [0x15, 3, 3, 0, 2, 2, 40]
        for cut in 0...alert.count {
            let rig = try ClientRig()
            let listener = try RawListener()
            let running = try rig.start(ProxySupport.secureCall(ProxySupport.server(.http, listener.port), world.client))
            let socket = try listener.accept()
            _ = try socket.readHead()
            try socket.send(Array(ProxySupport.established.utf8) + alert[..<cut])
            try rig.loop.settle()
            try socket.send(Array(alert[cut...]))
            let failure = try #require(try running.value().failure)
            #expect(failure.kind == .tls(TLSFailure.alert(40).description))
        }
    }

    @Test func givesUpAHandshakeThatStallsInsideTheTunnel() throws {
        let world = try TLSWorld()
        let rig = try ClientRig()
        let listener = try RawListener()
        var call = ProxySupport.secureCall(ProxySupport.server(.http, listener.port), world.client)
        call.timeouts.connectNanoseconds = milliseconds(200)
        let running = try rig.start(call)
        let socket = try listener.accept()
        // On a machine slow enough the deadline is faster: the failure is the same.
        _ = try? socket.acceptTunnel()
        #expect(try running.value().failure == UpstreamFailure(.timedOut(.connect), isPossiblyBilled: false))
        _ = try? socket.readToEnd()
        #expect(try rig.counts == (0, 0))
    }
}
