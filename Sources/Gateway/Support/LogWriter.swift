import Dispatch
import Glibc
import Locking
import Logging
import Reactor

/// Writes log lines to standard error, off the loops.
///
/// A loop that logs only appends to a bounded list; a line that finds it full is dropped and counted, and the count is
/// logged with the next line that fits. A reader that stalls our standard error therefore stalls nobody's stream.
final class LogWriter: Sendable {
    /// Lines that may wait.
    static let linesMax = 4096

    private struct State {
        var lines: [String] = []
        var dropped = 0
        var isScheduled = false
    }

    private let state = Locked(State())
    private let queue = ControlQueue(label: "ekai.log")

    /// Queues one line, without its line end.
    func write(_ line: String) {
        let mustSchedule = state.withLock { state in
            guard state.lines.count < Self.linesMax else {
                state.dropped += 1
                return false
            }
            state.lines.append(line)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if mustSchedule { _ = queue.run { [self] in writeAll() } }
    }

    /// Waits until what was queued so far is written, before the process ends; not for longer than half a second, because a reader of
    /// standard error that has stopped must not keep the process.
    func flush() {
        let done = DispatchSemaphore(value: 0)
        let isQueued = queue.run { [self] in
            writeAll()
            done.signal()
        }
        if isQueued { _ = done.wait(timeout: .now() + .milliseconds(500)) }
    }

    private func writeAll() {
        let (lines, dropped) = state.withLock { state in
            defer { state = State() }
            return (state.lines, state.dropped)
        }
        var text = lines.joined(separator: "\n")
        if !lines.isEmpty { text += "\n" }
        if dropped > 0 { text += "\(dropped) log lines dropped: standard error is too slow\n" }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                return
            }
            bytes = bytes.dropFirst(written)
        }
    }
}
