import Glibc
import Testing

@testable import Reactor

extension ReactorSuite {
    @Suite struct OutboundQueueTests {
        private final class Owner {
            let bytes: UnsafeMutableRawBufferPointer
            let released: Outcome<Int>

            init(_ pattern: [UInt8], released: Outcome<Int>) {
                bytes = .allocate(byteCount: pattern.count, alignment: 1)
                bytes.copyBytes(from: pattern)
                self.released = released
            }

            deinit {
                released.value += 1
                bytes.deallocate()
            }
        }

        /// Whatever number of bytes the kernel takes, the next call goes on with the right one.
        @Test func partialWritesAtEveryBoundary() throws {
            let block = ReactorLimits.blockBytes
            for boundary in [1, 2, block - 1, block, block + 1, 2 * block, 2 * block + 57, 2 * block + 58, 2 * block + 99] {
                let pool = BlockPool()
                var queue = OutboundQueue(pool: pool)
                let released = Outcome(0)
                var expected: [UInt8] = []
                func copied(_ count: Int) {
                    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: expected.count + $0 * 7) }
                    expected += bytes
                    bytes.withUnsafeBytes { queue.append($0) }
                }
                copied(block - 3)
                copied(10)
                let borrowed = (0..<block + 50).map { UInt8(truncatingIfNeeded: $0 * 13) }
                expected += borrowed
                do {
                    let owner = Owner(borrowed, released: released)
                    queue.append(borrowing: UnsafeRawBufferPointer(owner.bytes), owner: owner)
                }
                copied(43)
                #expect(released.value == 0, "the queue keeps the owner")
                #expect(queue.byteCount == expected.count)
                #expect(pool.inUse == 3)

                queue.consume(boundary)
                #expect(queue.byteCount == expected.count - boundary)
                let pair = try unixPair()
                while !queue.isEmpty {
                    let written = queue.writeOnce(to: pair.ours)
                    try #require(written > 0)
                }
                #expect(pair.peer.read() == Array(expected.dropFirst(boundary)), "cut at \(boundary)")
                close(pair.ours)
                pair.peer.close()
                #expect(pool.inUse == 0)
                #expect(released.value == 1)
            }
        }

        @Test func moreSegmentsThanOneCallTakes() throws {
            let pool = BlockPool()
            var queue = OutboundQueue(pool: pool)
            let released = Outcome(0)
            var expected: [UInt8] = []
            for index in 0..<ReactorLimits.segmentsPerWriteMax * 2 + 5 {
                let owner = Owner([UInt8(index), UInt8(index)], released: released)
                expected += [UInt8(index), UInt8(index)]
                queue.append(borrowing: UnsafeRawBufferPointer(owner.bytes), owner: owner)
            }
            #expect(queue.nextWriteBytes == ReactorLimits.segmentsPerWriteMax * 2)
            let pair = try unixPair()
            var calls = 0
            while !queue.isEmpty {
                let offered = queue.nextWriteBytes
                let written = queue.writeOnce(to: pair.ours)
                #expect(written == offered)
                calls += 1
                #expect(released.value == min(calls * ReactorLimits.segmentsPerWriteMax, expected.count / 2))
            }
            #expect(calls == 3)
            #expect(pair.peer.read() == expected)
            close(pair.ours)
            pair.peer.close()
        }

        @Test func droppedQueueGivesEverythingBack() {
            let pool = BlockPool()
            var queue = OutboundQueue(pool: pool)
            let released = Outcome(0)
            [UInt8](repeating: 1, count: 50_000).withUnsafeBytes { queue.append($0) }
            do {
                let owner = Owner([1, 2, 3], released: released)
                queue.append(borrowing: UnsafeRawBufferPointer(owner.bytes), owner: owner)
            }
            #expect(pool.inUse == 13)
            queue.removeAll()
            #expect(pool.inUse == 0)
            #expect(released.value == 1)
            #expect(queue.isEmpty)
        }

        @Test func emptyAppendsLeaveNothing() {
            let pool = BlockPool()
            var queue = OutboundQueue(pool: pool)
            queue.append(UnsafeRawBufferPointer(start: nil, count: 0))
            queue.append(borrowing: UnsafeRawBufferPointer(start: nil, count: 0), owner: Outcome(0))
            #expect(queue.isEmpty && pool.inUse == 0)
            [UInt8(1)].withUnsafeBytes { queue.append($0) }
            #expect(queue.nextWriteBytes == 1)
            queue.removeAll()
        }

        @Test func poolKeepsABoundedNumberOfBlocks() {
            let pool = BlockPool()
            let blocks = (0..<ReactorLimits.freeBlocksMax + 10).map { _ in pool.take() }
            #expect(pool.inUse == blocks.count)
            for block in blocks { pool.give(block) }
            #expect(pool.inUse == 0)
            #expect(pool.freeCount == ReactorLimits.freeBlocksMax)
        }
    }
}
