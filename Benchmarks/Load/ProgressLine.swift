import Glibc

/// A line on standard error that is written anew once a second; on anything but a terminal each is a line of its own.
struct ProgressLine {
    private let isTerminal = isatty(STDERR_FILENO) == 1

    /// True when standard error is a terminal: somebody may be looking.
    static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

    /// - Parameter length: of the sampled time, in seconds.
    static func text(_ sample: LoadSample, length: Double) -> String {
        let length = max(length, 1e-9)
        var text = "\(Int(sample.second.rounded())) s: \(sample.open) open, "
            + "\(LoadReport.number(Double(sample.requests) / length)) requests/s, \(LoadReport.number(Double(sample.events) / length)) events/s"
        if sample.firstTokenP50 > 0 { text += ", first token p50 \(LoadReport.number(sample.firstTokenP50)) us" }
        if sample.delayP99 > 0 {
            text += ", delay p50 \(LoadReport.number(sample.delayP50)) p99 \(LoadReport.number(sample.delayP99)) us"
        }
        for process in sample.processes { text += ", \(process.pid): \(process.rssKiB / 1_024) MiB" }
        return text
    }

    func show(_ sample: LoadSample, length: Double) {
        let line = Self.text(sample, length: length)
        Self.put(isTerminal ? "\r\u{1b}[K\(line)" : "\(line)\n")
    }

    /// Leaves the terminal's line to what follows.
    func end() {
        if isTerminal { Self.put("\r\u{1b}[K") }
    }

    /// Best effort: a progress line that cannot be written is not missed.
    private static func put(_ text: String) {
        var text = text
        text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
