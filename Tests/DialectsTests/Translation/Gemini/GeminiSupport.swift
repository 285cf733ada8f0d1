import Foundation
import Streaming
import Testing

@testable import Dialects

/// What must hold of any Gemini stream that is whole, and what it comes to when a client puts it together.
struct GeminiStreamCheck {
    var text = ""
    var thoughts = ""
    var calls: [(id: String?, name: String, arguments: [String: Any])] = []
    var signatures: [String] = []
    var finishReason: String?
    var usage: [String: Int] = [:]
    var chunks = 0
    /// What does not hold; empty when all is well.
    var faults: [String] = []

    /// - Parameter stream: server-sent events, or a JSON array of responses.
    init(_ stream: String) {
        for (place, document) in Self.documents(stream, &faults).enumerated() {
            guard let object = try? JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any] else {
                faults.append("chunk \(place) is no JSON object")
                continue
            }
            read(object, place)
        }
        if finishReason == nil { faults.append("no finish reason") }
        if usage["totalTokenCount"] == nil { faults.append("no usage") }
    }

    private static func documents(_ stream: String, _ faults: inout [String]) -> [String] {
        if stream.hasPrefix("[") {
            guard let list = try? JSONSerialization.jsonObject(with: Data(stream.utf8)) as? [Any] else {
                faults.append("no JSON array")
                return []
            }
            return list.compactMap { try? JSONSerialization.data(withJSONObject: $0) }.map { String(decoding: $0, as: UTF8.self) }
        }
        guard stream.hasSuffix("\r\n\r\n") else {
            faults.append("the last event has no blank line")
            return []
        }
        return stream.components(separatedBy: "\r\n\r\n").dropLast().map { event in
            if !event.hasPrefix("data: ") || event.contains("\n") { faults.append("an event is not one data line") }
            return String(event.dropFirst(6))
        }
    }

    private mutating func read(_ response: [String: Any], _ place: Int) {
        chunks += 1
        if finishReason != nil { faults.append("chunk \(place) comes behind the finish reason") }
        if (response["modelVersion"] as? String ?? "").isEmpty { faults.append("chunk \(place) names no model") }
        if (response["responseId"] as? String ?? "").isEmpty { faults.append("chunk \(place) has no id") }
        guard let candidates = response["candidates"] as? [[String: Any]], candidates.count == 1 else {
            faults.append("chunk \(place) has not one candidate")
            return
        }
        if candidates[0]["index"] as? Int != 0 { faults.append("chunk \(place) has another index") }
        let content = candidates[0]["content"] as? [String: Any]
        if content?["role"] as? String != "model" { faults.append("chunk \(place) has another role") }
        guard let parts = content?["parts"] as? [[String: Any]], !parts.isEmpty else {
            faults.append("chunk \(place) has no parts")
            return
        }
        for part in parts { read(part: part, place) }
        finishReason = candidates[0]["finishReason"] as? String
        if let counts = response["usageMetadata"] as? [String: Any] { usage = counts.compactMapValues { $0 as? Int } }
        if !usage.isEmpty, finishReason == nil { faults.append("usage stands elsewhere than on the last chunk") }
    }

    private mutating func read(part: [String: Any], _ place: Int) {
        if let signature = part["thoughtSignature"] as? String {
            signatures.append(signature)
            if Data(base64Encoded: signature) == nil { faults.append("chunk \(place): a signature is no base64") }
        }
        if let call = part["functionCall"] as? [String: Any] {
            guard let name = call["name"] as? String, let arguments = call["args"] as? [String: Any] else {
                faults.append("chunk \(place): a call has no name or no arguments")
                return
            }
            calls.append((call["id"] as? String, name, arguments))
        } else if let text = part["text"] as? String {
            if part["thought"] as? Bool ?? false { thoughts += text } else { self.text += text }
        } else {
            faults.append("chunk \(place): a part of no known kind")
        }
    }
}

