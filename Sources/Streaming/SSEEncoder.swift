/// Writes server-sent events (WHATWG HTML section 9.2) with LF line ends.
public enum SSEEncoder {
    /// One event: `event:` when there is a name, one `data:` line for each line of `data`, a blank line.
    ///
    /// A name ends at its first line end, so that no name can forge a field.
    public static func append(
        name: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer, to sink: inout some ByteSink
    ) {
        if !name.isEmpty {
            var cursor = SSECursor(name)
            sink.append(literal: "event: ")
            sink.append(name.part(0, cursor.lineEnd(from: 0)))
            sink.append(literal: "\n")
        }
        appendLines(of: data, prefix: "data: ", to: &sink)
        sink.append(literal: "\n")
    }

    /// One event whose name is known at compile time.
    public static func append(name: StaticString, data: UnsafeRawBufferPointer, to sink: inout some ByteSink) {
        append(name: name.borrowedBytes, data: data, to: &sink)
    }

    /// One event without a name.
    public static func append(data: UnsafeRawBufferPointer, to sink: inout some ByteSink) {
        append(name: UnsafeRawBufferPointer(start: nil, count: 0), data: data, to: &sink)
    }

    /// A comment, which every client reads over, and a blank line.
    public static func append(comment: UnsafeRawBufferPointer, to sink: inout some ByteSink) {
        appendLines(of: comment, prefix: ": ", to: &sink)
        sink.append(literal: "\n")
    }

    /// The heartbeat. A comment and not a `ping` event: Claude Code's watchdog counts events as life of the model.
    public static func appendHeartbeat(to sink: inout some ByteSink) {
        sink.append(heartbeat.borrowedBytes)
    }

    static let heartbeat: StaticString = ": keep-alive\n\n"

    private static func appendLines(of text: UnsafeRawBufferPointer, prefix: StaticString, to sink: inout some ByteSink) {
        var cursor = SSECursor(text)
        var position = 0
        while true {
            let end = cursor.lineEnd(from: position)
            sink.append(literal: prefix)
            sink.append(text.part(position, end))
            sink.append(literal: "\n")
            guard end < text.count else { return }
            position = end + 1
            if text[end] == Ascii.carriageReturn, position < text.count, text[position] == Ascii.lineFeed { position += 1 }
        }
    }
}
