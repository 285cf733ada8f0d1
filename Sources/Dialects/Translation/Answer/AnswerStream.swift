import Streaming

/// A provider's answer as its events come: one parser, and what holds for the streams of every dialect.
///
/// An event that opens an object and cannot be read, half an object or half a character, has lost a piece of the answer: the answer has failed. It is told
/// when more comes behind it. As the very last, such an event is what a cut connection leaves, and the answer is cut short.
struct AnswerStream {
    private var parser: any AnswerParser
    /// The event before could not be read.
    private var isTorn = false

    init(_ parser: any AnswerParser) {
        self.parser = parser
    }

    /// Reads the next event. One without data says nothing.
    mutating func read(_ event: SSEEvent, _ reader: JSONReader, into output: inout AnswerOutput) {
        guard event.hasData else { return }
        output.beginEvent()
        if isTorn {
            isTorn = false
            output.take(.failure(AnswerFailure(kind: .upstreamFailed, message: "an event of the answer is broken")))
        }
        let unreadable = reader.unreadableCount
        parser.read(event, reader, into: &output)
        isTorn = reader.unreadableCount > unreadable && Bytes.trimmed(event.data).first == UInt8(ascii: "{")
    }

    /// The body has ended, well framed or not.
    mutating func ended(into output: inout AnswerOutput) {
        if !isTorn { parser.streamEnded(into: &output) }
    }
}
