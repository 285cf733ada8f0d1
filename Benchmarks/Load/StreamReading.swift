import CLinux
import Glibc
import Streaming

/// One streamed answer, read event by event.
struct StreamReading {
    /// What an event meant for the figures. Times are nanoseconds.
    struct Token {
        /// From the provider's send; nil when the event carries no stamp.
        var delay: Int64?
        /// From the token before it; nil for the first.
        var gap: Int64?
    }

    private let format: WireFormat
    private var lastTokenNanoseconds: Int64?
    /// True once a token had a stamp: the others of this stream have one too.
    private var isStamped = false
    /// Events with data so far.
    private(set) var events = 0
    /// True when the format's end mark came.
    private(set) var isComplete = false
    /// True when the stream said that it failed.
    private(set) var isFailed = false

    init(_ format: WireFormat) { self.format = format }

    /// Judges one event that arrived at `now`. Nil when it carries no token: the frame around the text, and the end.
    mutating func take(_ event: SSEEvent, now: Int64) -> Token? {
        guard event.hasData else { return nil }
        events += 1
        // The last events of a Responses stream say all of it again, stamps included.
        let repeats = format == .responses && !event.name.isEmpty && !event.name.elementsEqual("response.output_text.delta".utf8)
        let sent = repeats ? nil : TimeStamp.read(event.data)
        if sent == nil || format == .gemini { judge(event) }
        if sent != nil { isStamped = true } else if isStamped || !isText(event) { return nil }
        defer { lastTokenNanoseconds = now }
        return Token(delay: sent.map { now - $0 }, gap: lastTokenNanoseconds.map { now - $0 })
    }

    private mutating func judge(_ event: SSEEvent) {
        if isEndMark(event) { isComplete = true }
        if starts(event.data, with: "{\"error\"") || equals(event.name, "error") || equals(event.name, "response.failed") {
            isFailed = true
        }
    }

    private func isEndMark(_ event: SSEEvent) -> Bool {
        switch format {
        case .chat: equals(event.data, "[DONE]")
        case .messages: equals(event.name, "message_stop")
        case .responses: equals(event.name, "response.completed") || equals(event.name, "response.incomplete")
        // No mark of its own: the last event says why it is the last.
        case .gemini: contains(event.data, "\"finishReason\"")
        }
    }

    /// True for an event with text in it, of a provider that stamps nothing.
    private func isText(_ event: SSEEvent) -> Bool {
        switch format {
        case .chat: contains(event.data, "\"content\":\"") && !contains(event.data, "\"content\":\"\"")
        case .messages: equals(event.name, "content_block_delta")
        case .responses: equals(event.name, "response.output_text.delta")
        case .gemini: contains(event.data, "\"text\":")
        }
    }

    private func equals(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        bytes.count == text.utf8CodeUnitCount && starts(bytes, with: text)
    }

    private func starts(_ bytes: UnsafeRawBufferPointer, with text: StaticString) -> Bool {
        guard let base = bytes.baseAddress, bytes.count >= text.utf8CodeUnitCount else { return false }
        return memcmp(base, text.utf8Start, text.utf8CodeUnitCount) == 0
    }

    private func contains(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        return ekai_memmem(base, bytes.count, text.utf8Start, text.utf8CodeUnitCount) != nil
    }
}
