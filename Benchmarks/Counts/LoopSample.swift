import CAllocationCounter
import Reactor

/// What a loop had done by some moment, counted exactly.
struct LoopSample: Sendable {
    var allocations: Int
    var frees: Int
    /// Bytes that the loop's thread holds: of nothing but its own connections, tasks and buffers.
    var heldBytes: Int
    /// recv, writev and epoll_wait; a connection's set-up and end are not among them.
    var systemCalls: Int
    var remoteEnqueues: Int

    /// Taken on `loop` itself.
    init(of loop: EventLoop) {
        loop.preconditionInLoop()
        let counts = ekai_allocation_counts_now()
        allocations = Int(counts.allocations)
        frees = Int(counts.frees)
        heldBytes = Int(counts.held)
        let counters = loop.counters
        systemCalls = counters.receives + counters.writes + counters.waits
        remoteEnqueues = loop.remoteEnqueues
    }

    static func - (later: LoopSample, earlier: LoopSample) -> LoopSample {
        var result = later
        result.allocations -= earlier.allocations
        result.frees -= earlier.frees
        result.heldBytes -= earlier.heldBytes
        result.systemCalls -= earlier.systemCalls
        result.remoteEnqueues -= earlier.remoteEnqueues
        return result
    }
}
