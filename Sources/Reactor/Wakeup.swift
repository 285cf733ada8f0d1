/// Where one task sleeps, and what wakes it: the only suspension point of the data path.
///
/// Sources set signals; the task waits for a set of them. What is signalled while it runs is kept until it asks, so
/// nothing is missed and nothing is queued. One continuation, no allocation, no lock. Loop-confined.
public final class Wakeup {
    private var pending: Signals = []
    private var mask: Signals = []
    private var waiter: UnsafeContinuation<Void, Never>?

    public init() {}

    /// Sets `signals`, and wakes the task if it waits for one of them.
    public func signal(_ signals: Signals) {
        pending.formUnion(signals)
        guard !pending.isDisjoint(with: mask), let waiter else { return }
        self.waiter = nil
        mask = []
        waiter.resume()
    }

    /// Forgets `signals`, before something is started that will set them anew.
    public func clear(_ signals: Signals) { pending.subtract(signals) }

    /// True when one of `signals` is set; does not take it.
    public func isSet(_ signals: Signals) -> Bool { !pending.isDisjoint(with: signals) }

    /// Waits until one of `signals` is set, and takes those that are. At once when one is set already.
    public func wait(for signals: Signals) async -> Signals {
        if pending.isDisjoint(with: signals) {
            precondition(waiter == nil, "one task waits on a wakeup")
            mask = signals
            await withUnsafeContinuation { waiter = $0 }
        }
        let taken = pending.intersection(signals)
        pending.subtract(taken)
        return taken
    }
}
