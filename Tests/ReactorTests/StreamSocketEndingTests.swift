import Glibc
import Testing

@testable import Reactor

extension ReactorSuite {
    @Suite struct StreamSocketEndingTests {
        private static let payload = [UInt8](repeating: 0x61, count: 300_000)

        @Test(arguments: [SocketRole.downstream, .upstream])
        func everythingBeforeFINThenTheEnd(role: SocketRole) throws {
            try withSteppedLoop { loop in
                let pair = try tcpPair()
                let socket = try StreamSocket(loop: loop, descriptor: pair.ours, role: role)
                loop.step()
                pair.peer.write("first and last")
                pair.peer.shutdownSending()
                #expect(loop.turns { socket.isPeerGone })
                let (bytes, end) = socket.receiveAll()
                #expect(bytes == Array("first and last".utf8))
                #expect(end == .endOfStream)
                #expect(socket.receive(into: loop.scratch) == .endOfStream)
                // Half closed: our half still carries an answer.
                socket.send("answer")
                loop.step()
                #expect(pair.peer.read() == Array("answer".utf8))
                socket.close()
                pair.peer.close()
                loop.step()
            }
        }

        @Test func longBacklogBeforeFINComesWhole() throws {
            try withSteppedLoop { loop in
                let pair = try tcpPair()
                let socket = try StreamSocket(loop: loop, descriptor: pair.ours, role: .upstream)
                let writer = Thread.start(name: "writer") {
                    pair.peer.write(String(decoding: Self.payload, as: UTF8.self))
                    pair.peer.close()
                }
                var received = 0
                var end = ReceiveOutcome.wouldBlock
                #expect(
                    loop.turns {
                        let got = socket.receiveAll()
                        received += got.bytes.count
                        end = got.end
                        return end != .wouldBlock
                    })
                #expect(received == Self.payload.count)
                #expect(end == .endOfStream)
                writer.join()
                socket.close()
                loop.step()
            }
        }

        @Test(arguments: [SocketRole.downstream, .upstream])
        func everythingBeforeRSTThenTheFailure(role: SocketRole) throws {
            try withSteppedLoop { loop in
                let pair = try tcpPair()
                let wakeup = Wakeup()
                let socket = try StreamSocket(loop: loop, descriptor: pair.ours, role: role)
                socket.wakeup = wakeup
                loop.step()
                pair.peer.write("413 Content Too Large")
                pair.peer.reset()
                #expect(loop.turns { socket.isPeerGone })
                #expect(wakeup.isSet(role == .downstream ? .downstreamGone : .upstreamGone))
                let (bytes, end) = socket.receiveAll()
                #expect(bytes == Array("413 Content Too Large".utf8))
                #expect(end == .failed(ECONNRESET))
                #expect(socket.receive(into: loop.scratch) == .failed(ECONNRESET), "and stays one")
                socket.close()
                loop.step()
            }
        }

        /// A write finds out first; what the peer had said before is still read.
        @Test func failedWriteLeavesTheAnswerReadable() throws {
            try withSteppedLoop { loop in
                let pair = try tcpPair()
                let socket = try StreamSocket(loop: loop, descriptor: pair.ours, role: .upstream)
                loop.step()
                pair.peer.write("early answer")
                pair.peer.reset()
                socket.send("request body")
                // The write and the news of the reset come in the same turn, the write first.
                loop.step()
                #expect(socket.isPeerGone)
                #expect(socket.queuedBytes == 0)
                let (bytes, end) = socket.receiveAll()
                #expect(bytes == Array("early answer".utf8))
                guard case .failed = end else {
                    Issue.record("a reset is no orderly end: \(end)")
                    return
                }
                socket.send("ignored")
                #expect(socket.queuedBytes == 0)
                socket.close()
                loop.step()
            }
        }

        @Test func closedUnixPeerLeavesItsBytes() throws {
            try withSteppedLoop { loop in
                let pair = try unixPair()
                let socket = try StreamSocket(loop: loop, descriptor: pair.ours, role: .downstream)
                loop.step()
                pair.peer.write("bye")
                pair.peer.close()
                loop.step()
                let (bytes, end) = socket.receiveAll()
                #expect(bytes == Array("bye".utf8))
                #expect(end == .endOfStream)
                socket.close()
                loop.step()
            }
        }

        @Test func bothHalvesClosedInOrderAreNoFailure() throws {
            try withSteppedLoop { loop in
                let pair = try tcpPair()
                let socket = try StreamSocket(loop: loop, descriptor: pair.ours, role: .downstream)
                loop.step()
                socket.shutdownSending()
                pair.peer.write("late")
                pair.peer.close()
                #expect(loop.turns { socket.isPeerGone })
                let (bytes, end) = socket.receiveAll()
                #expect(bytes == Array("late".utf8))
                #expect(end == .endOfStream)
                socket.close()
                loop.step()
            }
        }

        @Test func endFollowsWhatIsQueued() throws {
            try withSteppedLoop { loop in
                let pair = try tcpPair()
                let socket = try StreamSocket(loop: loop, descriptor: pair.ours, role: .downstream)
                // More than the kernel takes at once, so that the end has to wait for several turns.
                Self.payload.withUnsafeBytes { for _ in 0..<20 { socket.send($0) } }
                socket.shutdownSending()
                socket.send("after the end")
                var received = 0
                var ended = false
                #expect(
                    loop.turns {
                        while let bytes = pair.peer.read() {
                            if bytes.isEmpty { return false }
                            received += bytes.count
                        }
                        ended = true
                        return true
                    })
                #expect(ended)
                #expect(received == 20 * Self.payload.count)
                #expect(!socket.isPeerGone)
                socket.close()
                pair.peer.close()
                loop.step()
            }
        }

        @Test func closeDropsWhatIsQueuedAndIsSafeTwice() throws {
            try withSteppedLoop { loop in
                let pair = try tcpPair()
                let socket = try StreamSocket(loop: loop, descriptor: pair.ours, role: .downstream)
                socket.send("never sent")
                socket.close()
                socket.close()
                socket.send("nor this")
                #expect(!socket.isOpen)
                #expect(loop.blocks.inUse == 0)
                #expect(socket.receive(into: loop.scratch) == .failed(ECONNABORTED))
                loop.step()
                #expect(pair.peer.read() == nil)
                pair.peer.close()
            }
        }

        @Test func resetOnCloseIsSeenAsReset() throws {
            try withSteppedLoop { loop in
                let pair = try tcpPair()
                let socket = try StreamSocket(loop: loop, descriptor: pair.ours, role: .downstream)
                socket.resetOnClose()
                socket.close()
                loop.step()
                var byte: UInt8 = 0
                #expect(recv(pair.peer.descriptor, &byte, 1, 0) == -1)
                #expect(errno == ECONNRESET)
                pair.peer.close()
            }
        }

        /// Two connections become readable in the same turn, and whoever is told first closes the other.
        @Test func closeDuringDispatch() throws {
            try withSteppedLoop { loop in
                let pairs = [try unixPair(), try unixPair()]
                let sockets = try pairs.map { try StreamSocket(loop: loop, descriptor: $0.ours, role: .upstream) }
                loop.step()
                var told = 0
                for index in 0..<2 {
                    sockets[index].onIdleActivity = {
                        told += 1
                        sockets[1 - index].close()
                    }
                    pairs[index].peer.write("x")
                }
                loop.step()
                #expect(told == 1)
                for (socket, pair) in zip(sockets, pairs) {
                    socket.close()
                    pair.peer.close()
                }
                loop.step()
                #expect(loop.selector.count == 0)
            }
        }
    }
}
