/// Free blocks of one loop, all of `ReactorLimits.blockBytes`. Loop-confined.
///
/// A connection takes a block when it has something to send and gives it back as soon as the kernel took the bytes, so
/// that an idle connection owns none.
public final class BlockPool {
    private var free: [UnsafeMutableRawPointer] = []
    /// Blocks handed out and not yet given back.
    public private(set) var inUse = 0

    /// Blocks kept for the next taker.
    var freeCount: Int { free.count }

    init() { free.reserveCapacity(ReactorLimits.freeBlocksMax) }

    deinit { for block in free { block.deallocate() } }

    func take() -> UnsafeMutableRawPointer {
        inUse += 1
        return free.popLast() ?? .allocate(byteCount: ReactorLimits.blockBytes, alignment: 16)
    }

    func give(_ block: UnsafeMutableRawPointer) {
        inUse -= 1
        if free.count < ReactorLimits.freeBlocksMax { free.append(block) } else { block.deallocate() }
    }
}
