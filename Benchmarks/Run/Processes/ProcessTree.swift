import Foundation

/// A process with all its descendants, as one thing that uses CPU and memory: nginx, for one, may work in a child.
struct ProcessTree {
    let root: Int32

    /// Memory of all its processes, in KiB.
    struct Memory: Equatable {
        /// `VmRSS`: resident, with what is mapped from files.
        var residentKiB = 0
        /// `RssAnon`: resident and its own.
        var anonymousKiB = 0
        /// `VmHWM`: the most that was ever resident.
        var peakKiB = 0
    }

    /// The processes there are now, the root first.
    var processIDs: [Int32] {
        var found = [root]
        var next = 0
        while next < found.count {
            found += Self.children(of: found[next])
            next += 1
        }
        return found
    }

    /// CPU time of all its processes and of their threads, also of threads that have ended: the process clock of
    /// clock_getcpuclockid(3), which is what /proc/PID/schedstat counts in nanoseconds. Processes that have ended are left out.
    var processorSeconds: Double {
        processIDs.reduce(0) { sum, process in
            var clock = clockid_t()
            var time = timespec()
            guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else { return sum }
            return sum + Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
    }

    var memory: Memory {
        processIDs.reduce(into: Memory()) { sum, process in
            let status = Self.text("/proc/\(process)/status")
            sum.residentKiB += ProcText.number("VmRSS", in: status) ?? 0
            sum.anonymousKiB += ProcText.number("RssAnon", in: status) ?? 0
            sum.peakKiB += ProcText.number("VmHWM", in: status) ?? 0
        }
    }

    /// How often its threads went to sleep of their own will and were woken again.
    var voluntarySwitches: Int {
        processIDs.reduce(0) { sum, process in
            Self.threads(of: process).reduce(sum) { sum, thread in
                let status = Self.text("/proc/\(process)/task/\(thread)/status")
                return sum + (ProcText.number("voluntary_ctxt_switches", in: status) ?? 0)
            }
        }
    }

    private static func children(of process: Int32) -> [Int32] {
        threads(of: process).flatMap { ProcText.processIDs(text("/proc/\(process)/task/\($0)/children")) }
    }

    private static func threads(of process: Int32) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
    }

    static func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}

/// CPU time and memory of a server at one moment of a measurement.
struct UsageSample {
    /// Since the load began.
    let seconds: Double
    let processorSeconds: Double
    let anonymousKiB: Int
}
