import Foundation
import Streaming
import Testing

@testable import Dialects

/// Notes the steps of an answer as lines of text: what a parser made of a stream, to be compared.
struct StepRecorder: AnswerWriter {
    init(_ plan: AnswerPlan) {}

    var position: ResponsesPosition { ResponsesPosition() }

    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) {
        var line = Array(Self.line(event).utf8)
        line.append(UInt8(ascii: "\n"))
        line.withUnsafeBytes { writer.frame($0) }
    }

    private static func line(_ event: AnswerEvent) -> String {
        switch event {
        case .opened(let id, let model): "opened \(id?.string ?? "-") \(model?.string ?? "-")"
        case .text(let text): "text \(text.string)"
        case .thinking(let text): "thinking \(text.string)"
        case .thinkingBreak: "thinking break"
        case .signature(let state): "signature \(state.origin) \(state.id?.string ?? "-") \(state.value.string)"
        case .refusal(let text): "refusal \(text.string)"
        case .toolCall(let call, let id, let name): "call \(call) \(id?.string ?? "-") \(name.string)"
        case .toolArguments(let call, let text): "arguments \(call) \(text.string)"
        case .toolCallEnded(let call): "call ended \(call)"
        case .finish(let reason, let stopText): "finish \(reason) \(stopText?.string ?? "-")"
        case .usage(let usage):
            "usage in \(usage.input) read \(usage.cacheRead) write \(usage.cacheWrite) out \(usage.output) reasoning \(usage.reasoning)"
        case .failure(let failure): "failure \(failure.kind)"
        case .end: "end"
        }
    }
}

/// What a parser made of a provider's answer, the observed part included.
struct ParsedAnswer: Equatable {
    var steps: String
    var answer: ObservedAnswer

    /// Of a stream, fed in pieces: nil for all at once, else cut at `offset` only.
    init(stream: [UInt8], _ dialect: Dialect, cutAt offset: Int? = nil, plan: AnswerPlan = AnswerPlan()) throws {
        var answerStream = AnswerStream(dialect.answerParser(plan))
        var output = AnswerOutput(StepRecorder(plan))
        let reader = JSONReader()
        var events = SSEParser()
        let cut = offset ?? stream.count
        for piece in [stream[..<cut], stream[cut...]] {
            try Array(piece).withUnsafeBytes { bytes in
                var cursor = SSECursor(bytes)
                while let event = try events.next(&cursor) { answerStream.read(event, reader, into: &output) }
            }
        }
        if let last = events.finish() { answerStream.read(last, reader, into: &output) }
        answerStream.ended(into: &output)
        steps = String(decoding: output.text.bytes, as: UTF8.self)
        answer = output.answer
    }

    /// Of a whole document.
    init(document: [UInt8], _ dialect: Dialect, plan: AnswerPlan = AnswerPlan()) {
        var parser = dialect.answerParser(plan)
        var output = AnswerOutput(StepRecorder(plan))
        _ = document.withUnsafeBytes { bytes in JSONReader().read(bytes) { parser.readWhole($0, into: &output) } }
        steps = String(decoding: output.text.bytes, as: UTF8.self)
        answer = output.answer
    }
}

extension [AnswerEvent] {
    /// What a writer makes of these steps.
    func written(_ writer: any AnswerWriter, _ plan: AnswerPlan = AnswerPlan()) -> String {
        var output = AnswerOutput(writer, plan)
        for event in self { output.take(event) }
        return String(decoding: output.text.bytes, as: UTF8.self)
    }
}

/// A request translated, as an object to be looked into.
struct TranslatedRequest {
    var body: [String: Any]
    var text: String
    var plan: AnswerPlan

    init(
        _ json: String, from client: Dialect, to target: TranslationTarget, plan: AnswerPlan = AnswerPlan()
    ) throws {
        let bytes = Array(json.utf8)
        let result = try bytes.withUnsafeBytes { bytes in
            let translation = try RequestTranslation(
                bytes, dialect: client, target: target, plan: plan, tape: JSONTape(), reader: JSONReader())
            return (Array(translation.body), translation.plan)
        }
        text = String(decoding: result.0, as: UTF8.self)
        body = try #require(try JSONSerialization.jsonObject(with: Data(result.0)) as? [String: Any])
        self.plan = result.1
    }
}
