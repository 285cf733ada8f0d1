import Streaming

enum ResponsesRequestParser: RequestParser {
    static func parse(_ root: JSONValue) throws(RequestProblem) -> Conversation { throw .notAnObject }
}
enum ResponsesRequestWriter: RequestWriter {
    static func write(
        _ conversation: Conversation, for target: TranslationTarget, plan: inout AnswerPlan, reader: JSONReader, to writer: inout JSONWriter
    ) throws(RequestProblem) { throw .notAnObject }
}
struct ResponsesAnswerParser: AnswerParser {
    init(_ plan: AnswerPlan) {}
    mutating func read(_ event: SSEEvent, _ reader: JSONReader, into sink: inout AnswerOutput) {}
    mutating func streamEnded(into sink: inout AnswerOutput) {}
    mutating func readWhole(_ root: JSONValue, into sink: inout AnswerOutput) {}
}
struct ResponsesStreamWriter: AnswerWriter {
    init(_ plan: AnswerPlan) {}
    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) {}
    var position: ResponsesPosition { ResponsesPosition() }
}
struct ResponsesWholeWriter: AnswerWriter {
    init(_ plan: AnswerPlan) {}
    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) {}
    var position: ResponsesPosition { ResponsesPosition() }
}
