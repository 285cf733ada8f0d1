import Glibc

/// What the kernel says of this process, under the names that Prometheus' own clients use. Read on a thread that may block.
struct ProcessFacts: Sendable {
    /// User and system time together.
    var cpuMicroseconds: Int64 = 0
    var residentBytes: Int?
    var virtualBytes: Int?
    var openDescriptors: Int?
    var descriptorsMax: UInt64?
    /// Unix time, in hundredths of a second.
    var startedHundredths: Int64?

    /// As things are now; what cannot be read is nil.
    static func read() -> ProcessFacts {
        var facts = ProcessFacts()
        var usage = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            let seconds = Int64(usage.ru_utime.tv_sec) + Int64(usage.ru_stime.tv_sec)
            facts.cpuMicroseconds = seconds * 1_000_000 + Int64(usage.ru_utime.tv_usec) + Int64(usage.ru_stime.tv_usec)
        }
        if let pages = contents("/proc/self/statm")?.split(separator: " ").prefix(2).compactMap({ Int($0) }), pages.count == 2 {
            let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))
            facts.virtualBytes = pages[0] * pageBytes
            facts.residentBytes = pages[1] * pageBytes
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 { facts.descriptorsMax = UInt64(limit.rlim_cur) }
        facts.openDescriptors = entries(of: "/proc/self/fd")
        facts.startedHundredths = startedHundredths
        return facts
    }

    /// Worked out once: a clock that is corrected later must not look like another start.
    private static let startedHundredths: Int64? = {
        guard let stat = contents("/proc/self/stat") else { return nil }
        return started(
            stat: stat, now: nanoseconds(CLOCK_REALTIME), sinceBoot: nanoseconds(CLOCK_BOOTTIME),
            ticksPerSecond: Int64(sysconf(Int32(_SC_CLK_TCK))))
    }()

    /// The start time by proc(5): field 22 of `/proc/PID/stat`, in ticks since the boot. `/proc/stat` would date that, but is hidden
    /// from a service that sees nothing but its own processes.
    ///
    /// - Parameters:
    ///   - now: nanoseconds since 1970 UTC.
    ///   - sinceBoot: nanoseconds, the time that the machine slept included.
    static func started(stat: String, now: Int64, sinceBoot: Int64, ticksPerSecond: Int64) -> Int64? {
        // The second field is the program's name in parentheses and may hold anything.
        guard let end = stat.lastIndex(of: ")"), ticksPerSecond > 0 else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        // No machine has run for 10^11 seconds; a product that leaves 64 bits is no time at all.
        guard fields.count > 19, let ticks = Int64(fields[19]), ticks >= 0, ticks / ticksPerSecond <= 100_000_000_000 else { return nil }
        return (now - sinceBoot) / 10_000_000 + ticks / ticksPerSecond * 100 + ticks % ticksPerSecond * 100 / ticksPerSecond
    }

    private static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private static func entries(of path: String) -> Int? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // `.`, `..` and the descriptor of the folder itself.
        return max(0, count - 3)
    }

    private static func contents(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 * 1024)
        while bytes.count < piece.count {
            let count = Glibc.read(descriptor, &piece, piece.count)
            guard count > 0 else { break }
            bytes += piece[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
