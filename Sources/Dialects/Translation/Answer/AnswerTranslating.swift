import Streaming

/// Reads a provider's answer of one dialect. A value of one answer.
protocol AnswerParser {
    init(_ plan: AnswerPlan)

    /// Reads the next event of a stream. What is no JSON (`AnswerStream` sees to it), or unknown, is passed over; an event named `error` is a failure whatever it holds.
    mutating func read(_ event: SSEEvent, _ reader: JSONReader, into sink: inout AnswerOutput)

    /// The body has ended, well framed. Only a dialect without an end mark (Gemini) makes an `end` of it, when the answer had its finish.
    mutating func streamEnded(into sink: inout AnswerOutput)

    /// Reads an answer that came in one document (status 200), which may be an error all the same; `end` is its last event when it is whole.
    mutating func readWhole(_ root: JSONValue, into sink: inout AnswerOutput)
}

/// Writes an answer of one dialect for a client, as a stream or as one document. A value of one answer.
///
/// A stream's writer writes whole server-sent events, framing included. No writer makes an end mark of anything but `end`.
protocol AnswerWriter {
    init(_ plan: AnswerPlan)

    /// Writes what an event means into `writer`. A whole answer is a document once `end` was written, and none before.
    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter)

    /// Where a Responses stream stands, for an error of the gateway's own that ends it; empty for the others.
    var position: ResponsesPosition { get }
}
