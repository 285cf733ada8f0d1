import Foundation
import Streaming
import Testing

@testable import Dialects

/// What a request says, as far as every dialect has words for it: what a translation there and back has to keep.
struct RequestDigest {
    struct Tool: Equatable {
        var name: String
        /// JSON with sorted keys, without `$schema`.
        var schema: String
    }

    struct Call: Equatable {
        var name: String
        var arguments: String
    }

    /// Instructions in front of everything.
    var system: [String] = []
    /// Later instructions count as the user's: not every dialect has a place for them.
    var userTexts: [String] = []
    var assistantTexts: [String] = []
    var tools: [Tool] = []
    var calls: [Call] = []
    /// In the order of their calls.
    var results: [String] = []
    /// Their bytes or addresses, sorted: some dialects have images of results behind them.
    var images: [String] = []

    init(_ json: String, _ dialect: Dialect) throws {
        let bytes = Array(json.utf8)
        let tape = JSONTape()
        self = try withExtendedLifetime(tape) {
            try bytes.withUnsafeBytes { bytes in
                let root = try tape.parse(bytes)
                var conversation =
                    switch dialect {
                    case .chat: try ChatRequestParser.parse(root)
                    case .responses: try ResponsesRequestParser.parse(root)
                    case .messages: try MessagesRequestParser.parse(root, isCounted: true)
                    case .gemini: try GeminiRequestParser.parse(root)
                    }
                conversation.joinTurns()
                return RequestDigest(conversation)
            }
        }
    }

    private init(_ conversation: Conversation) {
        system = conversation.system.compactMap { Self.text($0) }
        for tool in conversation.tools {
            if case .hosted = tool.kind { continue }
            tools.append(Tool(name: Self.name(tool.name, tool.namespace), schema: Self.schema(of: tool)))
        }
        var order: [String] = []
        var answered: [String: String] = [:]
        for turn in conversation.turns {
            for part in turn.parts {
                switch part.content {
                case .toolCall(let call):
                    order.append(call.id.string)
                    calls.append(Call(name: Self.name(call.name, call.namespace), arguments: Self.arguments(of: call)))
                case .toolResult(let result): answered[result.callID.string] = take(result)
                case .image(let source): take(source)
                default:
                    guard let text = Self.text(part) else { continue }
                    if turn.role == .assistant { assistantTexts.append(text) } else { userTexts.append(text) }
                }
            }
        }
        results = order.compactMap { answered[$0] }
        images.sort()
    }

    private static func name(_ name: JSONText, _ namespace: JSONText?) -> String { (namespace.map { $0.string + "__" } ?? "") + name.string }

    /// Without white space: dialects join texts in ways of their own.
    private static func text(_ part: ConversationPart) -> String? {
        switch part.content {
        case .text(let text), .refusal(let text):
            let text = text.string.filter { !$0.isWhitespace }
            return text.isEmpty ? nil : text
        default: return nil
        }
    }

    private static func schema(of tool: ToolDefinition) -> String {
        if case .custom = tool.kind { return #"{"properties":{"input":{"type":"string"}},"required":["input"],"type":"object"}"# }
        guard let schema = tool.schema else { return "none" }
        var writer = JSONWriter()
        SchemaWriter.write(schema, isOpenAPI: tool.isOpenAPISchema, to: &writer)
        guard var object = try? parsed(Array(writer.bytes)) else { return "none" }
        object["$schema"] = nil
        // No properties may be said in several ways, all of which the dialects understand.
        if (object["properties"] as? [String: Any])?.isEmpty ?? true {
            for name in ["properties", "additionalProperties", "type", "required"] { object[name] = nil }
            if object.isEmpty { return "none" }
        }
        return sortedJSON(object)
    }

    private static func arguments(of call: ToolCall) -> String {
        switch call.arguments {
        case .object(let value): canonicalArguments(String(decoding: value.rawBytes, as: UTF8.self)) ?? "broken"
        case .text(let text): call.isCustom ? sortedJSON(["input": text.string]) : canonicalArguments(text.string) ?? "broken"
        }
    }

    private mutating func take(_ source: MediaSource) {
        switch source {
        case .base64(_, let data): images.append(data.string)
        case .url(let text), .fileID(let text), .text(let text): images.append(text.string)
        }
    }

    /// The text of a result, without the words that stand around it.
    private mutating func take(_ result: ToolResult) -> String {
        var text = ""
        for part in result.parts {
            if case .image(let source) = part.content { take(source) } else { text += Self.text(part) ?? "" }
        }
        if let object = result.object { text = String(decoding: object.rawBytes, as: UTF8.self) }
        if let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] { return sortedJSON(object).filter { !$0.isWhitespace } }
        return (text.hasPrefix("Error:") ? String(text.dropFirst(6)) : text).filter { !$0.isWhitespace }
    }

    /// What is missing in `back`, which came of this request; empty when all of it is there, in order.
    ///
    /// - Parameter renamed: names that had to be changed on the way.
    func losses(in back: RequestDigest, renamed: [String: AnswerPlan.ClientTool]) -> [String] {
        var losses: [String] = []
        func known(_ name: String) -> String {
            guard let tool = renamed[name] else { return name }
            return (tool.namespace.map { $0 + "__" } ?? "") + tool.name
        }
        func compare<Value: Equatable>(_ what: String, _ before: Value, _ after: Value) {
            if before != after { losses.append("\(what): \(before) became \(after)") }
        }
        if !Self.holds(back.system + back.userTexts, system) { losses.append("system: \(system) became \(back.system)") }
        if !Self.holds(back.userTexts, userTexts) { losses.append("user: \(userTexts) became \(back.userTexts)") }
        if !Self.holds(back.assistantTexts, assistantTexts) { losses.append("assistant: \(assistantTexts) became \(back.assistantTexts)") }
        // A Messages provider wants the tools named that calls of the history were of.
        let isNamedOnly = tools.isEmpty && back.tools.allSatisfy { tool in calls.contains { $0.name == tool.name } }
        if !isNamedOnly { compare("tools", tools, back.tools.map { Tool(name: known($0.name), schema: $0.schema) }) }
        compare("calls", calls, back.calls.map { Call(name: known($0.name), arguments: $0.arguments) })
        if results.count == calls.count { compare("results", results, back.results) } else if !Self.holds(back.results, results) {
            losses.append("results: \(results) became \(back.results)")
        }
        compare("images", images, back.images)
        return losses
    }

    /// Whether `texts` hold all `needed` ones in order; what stands between them is the dialects' own.
    private static func holds(_ texts: [String], _ needed: [String]) -> Bool {
        var rest = texts.joined()[...]
        for text in needed {
            guard let range = rest.range(of: text) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}
