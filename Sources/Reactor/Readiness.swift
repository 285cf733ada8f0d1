import CLinux

/// What epoll said of a descriptor.
public struct Readiness: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    public static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    /// The peer closed its sending half: what it sent before is still to be read.
    public static let peerClosed = Readiness(rawValue: EPOLLRDHUP.rawValue)
    public static let failed = Readiness(rawValue: EPOLLERR.rawValue)
    public static let hungUp = Readiness(rawValue: EPOLLHUP.rawValue)
}

/// Something a loop's selector reports to.
protocol ReadinessHandler: AnyObject {
    /// The kernel reported `readiness`; edge-triggered, so it will not repeat itself.
    func becameReady(_ readiness: Readiness)
    /// The turn after a budget ended reading early: there may be more.
    func continueReading()
}

extension ReadinessHandler {
    func continueReading() {}
}

/// Something with outbound bytes, flushed once at the end of a turn.
protocol Flushable: AnyObject {
    func flush()
}
