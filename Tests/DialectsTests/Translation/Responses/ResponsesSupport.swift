import Foundation
import Streaming
import Testing

@testable import Dialects

/// A plan as the gateway makes one.
func responsesPlan(_ tools: [String: AnswerPlan.ClientTool] = [:]) -> AnswerPlan {
    var plan = AnswerPlan()
    plan.model = "asked-for"
    plan.idStem = "abc"
    plan.createdSeconds = 1_700_000_000
    plan.renamedTools = tools
    return plan
}

/// Looks into a request as it was read; the conversation is valid during the call.
func readResponses<Result>(_ json: String, _ body: (Conversation) throws -> Result) throws -> Result {
    try Array(json.utf8).withUnsafeBytes { bytes in
        let tape = JSONTape()
        var conversation = try ResponsesRequestParser.parse(try tape.parse(bytes))
        conversation.joinTurns()
        return try withExtendedLifetime(tape) { try body(conversation) }
    }
}

/// What the writer makes of a conversation.
func responsesBody(
    _ conversation: Conversation, _ target: TranslationTarget = TranslationTarget(dialect: .responses, model: "gpt-4.1"),
    plan: AnswerPlan = AnswerPlan()
) throws -> (body: [String: Any], plan: AnswerPlan) {
    var writer = JSONWriter()
    var plan = plan
    try ResponsesRequestWriter.write(conversation, for: target, plan: &plan, reader: JSONReader(), to: &writer)
    let body = try #require(try JSONSerialization.jsonObject(with: Data(writer.bytes)) as? [String: Any])
    return (body, plan)
}

extension ConversationPart {
    /// One word and what it holds, to be compared.
    var line: String {
        switch content {
        case .text(let text): "text \(text.string)"
        case .image(let source): "image \(source.line)"
        case .file(let source, let name): "file \(name?.string ?? "-") \(source.line)"
        case .audio(let data, let format): "audio \(format.string) \(data.string)"
        case .thinking(let text, let state): "thinking \(text.string) \(state.map(\.line) ?? "-")"
        case .sealedThinking(let state): "sealed \(state.line)"
        case .refusal(let text): "refusal \(text.string)"
        case .toolCall(let call):
            "call \(call.id.string) \(call.namespace.map { $0.string + "/" } ?? "")\(call.name.string)\(call.isCustom ? " custom" : "") \(call.arguments.line)"
        case .toolResult(let result):
            "result \(result.callID.string)\(result.isCustom ? " custom" : "") [\(result.parts.map(\.line).joined(separator: ", "))]"
                + (result.object.map { " " + String(decoding: $0.rawBytes, as: UTF8.self) } ?? "")
        }
    }
}

extension MediaSource {
    var line: String {
        switch self {
        case .base64(let type, let data): "\(type.string) \(data.string)"
        case .url(let url): "url \(url.string)"
        case .fileID(let id): "id \(id.string)"
        case .text(let text): "text \(text.string)"
        }
    }
}

extension ProviderState {
    var line: String { "\(origin) \(id?.string ?? "-") \(value.string)" }
}

extension ToolArguments {
    var line: String {
        switch self {
        case .object(let value): String(decoding: value.rawBytes, as: UTF8.self)
        case .text(let text): text.string
        }
    }
}

extension Conversation {
    /// The turns, a line for each part.
    var lines: [String] { turns.flatMap { turn in turn.parts.map { "\(turn.role): \($0.line)" } } }
}

/// Notes the steps of an answer with neighbouring pieces joined, so that an answer in deltas and the same answer at once compare equal. Of a state
/// only its item is noted: a provider may seal it anew.
struct JoinedSteps: AnswerWriter {
    private var kind = ""

    init(_ plan: AnswerPlan) {}

    var position: ResponsesPosition { ResponsesPosition() }

    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) {
        switch event {
        case .opened(let id, let model): add("opened", "\(id?.string ?? "-") \(model?.string ?? "-")", to: &writer)
        case .text(let text): add("text", text.string, to: &writer)
        case .thinking(let text): add("thinking", text.string, to: &writer)
        case .thinkingBreak: add("break", "", to: &writer)
        case .signature(let state): add("signature", "\(state.origin)", to: &writer)
        case .refusal(let text): add("refusal", text.string, to: &writer)
        case .toolCall(let call, let id, let name): add("call \(call)", "\(id?.string ?? "-") \(name.string)", to: &writer)
        case .toolArguments(let call, let text): add("arguments \(call)", text.string, to: &writer)
        case .finish(let reason, _): add("finish", "\(reason)", to: &writer)
        case .end: add("end", "", to: &writer)
        case .toolCallEnded, .usage, .failure: break
        }
    }

    private mutating func add(_ kind: String, _ text: String, to writer: inout JSONWriter) {
        let line = (kind == self.kind ? "" : "\n\(kind): ") + text
        self.kind = kind
        Array(line.utf8).withUnsafeBytes { writer.frame($0) }
    }

    static func of(stream: [UInt8]) throws -> String {
        var output = AnswerOutput(JoinedSteps(AnswerPlan()))
        var parser = ResponsesAnswerParser(AnswerPlan())
        var events = SSEParser()
        let reader = JSONReader()
        try stream.withUnsafeBytes { bytes in
            var cursor = SSECursor(bytes)
            while let event = try events.next(&cursor) {
                if event.hasData { parser.read(event, reader, into: &output) }
            }
        }
        return String(decoding: output.text.bytes, as: UTF8.self)
    }

    static func of(document: [UInt8]) -> String {
        var output = AnswerOutput(JoinedSteps(AnswerPlan()))
        var parser = ResponsesAnswerParser(AnswerPlan())
        _ = document.withUnsafeBytes { bytes in JSONReader().read(bytes) { parser.readWhole($0, into: &output) } }
        return String(decoding: output.text.bytes, as: UTF8.self)
    }
}
