import Glibc
import Reactor
import Synchronization
import Testing
import TestSupport

@testable import HTTP

/// Connections that serve more than one exchange, and the line of those who wait for one.
@Suite struct UpstreamReuseTests {
    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

    private func serve(_ socket: RawSocket, _ response: String = answer) throws {
        _ = try socket.readRequest()
        try socket.send(response)
    }

    @Test func reusesAConnection() throws {
        let rig = try ClientRig()
        let provider = try RawListener()
        let first = try rig.start(.init(port: provider.port))
        let socket = try provider.accept()
        try serve(socket)
        #expect(try first.value().text == "hello")
        #expect(try rig.counts == (0, 1))
        let second = try rig.start(.init(port: provider.port))
        try serve(socket)
        #expect(try second.value().text == "hello")
        #expect(provider.isQuiet)
    }

    @Test func forgetsAConnectionThatClosedWhileIdle() throws {
        let rig = try ClientRig()
        let provider = try RawListener()
        let first = try rig.start(.init(port: provider.port))
        let socket = try provider.accept()
        try serve(socket)
        _ = try first.value()
        socket.close()
        try rig.loop.settle()
        #expect(try rig.counts == (0, 0))
        let second = try rig.start(.init(port: provider.port))
        try serve(provider.accept())
        #expect(try second.value().text == "hello")
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n",
    ])
    func doesNotReuseWhatMayNotBeReused(_ response: String) throws {
        let rig = try ClientRig()
        let provider = try RawListener()
        let running = try rig.start(.init(port: provider.port))
        let socket = try provider.accept()
        try serve(socket, response)
        #expect(try running.value().text == "ok")
        try rig.loop.settle()
        #expect(try rig.counts == (0, 0))
        #expect(try socket.readToEnd().isEmpty)
    }

    /// An answer may come before the request was taken in full; what is left of the request must not reach the next exchange.
    @Test func doesNotReuseAConnectionThatStillOwesItsRequest() throws {
        let rig = try ClientRig()
        let provider = try RawListener()
        var call = ClientRig.Call(port: provider.port)
        call.body = [UInt8](repeating: 0x20, count: 16 << 20)
        let running = try rig.start(call)
        let socket = try provider.accept(receiveBytes: 4_096)
        _ = try socket.readHead()
        try socket.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        #expect(try running.value().status == 413)
        #expect(try rig.counts == (0, 0))
    }

    /// Links to a provider at the other end of a socket pair, which is closed before the request can be written, or not.
    private static func link(closedFirst count: Int, _ connections: Counter, _ live: Pending<Int32>) -> UpstreamEndpoint {
        UpstreamEndpoint(
            origin: Origin(scheme: .http, host: "pair", port: 0),
            link: .inProcess { _ in
                var pair: [Int32] = [-1, -1]
                let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
                guard socketpair(AF_UNIX, type, 0, &pair) == 0 else { return nil }
                connections.add()
                if connections.count <= count { close(pair[0]) } else { live.fulfil(pair[0]) }
                return pair[1]
            })
    }

    @Test func sendsAgainARequestOfWhichNothingWasWritten() throws {
        let rig = try ClientRig()
        let connections = Counter()
        let live = Pending<Int32>()
        let running = try rig.start(.init(Self.link(closedFirst: 2, connections, live)))
        let socket = RawSocket(descriptor: try live.value())
        try serve(socket)
        #expect(try running.value().text == "hello")
        #expect(connections.count == 3)
    }

    @Test func givesUpAfterAFewConnections() throws {
        let rig = try ClientRig()
        let connections = Counter()
        let outcome = try rig.start(.init(Self.link(closedFirst: .max, connections, Pending()))).value()
        #expect(outcome.failure == UpstreamFailure(.closedBeforeResponse, isPossiblyBilled: false))
        #expect(connections.count == 1 + UpstreamLimits.resendsMax)
    }

    @Test func neverSendsAgainWhatWasWritten() throws {
        let rig = try ClientRig()
        let provider = try RawListener()
        let running = try rig.start(.init(port: provider.port))
        let socket = try provider.accept()
        _ = try socket.readRequest()
        socket.reset()
        #expect(try running.value().failure == UpstreamFailure(.closedBeforeResponse, isPossiblyBilled: true))
        #expect(provider.isQuiet)
    }

    @Test func waitsInLineForAConnection() throws {
        let rig = try ClientRig { $0.connectionsPerOriginMax = 1 }
        let provider = try RawListener()
        var calls: [ClientRig.Running] = []
        for index in 0..<3 {
            var call = ClientRig.Call(port: provider.port)
            call.body = Array("\(index)".utf8)
            calls.append(try rig.start(call))
            try rig.loop.settle()
        }
        let socket = try provider.accept()
        for index in 0..<3 {
            #expect(try socket.readRequest().text == "\(index)")
            try socket.send(Self.answer)
            #expect(try calls[index].value().text == "hello")
        }
        #expect(provider.isQuiet)
    }

    @Test func leavesTheLineWhenItsClientDoes() throws {
        let rig = try ClientRig { $0.connectionsPerOriginMax = 1 }
        let provider = try RawListener()
        let first = try rig.start(.init(port: provider.port))
        let socket = try provider.accept()
        let second = try rig.start(.init(port: provider.port))
        let third = try rig.start(.init(port: provider.port))
        try rig.loop.run { second.wakeup.value.signal(.downstreamGone) }
        #expect(try second.value().failure == UpstreamFailure(.clientGone, isPossiblyBilled: false))
        try serve(socket)
        #expect(try first.value().text == "hello")
        try serve(socket)
        #expect(try third.value().text == "hello")
        #expect(try rig.counts == (0, 1))
    }

    @Test func refusesBeyondTheLine() throws {
        let rig = try ClientRig {
            $0.connectionsPerOriginMax = 1
            $0.waitersPerOriginMax = 0
        }
        let provider = try RawListener()
        let first = try rig.start(.init(port: provider.port))
        let socket = try provider.accept()
        let second = try rig.start(.init(port: provider.port))
        #expect(try second.value().failure == UpstreamFailure(.poolExhausted, isPossiblyBilled: false))
        try serve(socket)
        #expect(try first.value().text == "hello")
    }
}
