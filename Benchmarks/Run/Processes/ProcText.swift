/// Reads the texts of proc(5).
enum ProcText {
    /// Where a line `Name:	123 kB` or `Name:	123` of /proc/PID/status says 123; nil without such a line.
    static func number(_ name: String, in status: String) -> Int? {
        for line in status.split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            if words.count >= 2, words[0].dropLast() == name, words[0].last == ":" { return Int(words[1]) }
        }
        return nil
    }

    /// The process numbers of /proc/PID/task/TID/children.
    static func processIDs(_ children: String) -> [Int32] {
        children.split(whereSeparator: { $0 == " " || $0 == "\n" }).compactMap { Int32($0) }
    }

    /// Established connections of /proc/net/tcp whose own end has the port.
    static func established(port: Int, in table: String) -> Int {
        table.split(separator: "\n").dropFirst().count { line in
            let words = line.split(separator: " ")
            // sl, local address, remote address, state; 01 is TCP_ESTABLISHED.
            guard words.count > 3, words[3] == "01", let own = words[1].split(separator: ":").last else { return false }
            return Int(own, radix: 16) == port
        }
    }

    /// The first value of a line `name : value` of /proc/cpuinfo.
    static func value(_ name: String, in cpuinfo: String) -> String? {
        for line in cpuinfo.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, trimmed(parts[0]) == name { return trimmed(parts[1]) }
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
