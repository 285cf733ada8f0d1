import Streaming

enum MessagesRequestParser: RequestParser {
    static func parse(_ root: JSONValue) throws(RequestProblem) -> Conversation { throw .notAnObject }
}
enum MessagesRequestWriter: RequestWriter {
    static func write(
        _ conversation: Conversation, for target: TranslationTarget, plan: inout AnswerPlan, reader: JSONReader, to writer: inout JSONWriter
    ) throws(RequestProblem) { throw .notAnObject }
}
struct MessagesAnswerParser: AnswerParser {
    init(_ plan: AnswerPlan) {}
    mutating func read(_ event: SSEEvent, _ reader: JSONReader, into sink: inout AnswerOutput) {}
    mutating func streamEnded(into sink: inout AnswerOutput) {}
    mutating func readWhole(_ root: JSONValue, into sink: inout AnswerOutput) {}
}
struct MessagesStreamWriter: AnswerWriter {
    init(_ plan: AnswerPlan) {}
    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) {}
    var position: ResponsesPosition { ResponsesPosition() }
}
struct MessagesWholeWriter: AnswerWriter {
    init(_ plan: AnswerPlan) {}
    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) {}
    var position: ResponsesPosition { ResponsesPosition() }
}
