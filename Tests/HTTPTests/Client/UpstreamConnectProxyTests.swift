import Reactor
import Testing
import TestSupport

@testable import HTTP

/// Exchanges through an HTTP proxy that a test plays by hand.
@Suite struct UpstreamConnectProxyTests {
    @Test func reachesAPlainOriginThroughATunnel() throws {
        let rig = try ClientRig()
        let listener = try RawListener()
        let credentials = ProxyCredentials(user: Array("user".utf8), password: Array("pw".utf8), for: .http)
        let running = try rig.start(ProxySupport.call(ProxySupport.server(.http, listener.port, credentials: credentials)))
        let socket = try listener.accept()
        let connect = try socket.acceptTunnel()
        #expect(connect.startLine == "CONNECT provider.invalid:80 HTTP/1.1")
        #expect(connect["host"] == "provider.invalid:80")
        #expect(connect["proxy-authorization"] == "Basic dXNlcjpwdw==")
        let request = try socket.readRequest()
        #expect(request.startLine == "POST /v1/answers HTTP/1.1")
        #expect(request["proxy-authorization"] == nil)
        try socket.send(ProxySupport.answer)
        let outcome = try running.value()
        #expect(outcome.text == "hello")
        #expect(outcome.isPossiblyBilled)
    }

    @Test func reusesATunnel() throws {
        let rig = try ClientRig()
        let listener = try RawListener()
        let call = ProxySupport.call(ProxySupport.server(.http, listener.port))
        let first = try rig.start(call)
        let socket = try listener.accept()
        try socket.acceptTunnel()
        for running in [first, nil] {
            let running = try running ?? rig.start(call)
            #expect(try socket.readRequest().startLine == "POST /v1/answers HTTP/1.1")
            try socket.send(ProxySupport.answer)
            #expect(try running.value().text == "hello")
            #expect(try rig.counts == (0, 1))
        }
        #expect(listener.isQuiet)
    }

    @Test func sharesNoTunnelBetweenProxies() throws {
        let rig = try ClientRig()
        let listeners = [try RawListener(), try RawListener()]
        var sockets: [RawSocket] = []
        for (index, listener) in listeners.enumerated() {
            let call = ProxySupport.call(ProxySupport.server(.http, listener.port), settingsID: UInt32(index + 1))
            let running = try rig.start(call)
            let socket = try listener.accept()
            sockets.append(socket)
            try socket.acceptTunnel()
            _ = try socket.readRequest()
            try socket.send(ProxySupport.answer)
            #expect(try running.value().text == "hello")
            #expect(try rig.counts == (0, index + 1))
        }
    }

    @Test func readsAReplyByteByByte() throws {
        let rig = try ClientRig()
        let listener = try RawListener()
        let running = try rig.start(ProxySupport.call(ProxySupport.server(.http, listener.port)))
        let socket = try listener.accept()
        _ = try socket.readHead()
        for byte in ("HTTP/1.1 100 Continue\r\n\r\n" + ProxySupport.established).utf8 {
            #expect(socket.isSilent)
            try socket.send([byte])
            try rig.loop.settle()
        }
        _ = try socket.readRequest()
        try socket.send(ProxySupport.answer)
        #expect(try running.value().text == "hello")
    }

    /// What stands behind the reply is the origin's: here an answer to a request that was never sent, which must not become the answer to
    /// the one to come.
    @Test(arguments: [ProxySupport.answer, "x"]) func refusesAnAnswerThatFollowsTheReplyAtOnce(_ early: String) throws {
        let rig = try ClientRig()
        let listener = try RawListener()
        let running = try rig.start(ProxySupport.call(ProxySupport.server(.http, listener.port)))
        let socket = try listener.accept()
        try socket.acceptTunnel(ProxySupport.established + early)
        let failure = try #require(try running.value().failure)
        #expect(failure.kind == .malformed(HTTPRefusal.unsolicitedResponse.message.description))
        #expect(!failure.isPossiblyBilled)
        #expect(try socket.readToEnd().isEmpty)
        #expect(try rig.counts == (0, 0))
    }

