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
        if let stat = contents("/proc/self/stat"), let all = contents("/proc/stat") {
            facts.startedHundredths = started(stat: stat, allStat: all, ticksPerSecond: Int64(sysconf(Int32(_SC_CLK_TCK))))
        }
        return facts
    }

    /// The start time by proc(5): field 22 of `/proc/PID/stat`, in ticks since the boot that `btime` of `/proc/stat` dates.
    static func started(stat: String, allStat: String, ticksPerSecond: Int64) -> Int64? {
        // The second field is the program's name in parentheses and may hold anything.
        guard let end = stat.lastIndex(of: ")"), ticksPerSecond > 0 else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let ticks = Int64(fields[19]),
            let line = allStat.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
            let boot = Int64(line.dropFirst("btime ".count))
        else { return nil }
        return boot * 100 + ticks * 100 / ticksPerSecond
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
        // `/proc/stat` grows with the machine's interrupts; `btime` stands in the first megabyte of any.
        while bytes.count < 1 << 20 {
            let count = Glibc.read(descriptor, &piece, piece.count)
            guard count > 0 else { break }
            bytes += piece[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
