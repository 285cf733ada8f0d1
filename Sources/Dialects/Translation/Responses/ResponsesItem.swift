import Streaming

/// One item of an answer's `output`, as a writer makes it. What it holds is kept to the end: the dialect says everything once more when an item is
/// done, and all items again when the answer is.
struct ResponsesItem {
    enum Kind {
        /// A message of one part of text.
        case message
        /// A message of one part that refuses.
        case refusal
        /// Thinking: a summary of any number of parts, and what its provider wants back with it.
        case reasoning
        case functionCall
        /// A call with free text.
        case customCall

        /// What ids of such items begin with.
        var idPrefix: StaticString {
            switch self {
            case .message, .refusal: "msg_"
            case .reasoning: "rs_"
            case .functionCall: "fc_"
            case .customCall: "ctc_"
            }
        }

        var isCall: Bool { self == .functionCall || self == .customCall }
    }

    enum Status {
        case inProgress
        case completed
        case incomplete

        var name: StaticString {
            switch self {
            case .inProgress: "in_progress"
            case .completed: "completed"
            case .incomplete: "incomplete"
            }
        }
    }

    let kind: Kind
    let id: String
    var status = Status.inProgress
    /// Of a call: its id, and the tool as the client knows it.
    var callID = ""
    var name = ""
    var namespace: String?
    /// `encrypted_content`, escaped; empty for none.
    var state: [UInt8] = []

    /// What the model said, thought or called with, escaped.
    private(set) var text: [UInt8] = []
    /// Where the parts begin in `text`.
    private(set) var partStarts: [Int] = []
    private(set) var hasOpenPart = false
    private var customInput = CustomToolInput()

    init(_ kind: Kind, id: String) {
        self.kind = kind
        self.id = id
    }

    /// The latest part's number.
    var lastPart: Int { partStarts.count - 1 }

    mutating func openPart() {
        partStarts.append(text.count)
        hasOpenPart = true
    }

    mutating func closePart() { hasOpenPart = false }

    /// Adds a piece; returns where in `text` it stands.
    mutating func keep(_ piece: JSONText) -> Range<Int> {
        let start = text.count
        if kind == .customCall {
            customInput.take(piece, into: &text)
        } else {
            switch piece {
            case .escaped(let bytes): text.append(bytes)
            case .plain(let bytes): JSONString.appendEscaped(utf8: bytes, to: &text)
            case .owned(var string): string.withUTF8 { JSONString.appendEscaped(utf8: UnsafeRawBufferPointer($0), to: &text) }
            }
        }
        return start..<text.count
    }

    /// A call has all its arguments: returns what that adds to `text`. None at all stand for `{}`.
    mutating func keepEnd() -> Range<Int> {
        let start = text.count
        if kind == .customCall {
            customInput.finish(into: &text)
        } else if text.isEmpty {
            text.append(literal: "{}")
        }
        return start..<text.count
    }

    // MARK: JSON

    /// The item as an object.
    ///
    /// - Parameter isBare: without its text, as it is announced.
    func write(isBare: Bool = false, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("id")
        writer.string(id)
        switch kind {
        case .message, .refusal: writeMessage(isBare, to: &writer)
        case .reasoning: writeReasoning(isBare, to: &writer)
        case .functionCall, .customCall: writeCall(isBare, to: &writer)
        }
        writer.endObject()
    }

    private func writeMessage(_ isBare: Bool, to writer: inout JSONWriter) {
        writer.member("type", "message")
        writer.member("status", status.name)
        writer.name("content")
        writer.beginArray()
        if !isBare { writePart(0, to: &writer) }
        writer.endArray()
        writer.member("role", "assistant")
    }

    private func writeReasoning(_ isBare: Bool, to writer: inout JSONWriter) {
        writer.member("type", "reasoning")
        writer.name("summary")
        writer.beginArray()
        if !isBare {
            for part in partStarts.indices { writePart(part, to: &writer) }
        }
        writer.endArray()
        guard !state.isEmpty, !isBare else { return }
        writer.name("encrypted_content")
        writer.beginString()
        state.withUnsafeBytes { writer.appendToString(escaped: $0) }
        writer.endString()
    }

    private func writeCall(_ isBare: Bool, to writer: inout JSONWriter) {
        writer.member("type", kind == .customCall ? "custom_tool_call" : "function_call")
        writer.member("status", status.name)
        writer.name(kind == .customCall ? "input" : "arguments")
        if isBare { writer.string("" as StaticString) } else { writeText(0..<text.count, to: &writer) }
        writer.name("call_id")
        writer.string(callID)
        writer.name("name")
        writer.string(name)
        if let namespace {
            writer.name("namespace")
            writer.string(namespace)
        }
    }

    /// A part as an object.
    func writePart(_ part: Int, isBare: Bool = false, to writer: inout JSONWriter) {
        writer.beginObject()
        switch kind {
        case .refusal:
            writer.member("type", "refusal")
            writer.name("refusal")
        case .reasoning:
            writer.member("type", "summary_text")
            writer.name("text")
        default:
            writer.member("type", "output_text")
            writer.name("annotations")
            writer.json("[]")
            writer.name("logprobs")
            writer.json("[]")
            writer.name("text")
        }
        if isBare { writer.string("" as StaticString) } else { writeText(range(of: part), to: &writer) }
        writer.endObject()
    }

    /// Where a part's text stands.
    func range(of part: Int) -> Range<Int> {
        partStarts[part]..<(part + 1 < partStarts.count ? partStarts[part + 1] : text.count)
    }

    /// A stretch of `text` as a string.
    func writeText(_ range: Range<Int>, to writer: inout JSONWriter) {
        writer.beginString()
        text.withUnsafeBytes { writer.appendToString(escaped: UnsafeRawBufferPointer(rebasing: $0[range])) }
        writer.endString()
    }
}