    @Test(arguments: [
        ("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n",
            ProxyFailure.authenticationRequired),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", .refused(status: 403)),
        ("HTTP/1.1 504 Gateway Timeout\r\n\r\n", .refused(status: 504)),
        ("SSH-2.0-OpenSSH\r\n", .malformed(.malformedStatusLine)),
        ("", .closed),
        ("HTTP/1.1 200 Conn", .closed),
        ("HTTP/1.1 100 Continue\r\n\r\n", .closed),
    ]) func tellsAProxyThatMakesNoTunnel(_ reply: String, _ failure: ProxyFailure) throws {
        let rig = try ClientRig()
        let listener = try RawListener()
        let running = try rig.start(ProxySupport.call(ProxySupport.server(.http, listener.port)))
        let socket = try listener.accept()
        try socket.acceptTunnel(reply)
        socket.finishSending()
        #expect(try running.value().failure == UpstreamFailure(.proxy(failure), isPossiblyBilled: false))
        // Nothing of the request went out, and the connection is gone.
        #expect(try socket.readToEnd().isEmpty)
        #expect(try rig.counts == (0, 0))
        #expect(listener.isQuiet)
    }

    @Test func tellsAReset() throws {
        let rig = try ClientRig()
        let listener = try RawListener()
        let running = try rig.start(ProxySupport.call(ProxySupport.server(.http, listener.port)))
        let socket = try listener.accept()
        _ = try socket.readHead()
        socket.reset()
        #expect(try running.value().failure == UpstreamFailure(.proxy(.closed), isPossiblyBilled: false))
        #expect(try rig.counts == (0, 0))
    }

    @Test func tellsAProxyThatIsNotThere() throws {
        let rig = try ClientRig()
        let outcome = try rig.start(ProxySupport.call(ProxySupport.server(.http, RawListener.closedPort()))).value()
        guard case .proxy(.connect(.refused)) = outcome.failure?.kind else {
            Issue.record("\(String(describing: outcome.failure))")
            return
        }
        #expect(outcome.failure?.isPossiblyBilled == false)
        #expect(try rig.counts == (0, 0))
    }

    @Test func tellsAProxyWhoseNameIsUnknown() throws {
        let rig = try ClientRig(resolver: ProxySupport.resolver())
        let proxy = ProxyServer(scheme: .http, host: "proxy.invalid", port: 1)
        let failure = try rig.start(ProxySupport.call(proxy)).value().failure
        #expect(failure == UpstreamFailure(.proxy(.connect(.unresolved("test"))), isPossiblyBilled: false))
        #expect(try rig.counts == (0, 0))
    }

    @Test func givesUpASilentProxy() throws {
        let rig = try ClientRig()
        let listener = try RawListener()
        var call = ProxySupport.call(ProxySupport.server(.http, listener.port))
        call.timeouts.connectNanoseconds = milliseconds(50)
        let running = try rig.start(call)
        let socket = try listener.accept()
        #expect(try running.value().failure == UpstreamFailure(.timedOut(.connect), isPossiblyBilled: false))
        _ = try socket.readToEnd()
        #expect(try rig.counts == (0, 0))
    }

    @Test func endsTheTunnelOfAClientThatLeft() throws {
        let rig = try ClientRig()
        let listener = try RawListener()
        let running = try rig.start(ProxySupport.call(ProxySupport.server(.http, listener.port)))
        let socket = try listener.accept()
        _ = try socket.readHead()
        try rig.loop.run { running.wakeup.value.signal(.downstreamGone) }
        #expect(try running.value().failure == UpstreamFailure(.clientGone, isPossiblyBilled: false))
        #expect(try socket.readToEnd().isEmpty)
        #expect(try rig.counts == (0, 0))
    }

    /// A tunnel that idles is watched like any connection.
    @Test func forgetsATunnelThatClosedWhileIdle() throws {
        let rig = try ClientRig()
        let listener = try RawListener()
        let call = ProxySupport.call(ProxySupport.server(.http, listener.port))
        for _ in 0..<2 {
            let running = try rig.start(call)
            let socket = try listener.accept()
            try socket.acceptTunnel()
            _ = try socket.readRequest()
            try socket.send(ProxySupport.answer)
            #expect(try running.value().text == "hello")
            socket.close()
            try rig.loop.settle()
            #expect(try rig.counts == (0, 0))
        }
    }
}
