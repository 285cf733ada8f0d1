import Glibc
import Testing

@testable import Reactor

extension ReactorSuite {
    @Suite struct ListenerSocketTests {
        @Test func probeResolvesPortZeroAndLetsGo() throws {
            let address = try ListenerSocket.probe(loopback)
            #expect(address.port != 0)
            #expect(try ListenerSocket.probe(address) == address)
        }

        @Test(arguments: [false, true])
        func probeRefusesAPortInUse(isShared: Bool) throws {
            let other = try rawListener(isShared: isShared)
            defer { close(other.descriptor) }
            #expect(throws: SystemError("bind", code: EADDRINUSE)) { try ListenerSocket.probe(other.address) }
        }

        @Test func probeRefusesThePortOfOurOwnListener() throws {
            try withSteppedLoop { loop in
                let listener = try ListenerSocket(loop: loop, address: loopback) { close($0) }
                #expect(listener.address.port != 0)
                #expect(throws: SystemError.self) { try ListenerSocket.probe(listener.address) }
                listener.close()
                loop.step()
                #expect(try ListenerSocket.probe(listener.address) == listener.address)
                #expect(loop.selector.count == 0)
            }
        }

        @Test func abandonedUnixPathIsTakenOverAndALiveOneIsNot() throws {
            let path = "/tmp/ekai-reactor-\(getpid()).sock"
            let address = try #require(SocketAddress(path: path))
            unlink(path)
            let owner = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            #expect(address.withSockaddr { bind(owner, $0, $1) } == 0)
            #expect(listen(owner, 1) == 0)
            #expect(throws: SystemError.self) { try ListenerSocket.probe(address) }
            #expect(access(path, F_OK) == 0)
            close(owner)
            _ = try ListenerSocket.probe(address)
            try withSteppedLoop { loop in
                var accepted = 0
                let listener = try ListenerSocket(loop: loop, address: address) {
                    accepted += 1
                    close($0)
                }
                let peer = try rawConnect(address)
                #expect(loop.turns { accepted == 1 })
                peer.close()
                listener.close()
                #expect(access(path, F_OK) != 0)
                loop.step()
            }
        }

        @Test func fileThatIsNoSocketIsLeftAlone() throws {
            let path = "/tmp/ekai-reactor-\(getpid()).txt"
            close(open(path, O_CREAT | O_WRONLY, 0o600))
            defer { unlink(path) }
            let address = try #require(SocketAddress(path: path))
            #expect(throws: SystemError.self) { try ListenerSocket.probe(address) }
            #expect(access(path, F_OK) == 0)
        }

        @Test func twoLoopsShareAPortAndBothAccept() throws {
            let group = try EventLoopGroup(count: 2)
            let address = try ListenerSocket.probe(loopback)
            let accepted = SendableBox([0, 0])
            let listeners = SendableBox<[Int: LoopBound<ListenerSocket>]>([:])
            let ready = Latch()
            for loop in group.loops {
                loop.post {
                    do {
                        let listener = try ListenerSocket(loop: loop, address: address) { descriptor in
                            accepted.update { $0[loop.index] += 1 }
                            close(descriptor)
                        }
                        listeners.update { $0[loop.index] = LoopBound(listener, to: loop) }
                    } catch { Issue.record(error) }
                    ready.open()
                }
            }
            #expect(ready.wait() && ready.wait())
            let connections = 400
            for _ in 0..<connections {
                let peer = try rawConnect(address)
                _ = peer.read()
                peer.close()
            }
            let clock = ContinuousClock()
            let end = clock.now + .seconds(10)
            while accepted.get().reduce(0, +) < connections, clock.now < end { sched_yield() }
            let counts = accepted.get()
            #expect(counts.reduce(0, +) == connections)
            #expect(counts.allSatisfy { $0 > connections / 10 }, "spread over both: \(counts)")
            for (loop, listener) in zip(group.loops, listeners.get().sorted { $0.key < $1.key }.map(\.value)) {
                loop.post { listener.value.close() }
            }
            group.stopAndJoin()
        }

        /// Out of descriptors: the listener rests instead of spinning on a backlog that stays readable. In a process of its own: the limit is
        /// a process's, and what other tests close meanwhile would be descriptors again.
        @Test func outOfDescriptorsPausesWithoutSpinning() async {
            await #expect(processExitsWith: .success) {
                try withSteppedLoop { loop in
                    var accepted: [Int32] = []
                    let address = try #require(SocketAddress(literal: "127.0.0.1", port: 0))
                    let listener = try ListenerSocket(loop: loop, address: address) { accepted.append($0) }
                    let peers = [try rawConnect(listener.address), try rawConnect(listener.address)]
                    let limit = DescriptorLimit.exhausted()
                    let before = loop.counters.turns
                    for _ in 0..<200 where loop.counters.acceptPauses < 3 { loop.turn(waitingAtMost: 1_000_000_000) }
                    limit.restore()
                    try #require(loop.counters.acceptPauses == 3)
                    try #require(loop.counters.turns - before <= 20, "turns while it rests")
                    try #require(accepted.isEmpty)
                    try #require(loop.turns { accepted.count == 2 }, "goes on once there are descriptors")
                    try #require(loop.counters.accepted == 2)
                    for descriptor in accepted { close(descriptor) }
                    for peer in peers { peer.close() }
                    listener.close()
                    loop.step()
                }
            }
        }

        @Test func acceptsPerTurnAreBounded() throws {
            try withSteppedLoop { loop in
                var accepted = 0
                let listener = try ListenerSocket(loop: loop, address: loopback) {
                    accepted += 1
                    close($0)
                }
                let peers = try (0..<ReactorLimits.acceptsPerTurnMax + 5).map { _ in try rawConnect(listener.address) }
                loop.step()
                #expect(accepted == ReactorLimits.acceptsPerTurnMax)
                loop.step()
                #expect(accepted == ReactorLimits.acceptsPerTurnMax + 5)
                for peer in peers { peer.close() }
                listener.close()
                loop.step()
            }
        }
    }
}

/// The soft limit of descriptors, lowered to what is open now.
private struct DescriptorLimit {
    private let old: rlimit

    static func exhausted() -> DescriptorLimit {
        var old = rlimit()
        getrlimit(.init(RLIMIT_NOFILE.rawValue), &old)
        // None at all: a descriptor that another thread closes meanwhile is none either.
        var lowered = rlimit(rlim_cur: 0, rlim_max: old.rlim_max)
        setrlimit(.init(RLIMIT_NOFILE.rawValue), &lowered)
        return DescriptorLimit(old: old)
    }

    func restore() {
        var old = self.old
        setrlimit(.init(RLIMIT_NOFILE.rawValue), &old)
    }
}
