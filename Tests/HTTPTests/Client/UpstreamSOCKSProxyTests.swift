import Reactor
import Testing
import TestSupport

@testable import HTTP

/// Exchanges through a SOCKS 5 proxy that a test plays by hand.
@Suite struct UpstreamSOCKSProxyTests {
    private static let success: [UInt8] = [5, 0, 0, 1, 127, 0, 0, 1, 0, 1]

    private static func serve(_ socket: RawSocket, _ running: ClientRig.Running) throws {
        #expect(try socket.readRequest().startLine == "POST /v1/answers HTTP/1.1")
        try socket.send(ProxySupport.answer)
        #expect(try running.value().text == "hello")
    }

    @Test func letsTheProxyLookUpTheName() throws {
        let rig = try ClientRig(resolver: ProxySupport.resolver())
        let listener = try RawListener()
        let running = try rig.start(ProxySupport.call(ProxySupport.server(.socks5h, listener.port)))
        let socket = try listener.accept()
        #expect(try socket.readSOCKSRequest(count: 20) == [3, 16] + Array("provider.invalid".utf8) + [0, 80])
        try socket.send(Self.success)
        try Self.serve(socket, running)
    }

    @Test func looksUpTheNameItself() throws {
        let rig = try ClientRig(resolver: ProxySupport.resolver("192.0.2.7"))
        let listener = try RawListener()
        let running = try rig.start(ProxySupport.call(ProxySupport.server(.socks5, listener.port)))
        let socket = try listener.accept()
        #expect(try socket.readSOCKSRequest(count: 7) == [1, 192, 0, 2, 7, 0, 80])
        try socket.send(Self.success)
        try Self.serve(socket, running)
    }

    @Test(arguments: [ProxyServer.Scheme.socks5, .socks5h]) func asksForALiteralAsAnAddress(_ scheme: ProxyServer.Scheme) throws {
        let rig = try ClientRig(resolver: ProxySupport.resolver())
        let listener = try RawListener()
        let call = ProxySupport.call(ProxySupport.server(scheme, listener.port), host: "2001:db8::5")
        let running = try rig.start(call)
        let socket = try listener.accept()
        let expected: [UInt8] = [4, 0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 80]
        #expect(try socket.readSOCKSRequest(count: 19) == expected)
        try socket.send(Self.success)
        try Self.serve(socket, running)
    }

    /// The proxy tries the one address that it is given: the next one is asked for on a connection of its own.
    @Test func asksForTheNextAddress() throws {
        let rig = try ClientRig(resolver: ProxySupport.resolver("2001:db8::1", "192.0.2.7"))
        let listener = try RawListener()
        let running = try rig.start(ProxySupport.call(ProxySupport.server(.socks5, listener.port)))
        let first = try listener.accept()
        #expect(try first.readSOCKSRequest(count: 19).first == 4)
        try first.send([5, 8, 0, 1, 0, 0, 0, 0, 0, 0])
        #expect(try first.readToEnd().isEmpty)
        let second = try listener.accept()
        #expect(try second.readSOCKSRequest(count: 7) == [1, 192, 0, 2, 7, 0, 80])
        try second.send(Self.success)
        try Self.serve(second, running)
    }

    @Test func asksForNoOtherAddressAfterARefusalByRule() throws {
        let rig = try ClientRig(resolver: ProxySupport.resolver("192.0.2.7", "192.0.2.8"))
        let listener = try RawListener()
        let running = try rig.start(ProxySupport.call(ProxySupport.server(.socks5, listener.port)))
        let socket = try listener.accept()
        _ = try socket.readSOCKSRequest(count: 7)
        try socket.send([5, 2])
        #expect(try running.value().failure == UpstreamFailure(.proxy(.socksRefused(.notAllowed)), isPossiblyBilled: false))
        #expect(listener.isQuiet)
    }

    @Test func asksForSoManyAddressesAndNoMore() throws {
        let literals = (1...8).map { "192.0.2.\($0)" }
        let addresses = literals.compactMap { SocketAddress(literal: $0, port: 0) }
        let rig = try ClientRig(resolver: Resolver { _ in .success(addresses) })
        let listener = try RawListener()
        let running = try rig.start(ProxySupport.call(ProxySupport.server(.socks5, listener.port)))
        for index in 1...ProxyLimits.destinationsMax {
            let socket = try listener.accept()
            #expect(try socket.readSOCKSRequest(count: 7) == [1, 192, 0, 2, UInt8(index), 0, 80])
            try socket.send([5, 5])
        }
        let failure = UpstreamFailure(.proxy(.socksRefused(.connectionRefused)), isPossiblyBilled: false)
        #expect(try running.value().failure == failure)
        #expect(listener.isQuiet)
        #expect(try rig.counts == (0, 0))
    }

