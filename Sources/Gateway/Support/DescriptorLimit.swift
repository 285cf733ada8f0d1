import CLinux
import Glibc

/// How many descriptors this process may have, and how many clients that lets in.
enum DescriptorLimit {
    /// Descriptors kept for the database, the log, the loops and look-ups.
    static let reserved = 256
    /// Clients of one loop, however many descriptors there are.
    static let connectionsPerLoopMax = 9_800

    /// Raises the soft limit to the hard one: shells hand out 1,024. Returns what holds then.
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        let hard = limit.rlim_max
        limit.rlim_cur = hard
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        return Int(clamping: hard)
    }

    /// Clients that one of `loops` may have: each may need a connection to a provider as well.
    static func connectionsMax(descriptors: Int, loops: Int) -> Int {
        min(connectionsPerLoopMax, max(64, (descriptors - reserved) / (2 * loops)))
    }
}
