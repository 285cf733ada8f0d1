/// Carries a non-Sendable value of one loop through code that wants `Sendable`, such as the closure given to `spawn`.
///
/// `@unchecked Sendable`: the value can be taken out on its own loop only, which `value` checks at run time.
public struct LoopBound<Value>: @unchecked Sendable {
    private let loop: EventLoop
    private let stored: Value

    /// Binds `value` to `loop`. Called on the loop.
    public init(_ value: Value, to loop: EventLoop) {
        loop.preconditionInLoop()
        self.loop = loop
        stored = value
    }

    /// The value. Traps off the loop.
    public var value: Value {
        loop.preconditionInLoop()
        return stored
    }
}
