import Dialects
import Reactor
import Streaming

/// One streamed answer, read event by event.
struct StreamReading {
    private let dialect: Dialect
    private let startedNanoseconds: Int64
    private var lastEventNanoseconds: Int64?
    /// True when the dialect's end mark came.
    private(set) var isComplete = false
    /// True when the stream said that it failed.
    private(set) var isFailed = false

    init(_ dialect: Dialect, startedNanoseconds: Int64) {
        self.dialect = dialect
        self.startedNanoseconds = startedNanoseconds
    }

    /// Judges one event that arrived at `now`. Only events with a stamp count as tokens.
    mutating func take(_ event: SSEEvent, now: Int64, into tally: inout LoadTally) {
        guard event.hasData else { return }
        if isEndMark(event) { isComplete = true }
        if equals(event.name, "error") || equals(event.name, "response.failed") { isFailed = true }
        guard let sent = TimeStamp.read(event.data) else { return }
        tally.events += 1
        LoadTally.record(now - sent, in: &tally.delay)
        if let last = lastEventNanoseconds {
            LoadTally.record(now - last, in: &tally.gap)
        } else {
            LoadTally.record(now - startedNanoseconds, in: &tally.firstToken)
        }
        lastEventNanoseconds = now
    }

    private func isEndMark(_ event: SSEEvent) -> Bool {
        switch dialect {
        case .chat: equals(event.data, "[DONE]")
        case .messages: equals(event.name, "message_stop")
        case .responses: equals(event.name, "response.completed")
        }
    }

    private func equals(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        bytes.elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
