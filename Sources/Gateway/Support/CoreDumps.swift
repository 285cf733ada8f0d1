import CLinux
import Glibc

/// Keeps the process's memory, which holds every key, out of files and away from other processes of the same user.
package enum CoreDumps {
    /// Forbids core dumps (`RLIMIT_CORE`, and `PR_SET_DUMPABLE` for those that go to a program) and tracing by the same user (ptrace(2)).
    /// The files under `/proc/PID` belong to root from then on (proc(5)). Called once, before anything secret is read.
    /// - Returns: false when the kernel refused one of them.
    package static func forbid() -> Bool {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        let isLimited = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0
        return ekai_set_dumpable(0) == 0 && isLimited
    }
}
