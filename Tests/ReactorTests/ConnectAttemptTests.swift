import Glibc
import Testing

@testable import Reactor

extension ReactorSuite {
    @Suite struct ConnectAttemptTests {
        private static let second: Int64 = 1_000_000_000

        private static func address(_ literal: String) -> SocketAddress { SocketAddress(literal: literal, port: 1)! }

        @Test(arguments: [
            ([], []),
            (["::1"], ["::1"]),
            (["::1", "::2", "10.0.0.1", "10.0.0.2"], ["::1", "10.0.0.1", "::2", "10.0.0.2"]),
            (["10.0.0.1", "::1", "::2", "::3"], ["10.0.0.1", "::1", "::2", "::3"]),
            (["::1", "::2", "::3", "10.0.0.1"], ["::1", "10.0.0.1", "::2", "::3"]),
            (["10.0.0.1", "10.0.0.2"], ["10.0.0.1", "10.0.0.2"]),
        ] as [([String], [String])])
        func familiesAlternate(given: [String], expected: [String]) {
            #expect(ConnectAttempt.interleaved(given.map(Self.address)) == expected.map(Self.address))
        }

        @Test func firstAddressAnswersAtOnce() throws {
            try withSteppedLoop { loop in
                let listener = try rawListener()
                defer { close(listener.descriptor) }
                var results: [Result<Int32, ConnectFailure>] = []
                weak var attempt: ConnectAttempt?
                do {
                    let started = ConnectAttempt(
                        loop: loop, addresses: [listener.address], deadlineNanoseconds: loop.now + Self.second
                    ) { results.append($0) }
                    attempt = started
                }
                #expect(results.isEmpty, "never from inside the initialiser")
                #expect(attempt != nil, "it lives until its completion, whoever let go of it")
                #expect(loop.turns { !results.isEmpty })
                #expect(attempt == nil)
                close(try #require(results.first).get())
                #expect(loop.selector.count == 0)
                #expect(loop.wheel.count == 0)
            }
        }

        @Test func refusedEverywhere() throws {
            try withSteppedLoop { loop in
                let nobody = try ListenerSocket.probe(loopback)
                let result = run(loop, [nobody, nobody], until: loop.now + 10 * Self.second)
                #expect(result == .failure(.refused(ECONNREFUSED)))
                #expect(loop.selector.count == 0)
            }
        }

        @Test func noAddressIsRefusedToo() throws {
            try withSteppedLoop { loop in
                #expect(run(loop, [], until: loop.now + Self.second) == .failure(.refused(ECONNREFUSED)))
            }
        }

        @Test func deadlineInThePastWinsOverTheAttempt() throws {
            try withSteppedLoop { loop in
                let listener = try rawListener()
                defer { close(listener.descriptor) }
                #expect(run(loop, [listener.address], until: loop.now - 1 - (1 << 20)) == .failure(.timedOut))
                #expect(loop.wheel.count == 0)
            }
        }

        @Test func silenceTimesOut() throws {
            try withSteppedLoop { loop in
                let hole = try BlackHole()
                defer { hole.close() }
                let start = loop.now
                #expect(run(loop, [hole.address], until: start + 20_000_000) == .failure(.timedOut))
                #expect(loop.now >= start + 20_000_000)
                loop.step()
                #expect(loop.selector.count == 0)
            }
        }

        @Test func refusedFirstAddressStartsTheSecondAtOnce() throws {
            try withSteppedLoop { loop in
                let listener = try rawListener()
                defer { close(listener.descriptor) }
                let nobody = try ListenerSocket.probe(loopback)
                let start = loop.now
                let result = run(loop, [nobody, listener.address], until: loop.now + 10 * Self.second)
                close(try #require(result).get())
                #expect(loop.now - start < ReactorLimits.connectStaggerNanoseconds, "without waiting for its head start")
            }
        }

        @Test func silentFirstAddressIsOvertakenAfterItsHeadStart() throws {
            try withSteppedLoop { loop in
                let hole = try BlackHole()
                defer { hole.close() }
                let listener = try rawListener()
                defer { close(listener.descriptor) }
                let start = loop.now
                let result = run(loop, [hole.address, listener.address], until: loop.now + 10 * Self.second)
                close(try #require(result).get())
                #expect(loop.now - start >= ReactorLimits.connectStaggerNanoseconds)
                loop.step()
                #expect(loop.selector.count == 0, "the loser is closed")
                #expect(loop.wheel.count == 0)
            }
        }

        @Test func cancelEndsItOnce() throws {
            try withSteppedLoop { loop in
                let hole = try BlackHole()
                defer { hole.close() }
                var results: [Result<Int32, ConnectFailure>] = []
                let attempt = ConnectAttempt(
                    loop: loop, addresses: [hole.address], deadlineNanoseconds: loop.now + Self.second
                ) { results.append($0) }
                loop.step()
                #expect(loop.selector.count == 1)
                attempt.cancel()
                attempt.cancel()
                loop.step()
                #expect(results == [.failure(.cancelled)])
                #expect(loop.selector.count == 0)
                #expect(loop.wheel.count == 0)
            }
        }

        private func run(
            _ loop: EventLoop, _ addresses: [SocketAddress], until deadline: Int64
        ) -> Result<Int32, ConnectFailure>? {
            var result: Result<Int32, ConnectFailure>?
            _ = ConnectAttempt(loop: loop, addresses: addresses, deadlineNanoseconds: deadline) { result = $0 }
            #expect(loop.turns { result != nil })
            return result
        }
    }
}

/// An address of this machine that never answers: a listener whose queue is full drops what comes.
private struct BlackHole {
    let address: SocketAddress
    private let descriptors: [Int32]

    init() throws {
        let listener = try rawListener(backlog: 0)
        address = listener.address
        descriptors = [listener.descriptor] + (0..<4).map { [address] _ in
            let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            _ = fcntl(filler, F_SETFL, O_NONBLOCK)
            _ = address.withSockaddr { connect(filler, $0, $1) }
            return filler
        }
    }

    func close() { for descriptor in descriptors { _ = Glibc.close(descriptor) } }
}
