import Dispatch
import Glibc
import Locking
import Logging
import Reactor

/// Writes log lines to standard error, off the loops.
///
/// A loop that logs only appends to a bounded list; a line that finds it full, or that standard error does not take, is dropped and
/// counted, and the count is logged after the next lines. A reader that stalls our standard error therefore stalls nobody's stream.
final class LogWriter: Sendable {
    /// Lines that may wait.
    static let linesMax = 4096
    /// How long a standard error that is not blocking is waited for before lines are dropped.
    static let patienceMilliseconds: Int32 = 2_000

    private struct State {
        var lines: [String] = []
        /// Lines dropped and not told of yet, and all.
        var dropped = 0
        var droppedEver = 0
        var isScheduled = false
        /// The last line was cut off in the middle: the next one begins with a line end.
        var isLineOpen = false
    }

    let format: LogFormat
    private let descriptor: Int32
    private let patience: Int32
    private let state = Locked(State())
    private let queue = ControlQueue(label: "ekai.log")

    /// - Parameter format: of the writer's own lines.
    init(format: LogFormat, descriptor: Int32 = STDERR_FILENO, patienceMilliseconds: Int32 = LogWriter.patienceMilliseconds) {
        self.format = format
        self.descriptor = descriptor
        patience = patienceMilliseconds
    }

    /// Lines dropped since the start.
    var linesDropped: Int { state.withLock { $0.droppedEver } }

    /// Queues one line, without its line end.
    func write(_ line: String) {
        let mustSchedule = state.withLock { state in
            guard state.lines.count < Self.linesMax else {
                state.dropped += 1
                state.droppedEver += 1
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
        let (lines, dropped, isLineOpen) = state.withLock { state in
            defer {
                state.lines = []
                state.dropped = 0
                state.isScheduled = false
            }
            return (state.lines, state.dropped, state.isLineOpen)
        }
        let notice = dropped > 0 ? [notice(dropped)] : []
        var text = isLineOpen && !(lines.isEmpty && notice.isEmpty) ? "\n" : ""
        for line in lines + notice { text += line + "\n" }
        let bytes = Array(text.utf8)
        let written = put(bytes)
        guard written < bytes.count else { return state.withLock { $0.isLineOpen = isLineOpen && written == 0 } }
        // Each line that is not whole is lost. The notice comes last: it is repeated with the next lines.
        let first = text.hasPrefix("\n") ? 1 : 0
        let missing = bytes[max(written, first)...].count { $0 == UInt8(ascii: "\n") } - notice.count
        let isCut = written == 0 ? isLineOpen : bytes[written - 1] != UInt8(ascii: "\n")
        state.withLock { state in
            state.dropped += dropped + missing
            state.droppedEver += missing
            state.isLineOpen = isCut
        }
    }

    private func notice(_ dropped: Int) -> String {
        GatewayLogHandler.line(
            format, level: .warning, message: "log lines dropped: standard error is too slow or refuses them",
            fields: ["lines": "\(dropped)"])
    }

    /// How many bytes were written: all, unless the descriptor fails or takes nothing for too long.
    private func put(_ bytes: [UInt8]) -> Int {
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                start += count
            } else if count < 0, errno == EINTR {
                continue
            } else if count < 0, errno == EAGAIN {
                guard isWritable() else { return start }
            } else {
                return start
            }
        }
        return start
    }

    private func isWritable() -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&entry, 1, patience) > 0
    }
}
