/// The isolation domain of one event loop: every task of the loop runs isolated to it.
///
/// It holds no state. Connections are plain, non-Sendable objects; the compiler proves that they stay where they are,
/// because an isolated task can hand them to nobody else.
public actor LoopActor {
    /// The loop, which is this actor's executor.
    public nonisolated let loop: EventLoop

    init(loop: EventLoop) { self.loop = loop }

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    func run(_ body: @Sendable (isolated LoopActor) async -> Void) async { await body(self) }
}
