import Glibc
import Testing

@testable import Reactor

extension ReactorSuite {
    @Suite struct EchoTests {
        private static let total = 10 << 20

        /// Ten megabytes there and back through one loop, in writes of all sizes, under backpressure on both sides.
        @Test(arguments: [64, 3_000, 300_000])
        func everyByteComesBack(largestWrite: Int) throws {
            let total = largestWrite == 64 ? Self.total / 8 : Self.total
            try withSteppedLoop { loop in
                let (server, client) = try connectedSockets(on: loop)
                let result = Outcome((received: 0, wrong: 0, peak: 0, ended: false))
                serve(server, on: loop)
                run(client, total: total, largestWrite: largestWrite, result, on: loop)
                #expect(loop.turns { result.value.ended && !server.isOpen })
                #expect(result.value.received == total)
                #expect(result.value.wrong == 0)
                #expect(result.value.peak <= client.highWatermarkBytes + largestWrite)
                #expect(loop.blocks.inUse == 0)
                #expect(loop.remoteEnqueues == 0)
                #expect(loop.selector.count == 0)
            }
        }

        /// A prime number of bytes over and over, so that no block and no buffer has the same as another.
        private static let pattern: [UInt8] = {
            let period = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(total + period.count)
            while bytes.count < total { bytes += period }
            return bytes
        }()

        private func connectedSockets(on loop: EventLoop) throws -> (StreamSocket, StreamSocket) {
            var accepted: Int32?
            let listener = try ListenerSocket(loop: loop, address: loopback) { accepted = $0 }
            var connected: Int32?
            let attempt = ConnectAttempt(
                loop: loop, addresses: [listener.address], deadlineNanoseconds: loop.now + 10_000_000_000
            ) { connected = try? $0.get() }
            try #require(loop.turns { accepted != nil && connected != nil })
            attempt.cancel()
            listener.close()
            return (
                try StreamSocket(loop: loop, descriptor: try #require(accepted), role: .downstream),
                try StreamSocket(loop: loop, descriptor: try #require(connected), role: .upstream)
            )
        }

        private func serve(_ socket: StreamSocket, on loop: EventLoop) {
            let bound = LoopBound(socket, to: loop)
            loop.spawn { _ in
                let socket = bound.value
                let wakeup = Wakeup()
                socket.wakeup = wakeup
                while true {
                    while socket.isAboveHighWatermark { _ = await wakeup.wait(for: .downstreamDrained) }
                    let outcome = socket.receive(into: socket.loop.scratch)
                    if case .bytes(let count) = outcome {
                        socket.send(UnsafeRawBufferPointer(rebasing: socket.loop.scratch[..<count]))
                    } else if outcome == .wouldBlock {
                        _ = await wakeup.wait(for: .downstreamReadable)
                    } else {
                        break
                    }
                }
                while socket.queuedBytes > 0 { _ = await wakeup.wait(for: [.downstreamDrained]) }
                socket.close()
            }
        }

        private func run(
            _ socket: StreamSocket, total: Int, largestWrite: Int,
            _ result: Outcome<(received: Int, wrong: Int, peak: Int, ended: Bool)>, on loop: EventLoop
        ) {
            let bound = LoopBound((socket, result), to: loop)
            loop.spawn { _ in
                let (socket, result) = bound.value
                let wakeup = Wakeup()
                socket.wakeup = wakeup
                var random = SeededRandom(UInt64(largestWrite))
                var sent = 0
                reading: while true {
                    while sent < total, !socket.isAboveHighWatermark {
                        let count = min(total - sent, 1 + Int(random.next() % UInt64(largestWrite)))
                        Self.pattern.withUnsafeBytes {
                            socket.send(UnsafeRawBufferPointer(rebasing: $0[sent..<sent + count]))
                        }
                        sent += count
                        if sent == total { socket.shutdownSending() }
                    }
                    result.value.peak = max(result.value.peak, socket.queuedBytes)
                    switch socket.receive(into: socket.loop.scratch) {
                    case .bytes(let count):
                        let start = result.value.received
                        let isRight = Self.pattern.withUnsafeBytes {
                            start + count <= total
                                && memcmp($0.baseAddress! + start, socket.loop.scratch.baseAddress!, count) == 0
                        }
                        if !isRight { result.value.wrong += 1 }
                        result.value.received += count
                    case .wouldBlock: _ = await wakeup.wait(for: [.upstreamReadable, .upstreamDrained])
                    case .endOfStream, .failed: break reading
                    }
                }
                socket.close()
                result.value.ended = true
            }
        }
    }
}
