/// What a task may wait for. A set, because one task stands between two connections and a clock.
///
/// A signal is a hint to look again, never the news itself: whoever wakes asks the socket, so that a signal too many
/// does no harm.
public struct Signals: OptionSet, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The client's connection has bytes to read.
    public static let downstreamReadable = Signals(rawValue: 1 << 0)
    /// What was queued for the client fell below the low watermark.
    public static let downstreamDrained = Signals(rawValue: 1 << 1)
    /// The client closed, reset, or half-closed its connection.
    public static let downstreamGone = Signals(rawValue: 1 << 2)
    /// The provider's connection has bytes to read, or ended.
    public static let upstreamReadable = Signals(rawValue: 1 << 3)
    /// What was queued for the provider fell below the low watermark.
    public static let upstreamDrained = Signals(rawValue: 1 << 4)
    /// The provider closed or half-closed its connection, or it failed; what it sent before may still be unread.
    public static let upstreamGone = Signals(rawValue: 1 << 5)
    /// A connect, a look-up or a pool slot came to its end, well or not.
    public static let completed = Signals(rawValue: 1 << 6)
    /// The task's timer fired.
    public static let timer = Signals(rawValue: 1 << 7)
    /// The gateway is stopping and will not wait for this task any longer.
    public static let stopping = Signals(rawValue: 1 << 8)
}

/// Which of a task's two connections a socket is.
public enum SocketRole: Sendable {
    case downstream, upstream

    var readable: Signals { self == .downstream ? .downstreamReadable : .upstreamReadable }
    var drained: Signals { self == .downstream ? .downstreamDrained : .upstreamDrained }
    var gone: Signals { self == .downstream ? .downstreamGone : .upstreamGone }
}
