import CLinux
import Glibc

/// Every socket option we set, and why.
enum SocketOptions {
    /// Downstream send buffer. The kernel's own tuning grows it to 4 MiB, which 100 stalled clients turn into hundreds
    /// of megabytes of kernel memory; a stream of tokens needs a fraction of this. (The kernel doubles the figure.)
    static let downstreamSendBytes: Int32 = 128 * 1024
    /// Bytes not yet sent that the kernel takes before it says "full". Keeps what a slow client has not read in our
    /// queue, where the watermarks see it, instead of in a deep kernel buffer.
    static let downstreamNotSentBytes: Int32 = 64 * 1024
    /// Upstream receive buffer: it bounds what a provider can send ahead of a stalled client, and still carries
    /// 5 MB/s over a path of 50 ms.
    static let upstreamReceiveBytes: Int32 = 256 * 1024

    /// Options of an accepted connection.
    static func applyDownstream(_ descriptor: Int32, family: SocketAddress.Family) {
        guard family != .unix else { return }
        // Nagle's algorithm and delayed ACK together hold a lone token back for 40 ms.
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, downstreamNotSentBytes)
        // A client that vanished without a FIN is noticed though nothing is written to it.
        set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60)
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 15)
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPCNT, 4)
    }

    /// Options of a connection to a provider; before `connect`, since the window's scale is fixed there.
    static func applyUpstream(_ descriptor: Int32, family: SocketAddress.Family) {
        guard family != .unix else { return }
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(descriptor, SOL_SOCKET, SO_RCVBUF, upstreamReceiveBytes)
        // Idle pooled connections die silently behind NATs; probing keeps the mapping, and finds out.
        set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60)
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 15)
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPCNT, 4)
    }

    /// Options of a listener; accepted sockets inherit the buffer size.
    static func applyListener(_ descriptor: Int32, family: SocketAddress.Family, isShared: Bool) {
        guard family != .unix else { return }
        // A restart must not wait for the old connections' TIME_WAIT.
        set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        // One listener a loop: the kernel spreads connections, and no loop hands one to another.
        if isShared { set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
        set(descriptor, SOL_SOCKET, SO_SNDBUF, downstreamSendBytes)
        if family == .ipv6 { set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
    }

    /// Best effort: an option that the kernel refuses costs speed, never correctness.
    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
