import CLinux

/// The loops of a process, each on a thread of its own.
public final class EventLoopGroup: Sendable {
    public let loops: [EventLoop]
    private let threads: [Thread]

    /// Starts `count` loops.
    /// - Throws: `SystemError` when the kernel grants no descriptors.
    public init(count: Int, waitStep: WaitStep = .init()) throws(SystemError) {
        precondition(count > 0, "a group has at least one loop")
        var loops: [EventLoop] = []
        for index in 0..<count { loops.append(try EventLoop(index: index, waitStep: waitStep)) }
        self.loops = loops
        threads = loops.map { loop in Thread.start(name: "ekai-loop-\(loop.index)") { loop.run() } }
    }

    /// CPUs that this process may use, by its affinity mask.
    public static var allowedCPUs: Int { Int(ekai_allowed_cpus()) }

    /// Ends the loops and waits for their threads. Connections still open are dropped with their tasks unfinished:
    /// drain first.
    public func stopAndJoin() {
        for loop in loops { loop.stop() }
        for thread in threads { thread.join() }
    }
}
