import Foundation

/// What /proc says of a process (proc(5)).
struct ProcessUsage {
    /// CPU time, user and system, of all its threads.
    var processorSeconds = 0.0
    /// Resident anonymous memory, in KiB.
    var anonymousKiB = 0

    init(of processID: Int32) {
        if let text = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        {
            let fields = text[end...].split(separator: " ")
            // After the name: state is field 3 of the manual, utime 14, stime 15.
            if fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) {
                processorSeconds = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
            }
        }
        if let text = try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8) {
            for line in text.split(separator: "\n") where line.hasPrefix("RssAnon:") {
                anonymousKiB = Int(line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first ?? "") ?? 0
            }
        }
    }
}
