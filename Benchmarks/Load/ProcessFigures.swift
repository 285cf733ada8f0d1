import Glibc

/// What /proc says of a process (proc(5)) at some moment.
struct ProcessFigures: Codable, Sendable, Equatable {
    var pid: Int32
    /// CPU time since it began, user and system, of all its threads.
    var processorSeconds = 0.0
    /// Resident memory, and the part of it that is no file's, in KiB.
    var rssKiB = 0
    var anonymousKiB = 0

    /// Nil when there is no such process.
    init?(of pid: Int32) {
        guard let stat = Self.text("/proc/\(pid)/stat"), let status = Self.text("/proc/\(pid)/status") else { return nil }
        self.init(pid: pid, stat: stat, status: status)
    }

    /// From the texts of `stat` and `status`.
    init?(pid: Int32, stat: String, status: String, ticksPerSecond: Int = sysconf(Int32(_SC_CLK_TCK))) {
        self.pid = pid
        // The name, in parentheses, may hold anything. After it: state is field 3 of the manual, utime 14, stime 15.
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
        processorSeconds = (user + system) / Double(ticksPerSecond)
        for line in status.split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count > 1, let value = Int(words[1]) else { continue }
            if words[0] == "VmRSS:" { rssKiB = value }
            if words[0] == "RssAnon:" { anonymousKiB = value }
        }
    }

    private static func text(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = read(file, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }

    /// CPU time of this process, user and system, in seconds.
    static func ownProcessorSeconds() -> Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
