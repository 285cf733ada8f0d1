import Glibc
import Testing

@testable import Reactor

extension ReactorSuite {
    @Suite struct StreamSocketTests {
        @Test func severalSendsInATurnAreOneWrite() throws {
            try withSteppedLoop { loop in
                let first = try tcpPair()
                let second = try tcpPair()
                let one = try StreamSocket(loop: loop, descriptor: first.ours, role: .downstream)
                let two = try StreamSocket(loop: loop, descriptor: second.ours, role: .downstream)
                loop.step()
                let before = loop.counters.writes
                for index in 0..<20 {
                    one.send("a\(index) ")
                    two.send("b\(index) ")
                }
                #expect(loop.counters.writes == before, "nothing is written before the end of the turn")
                loop.step()
                #expect(loop.counters.writes - before == 2)
                #expect(first.peer.read() == Array((0..<20).map { "a\($0) " }.joined().utf8))
                #expect(second.peer.read() == Array((0..<20).map { "b\($0) " }.joined().utf8))
                #expect(one.queuedBytes == 0 && loop.blocks.inUse == 0)
                loop.step()
                #expect(loop.counters.writes - before == 2, "and nothing after")
                one.close()
                two.close()
                first.peer.close()
                second.peer.close()
                loop.step()
            }
        }

        @Test func shortReadSavesACall() throws {
            try withSteppedLoop { loop in
                let pair = try tcpPair()
                let socket = try StreamSocket(loop: loop, descriptor: pair.ours, role: .downstream)
                pair.peer.write("hello")
                #expect(loop.turns { socket.receive(into: loop.scratch) == .bytes(5) })
                let before = loop.counters.receives
                #expect(socket.receive(into: loop.scratch) == .wouldBlock)
                #expect(loop.counters.receives == before)
                pair.peer.write("again")
                #expect(loop.turns { socket.receive(into: loop.scratch) == .bytes(5) })
                socket.close()
                pair.peer.close()
                loop.step()
            }
        }

        @Test func backpressureHoldsAndReleases() throws {
            try withSteppedLoop { loop in
                let pair = try tcpPair()
                let socket = try StreamSocket(loop: loop, descriptor: pair.ours, role: .downstream)
                let wakeup = Wakeup()
                socket.wakeup = wakeup
                let chunk = [UInt8](repeating: 7, count: 64 * 1024)
                var offered = 0
                // The peer does not read: once the kernel is full, the queue stays above its watermark.
                var stuckTurns = 0
                while stuckTurns < 20 {
                    if socket.isAboveHighWatermark {
                        stuckTurns += 1
                    } else {
                        stuckTurns = 0
                        chunk.withUnsafeBytes { socket.send($0) }
                        offered += chunk.count
                    }
                    loop.step()
                }
                wakeup.clear(.downstreamDrained)
                loop.step()
                #expect(socket.isAboveHighWatermark)
                #expect(!wakeup.isSet(.downstreamDrained))
                let writes = loop.counters.writes
                for _ in 0..<50 { loop.step() }
                #expect(loop.counters.writes == writes, "a full socket is not asked again before it says so")

                var received = 0
                #expect(
                    loop.turns {
                        received += pair.peer.read()?.count ?? 0
                        return wakeup.isSet(.downstreamDrained)
                    })
                #expect(socket.queuedBytes <= socket.lowWatermarkBytes)
                #expect(
                    loop.turns {
                        received += pair.peer.read()?.count ?? 0
                        return received == offered
                    })
                #expect(socket.bytesSent == UInt64(offered))
                #expect(loop.blocks.inUse == 0)
                socket.close()
                pair.peer.close()
                loop.step()
            }
        }

        /// One connection with endless data and one with a lone byte now and then, on the same loop.
        @Test func endlessStreamDoesNotStarveALoneByte() throws {
            try withSteppedLoop { loop in
                let fast = try unixPair()
                let slow = try unixPair()
                let endless = try StreamSocket(loop: loop, descriptor: fast.ours, role: .upstream)
                let lone = try StreamSocket(loop: loop, descriptor: slow.ours, role: .downstream)
                let taken = Outcome((endless: 0, lone: 0))
                let drains = [
                    drain(endless, on: loop) { taken.value.endless += $0 }, drain(lone, on: loop) { taken.value.lone += $0 },
                ]
                _ = fcntl(fast.peer.descriptor, F_SETFL, O_NONBLOCK)
                let flood = [UInt8](repeating: 1, count: 256 * 1024)
                func feed() { while Glibc.send(fast.peer.descriptor, flood, flood.count, Int32(MSG_NOSIGNAL)) > 0 {} }
                loop.step()
                for round in 1...50 {
                    feed()
                    slow.peer.write("x")
                    let before = loop.turnNumber
                    while taken.value.lone < round, loop.turnNumber - before < 10 {
                        let bytes = endless.bytesReceived
                        loop.step()
                        #expect(endless.bytesReceived - bytes <= UInt64(ReactorLimits.receiveBytesPerTurnMax))
                        feed()
                    }
                    #expect(taken.value.lone == round)
                    #expect(loop.turnNumber - before <= 2, "served within two turns")
                }
                #expect(taken.value.endless > 0)
                drains.forEach { $0.signal(.stopping) }
                loop.step()
                endless.close()
                lone.close()
                fast.peer.close()
                slow.peer.close()
                loop.step()
            }
        }

        /// What a budget cuts off comes in later turns though the kernel says nothing any more.
        @Test func budgetCutsOffAndTheReadyListGoesOn() throws {
            try withSteppedLoop { loop in
                let pair = try tcpPair()
                let socket = try StreamSocket(loop: loop, descriptor: pair.ours, role: .upstream)
                let taken = Outcome(0)
                let drained = drain(socket, on: loop) { taken.value += $0 }
                _ = fcntl(pair.peer.descriptor, F_SETFL, O_NONBLOCK)
                let flood = [UInt8](repeating: 1, count: 1 << 20)
                var sent = 0
                while true {
                    let count = Glibc.send(pair.peer.descriptor, flood, flood.count, Int32(MSG_NOSIGNAL))
                    guard count > 0 else { break }
                    sent += count
                }
                #expect(sent > ReactorLimits.receiveBytesPerTurnMax)
                #expect(loop.turns { taken.value == sent })
                drained.signal(.stopping)
                loop.step()
                socket.close()
                pair.peer.close()
                loop.step()
            }
        }

        /// Receives in a task of the loop; the task ends when the wakeup returned is told `.stopping`.
        private func drain(_ socket: StreamSocket, on loop: EventLoop, _ took: @escaping (Int) -> Void) -> Wakeup {
            let wakeup = Wakeup()
            socket.wakeup = wakeup
            let bound = LoopBound((socket, wakeup, took), to: loop)
            let readable: Signals = [.upstreamReadable, .downstreamReadable]
            loop.spawn { _ in
                let (socket, wakeup, took) = bound.value
                while true {
                    switch socket.receive(into: socket.loop.scratch) {
                    case .bytes(let count): took(count)
                    case .wouldBlock:
                        if await wakeup.wait(for: readable.union(.stopping)).contains(.stopping) { return }
                    case .endOfStream, .failed: return
                    }
                }
            }
            return wakeup
        }
    }
}
