import Testing

@testable import HTTP

/// Where a body lies while it comes in.
@Suite struct ByteAccumulatorTests {
    private static func append(_ count: Int, to bytes: inout ByteAccumulator, limitHint: Int = .max) {
        let piece = [UInt8](repeating: 7, count: count)
        piece.withUnsafeBytes { bytes.append($0, limitHint: limitHint) }
    }

    @Test("A claimed size is taken at once up to a bound, and in steps beyond it", arguments: [
        (2_000, 2_000), (150_000, 150_000), (262_144, 262_144), (262_145, 1_024), (1_000_000_000, 1_024), (Int.max, 1_024)
    ] as [(Int, Int)])
    func claims(claimed: Int, capacity: Int) {
        var bytes = ByteAccumulator()
        Self.append(100, to: &bytes, limitHint: claimed)
        #expect(bytes.capacityBytes == capacity)
    }

    @Test("It never takes more than twice what came, beyond the bound, and ends at what was claimed")
    func grows() {
        var bytes = ByteAccumulator()
        let claimed = 1_000_000
        while bytes.count < claimed {
            Self.append(min(4_000, claimed - bytes.count), to: &bytes, limitHint: claimed)
            #expect(bytes.capacityBytes <= max(1_024, 2 * bytes.count))
        }
        #expect(bytes.capacityBytes == claimed)
        #expect(bytes.bytes.allSatisfy { $0 == 7 })
    }

    @Test("More than was claimed is kept as well")
    func moreThanClaimed() {
        var bytes = ByteAccumulator()
        Self.append(3_000, to: &bytes, limitHint: 1_000)
        Self.append(3_000, to: &bytes, limitHint: 1_000)
        #expect(bytes.count == 6_000)
    }
}
