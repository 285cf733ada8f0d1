/// The isolation domain of one event loop: every task of the loop runs isolated to it.
///
/// It holds no state. Connections are plain, non-Sendable objects; the compiler proves that they stay where they are,
/// because an isolated task can hand them to nobody else.
public actor LoopActor {
    /// The loop, which is this actor's executor.
    ///
    /// Unowned: the loop owns its actor, and a loop that has ended gives back its descriptors only if nothing holds it.
    public nonisolated unowned let loop: EventLoop
    public nonisolated let unownedExecutor: UnownedSerialExecutor

    init(loop: EventLoop) {
        self.loop = loop
        unownedExecutor = loop.asUnownedSerialExecutor()
    }

    func run(_ body: @Sendable (isolated LoopActor) async -> Void) async { await body(self) }
}