extension Conversation {
    /// Reads a Gemini body and hands its conversation to `body`, which may not keep it.
    static func gemini<Result>(_ json: String, _ body: (Conversation) throws -> Result) throws -> Result {
        try withJSON(json) { try body(GeminiRequestParser.parse($0)) }
    }

    /// The conversation as a request to a Gemini model.
    func geminiBody(_ model: String = "gemini-3-flash-preview", plan: inout AnswerPlan) throws -> [String: Any] {
        var writer = JSONWriter()
        var joined = self
        joined.joinTurns()
        try GeminiRequestWriter.write(
            joined, for: TranslationTarget(dialect: .gemini, model: model, profile: .google), plan: &plan, reader: JSONReader(), to: &writer)
        return try #require(try JSONSerialization.jsonObject(with: Data(writer.bytes)) as? [String: Any])
    }

    func geminiBody(_ model: String = "gemini-3-flash-preview") throws -> [String: Any] {
        var plan = AnswerPlan()
        return try geminiBody(model, plan: &plan)
    }

    /// One member of the request as JSON with sorted keys.
    func geminiMember(_ name: String, _ model: String = "gemini-3-flash-preview") throws -> String {
        try canonical(try #require(try geminiBody(model)[name]))
    }

    /// The contents of the request, each part as JSON with sorted keys: `user: {"text":"Hi"}`.
    func geminiContents(_ model: String = "gemini-3-flash-preview") throws -> [String] {
        let contents = try #require(try geminiBody(model)["contents"] as? [[String: Any]])
        return try contents.map { content in
            let parts = try #require(content["parts"] as? [Any])
            return "\(content["role"] as? String ?? "-"): " + (try parts.map(canonical).joined(separator: " "))
        }
    }
}

/// Parses a document for the time of the call.
func withJSON<Result>(_ json: String, _ body: (JSONValue) throws -> Result) throws -> Result {
    let bytes = Array(json.utf8)
    let tape = JSONTape()
    return try withExtendedLifetime(tape) {
        try bytes.withUnsafeBytes { try body(tape.parse($0)) }
    }
}

/// JSON with sorted keys and no escaped slashes.
func canonical(_ value: Any) throws -> String {
    String(
        decoding: try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes, .fragmentsAllowed]),
        as: UTF8.self)
}

/// The conversation's parts, one line each, for comparing.
func lines(_ turns: [ConversationTurn]) -> [String] {
    turns.flatMap { turn in turn.parts.map { "\(turn.role) \(line($0))" } }
}

private func line(_ part: ConversationPart) -> String {
    switch part.content {
    case .text(let text): "text \(text.string)"
    case .image(let source): "image \(line(source))"
    case .file(let source, let name): "file \(line(source)) \(name?.string ?? "-")"
    case .audio(let data, let format): "audio \(format.string) \(data.string)"
    case .thinking(let text, let state): "thinking \(text.string) \(state.map(line) ?? "-")"
    case .sealedThinking(let state): "sealed \(line(state))"
    case .refusal(let text): "refusal \(text.string)"
    case .toolCall(let call): "call \(call.id.string) \(call.name.string) \(line(call.arguments)) \(call.state.map(line) ?? "-")"
    case .toolResult(let result):
        "result \(result.callID.string) \(result.name?.string ?? "-") \(result.isError ? "error " : "")"
            + (result.object.map { String(decoding: $0.rawBytes, as: UTF8.self) } ?? result.parts.map(line).joined(separator: ", "))
    }
}

private func line(_ source: MediaSource) -> String {
    switch source {
    case .base64(let type, let data): "\(type.string) \(data.string)"
    case .url(let url): "url \(url.string)"
    case .fileID(let id): "id \(id.string)"
    case .text(let text): "text \(text.string)"
    }
}

private func line(_ state: ProviderState) -> String { "\(state.origin):\(state.id?.string ?? ""):\(state.value.string)" }

private func line(_ arguments: ToolArguments) -> String {
    switch arguments {
    case .object(let value): String(decoding: value.rawBytes, as: UTF8.self)
    case .text(let text): "'\(text.string)'"
    }
}