    /// A name that cannot be looked up here is the origin's trouble, not the proxy's.
    @Test func tellsAnOriginWhoseNameIsUnknown() throws {
        let rig = try ClientRig(resolver: ProxySupport.resolver())
        let listener = try RawListener()
        let failure = try rig.start(ProxySupport.call(ProxySupport.server(.socks5, listener.port))).value().failure
        #expect(failure == UpstreamFailure(.connect(.unresolved("test")), isPossiblyBilled: false))
        #expect(listener.isQuiet)
    }

    @Test func saysItsCredentialsAndReadsReplyByteByByte() throws {
        let rig = try ClientRig()
        let listener = try RawListener()
        let proxy = ProxySupport.server(.socks5h, listener.port, credentials: ProxySupport.credentials)
        let running = try rig.start(ProxySupport.call(proxy))
        let socket = try listener.accept()
        func send(_ bytes: [UInt8]) throws {
            for byte in bytes {
                #expect(socket.isSilent)
                try socket.send([byte])
                try rig.loop.settle()
            }
        }
        #expect(try socket.read(count: 4) == [5, 2, 0, 2])
        try send([5, 2])
        #expect(try socket.read(count: 9) == [1, 4] + Array("user".utf8) + [2] + Array("pw".utf8))
        try send([1, 0])
        _ = try socket.read(count: 23)
        try send([5, 0, 0, 3, 3] + Array("abc".utf8) + [0, 1])
        try Self.serve(socket, running)
    }

    /// A proxy may answer ahead of what it is asked: everything that came is looked at before more is waited for.
    @Test func readsRepliesThatComeAtOnce() throws {
        let rig = try ClientRig()
        let listener = try RawListener()
        let running = try rig.start(ProxySupport.call(ProxySupport.server(.socks5h, listener.port)))
        let socket = try listener.accept()
        try socket.send([5, 0] + Self.success)
        _ = try socket.read(count: 3 + 23)
        try Self.serve(socket, running)
    }

    @Test(arguments: [
        ([5, 0xFF], ProxyFailure.noAcceptableMethod), ([5, 2, 1, 1], .credentialsRefused), ([4, 0], .malformedSOCKS),
        ([5, 0, 5, 1, 0], .socksRefused(.generalFailure)), ([5, 0, 5, 3], .socksRefused(.networkUnreachable)),
        ([5, 0, 5, 0, 0, 9], .malformedSOCKS), ([], .closed), ([5], .closed), ([5, 2, 1], .closed), ([5, 0, 5, 0, 0, 1, 127], .closed),
    ] as [([UInt8], ProxyFailure)]) func tellsAProxyThatMakesNoTunnel(_ reply: [UInt8], _ failure: ProxyFailure) throws {
        let rig = try ClientRig()
        let listener = try RawListener()
        let proxy = ProxySupport.server(.socks5h, listener.port, credentials: ProxySupport.credentials)
        let running = try rig.start(ProxySupport.call(proxy))
        let socket = try listener.accept()
        try socket.send(reply)
        socket.finishSending()
        #expect(try running.value().failure == UpstreamFailure(.proxy(failure), isPossiblyBilled: false))
        #expect(try rig.counts == (0, 0))
    }

    @Test func givesUpASilentProxy() throws {
        let rig = try ClientRig()
        let listener = try RawListener()
        var call = ProxySupport.call(ProxySupport.server(.socks5h, listener.port))
        call.timeouts.connectNanoseconds = milliseconds(50)
        let running = try rig.start(call)
        let socket = try listener.accept()
        #expect(try running.value().failure == UpstreamFailure(.timedOut(.connect), isPossiblyBilled: false))
        #expect(try socket.readToEnd() == [5, 1, 0])
    }

    @Test func endsTheTunnelOfAClientThatLeft() throws {
        let rig = try ClientRig()
        let listener = try RawListener()
        let running = try rig.start(ProxySupport.call(ProxySupport.server(.socks5h, listener.port)))
        let socket = try listener.accept()
        _ = try socket.readSOCKSRequest(count: 20)
        try rig.loop.run { running.wakeup.value.signal(.downstreamGone) }
        #expect(try running.value().failure == UpstreamFailure(.clientGone, isPossiblyBilled: false))
        #expect(try socket.readToEnd().isEmpty)
    }
}
