import Streaming

/// A provider's whole answer (one document, or a stream that was read to its end) in a client's dialect.
public struct WholeTranslation: ~Copyable {
    private var output: AnswerOutput

    /// What the answer told. `isComplete` is false, and the body of no use, when it has a `failure` or was cut short.
    public var answer: ObservedAnswer { output.answer }

    /// The client's body, or its events when it asked for a stream.
    public var body: UnsafeRawBufferPointer { output.text.bytes }

    /// Reads a document, leniently: white space around it is none of its own (OpenRouter pads while it waits).
    ///
    /// - Parameters:
    ///   - provider: the dialect of `document`.
    ///   - client: the dialect of `body`.
    ///   - plan: says also whether the client wants a stream.
    public init(_ document: UnsafeRawBufferPointer, from provider: Dialect, to client: Dialect, plan: AnswerPlan, reader: JSONReader) {
        var output = AnswerOutput(plan.isStreaming ? client.streamWriter(plan) : client.wholeWriter(plan), plan)
        var parser = provider.answerParser(plan)
        let isRead = reader.read(document) { root in
            parser.readWhole(root, into: &output)
            return true
        }
        if isRead == nil { output.take(.failure(AnswerFailure(kind: .upstreamFailed))) }
        self.output = output
    }

    /// Reads a stream that is here as a whole.
    public init(events: UnsafeRawBufferPointer, from provider: Dialect, to client: Dialect, plan: AnswerPlan, reader: JSONReader) {
        var output = AnswerOutput(plan.isStreaming ? client.streamWriter(plan) : client.wholeWriter(plan), plan)
        var stream = AnswerStream(provider.answerParser(plan))
        var sse = SSEParser()
        var cursor = SSECursor(events)
        do throws(SSEParserError) {
            while let event = try sse.next(&cursor) { stream.read(event, reader, into: &output) }
            if let last = sse.finish() { stream.read(last, reader, into: &output) }
            stream.ended(into: &output)
        } catch {
            output.take(.failure(AnswerFailure(kind: .upstreamFailed)))
        }
        self.output = output
    }
}
