import Foundation
import Testing

/// Reads a stream for an Anthropic client the strict way, and says what is wrong with it.
///
/// The rules: every event is named as its `type` says; `message_start` comes first and once, with a whole usage; blocks have indexes from 0 without a
/// gap, are opened, filled with their own kind of delta and closed before the next opens; one `message_delta` with a stop reason and a
/// whole usage stands behind all blocks; `message_stop` is last.
struct MessagesInvariants {
    /// What is wrong, nothing for a stream as it has to be.
    private(set) var violations: [String] = []
    /// The message that an SDK makes of the stream.
    private(set) var content: [[String: Any]] = []
    private(set) var stopReason: String?
    private(set) var stopSequence: String?
    private(set) var id: String?
    private(set) var model: String?
    private(set) var startUsage: [String: Any] = [:]
    private(set) var finalUsage: [String: Any] = [:]

    private var openIndex: Int?
    private var arguments = ""
    private var hasStarted = false
    private var hasDelta = false
    private var hasStopped = false

    /// - Parameter isWhole: whether the stream must have its end.
    init(_ stream: String, isWhole: Bool = true) {
        if !stream.isEmpty, !stream.hasSuffix("\n\n") { violations.append("the last event is not closed") }
        for event in stream.components(separatedBy: "\n\n") where !event.isEmpty { take(event) }
        if isWhole, !hasStopped { violations.append("no message_stop") }
    }

    /// Text of all blocks of a kind.
    func text(_ kind: String = "text") -> String {
        content.filter { $0["type"] as? String == kind }.map { $0[kind] as? String ?? "" }.joined()
    }

    /// The blocks' types.
    var types: [String] { content.map { $0["type"] as? String ?? "?" } }

    private mutating func take(_ event: String) {
        let lines = event.components(separatedBy: "\n")
        guard lines.count == 2, lines[0].hasPrefix("event: "), lines[1].hasPrefix("data: "),
            let data = try? JSONSerialization.jsonObject(with: Data(lines[1].dropFirst(6).utf8)) as? [String: Any],
            let type = data["type"] as? String
        else { return violations.append("not an event: \(event)") }
        if lines[0].dropFirst(7) != type { violations.append("\(lines[0]) holds \(type)") }
        if hasStopped { violations.append("\(type) behind the end") }
        if !hasStarted, type != "message_start" { violations.append("\(type) before message_start") }
        switch type {
        case "message_start": start(data)
        case "content_block_start": open(data)
        case "content_block_delta": delta(data)
        case "content_block_stop": close(data)
        case "message_delta": finish(data)
        case "message_stop":
            if !hasDelta { violations.append("message_stop without message_delta") }
            hasStopped = true
        default: violations.append("unknown event \(type)")
        }
    }

    private mutating func start(_ data: [String: Any]) {
        if hasStarted { violations.append("a second message_start") }
        hasStarted = true
        guard let message = data["message"] as? [String: Any] else { return violations.append("message_start without message") }
        id = message["id"] as? String
        model = message["model"] as? String
        if id?.isEmpty ?? true { violations.append("message without id") }
        if model == nil { violations.append("message without model") }
        if message["type"] as? String != "message" || message["role"] as? String != "assistant" { violations.append("no assistant's message") }
        if (message["content"] as? [Any])?.isEmpty != true { violations.append("content does not begin empty") }
        if !(message["stop_reason"] is NSNull) || !(message["stop_sequence"] is NSNull) { violations.append("stops before it begins") }
        startUsage = message["usage"] as? [String: Any] ?? [:]
        check(startUsage, "message_start")
    }

    private mutating func check(_ usage: [String: Any], _ place: String) {
        for name in ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens"] {
            guard let count = usage[name] as? Int, count >= 0 else {
                violations.append("\(place): usage without \(name)")
                continue
            }
        }
    }

    private mutating func open(_ data: [String: Any]) {
        let index = data["index"] as? Int ?? -1
        if let openIndex { violations.append("block \(index) opens while \(openIndex) is open") }
        if hasDelta { violations.append("a block behind message_delta") }
        if index != content.count { violations.append("block \(index) where \(content.count) is due") }
        guard let block = data["content_block"] as? [String: Any], let type = block["type"] as? String else {
            return violations.append("a block without type")
        }
        switch type {
        case "text": if block["text"] as? String != "" { violations.append("a text block that does not begin empty") }
        case "thinking":
            if block["thinking"] as? String != "" || block["signature"] as? String != "" { violations.append("thinking does not begin empty") }
        case "tool_use":
            if (block["input"] as? [String: Any])?.isEmpty != true { violations.append("input does not begin empty") }
            if (block["id"] as? String)?.isEmpty ?? true { violations.append("a call without id") }
            if block["name"] as? String == nil { violations.append("a call without name") }
        case "redacted_thinking": if (block["data"] as? String)?.isEmpty ?? true { violations.append("redacted thinking without data") }
        default: violations.append("unknown block \(type)")
        }
        openIndex = index
        arguments = ""
        content.append(block)
    }

    private mutating func delta(_ data: [String: Any]) {
        let index = data["index"] as? Int ?? -1
        guard index == openIndex, let delta = data["delta"] as? [String: Any], let type = delta["type"] as? String else {
            return violations.append("a delta for block \(index), which is not open")
        }
        let block = content[content.count - 1]["type"] as? String ?? "?"
        switch (type, block) {
        case ("text_delta", "text"): append(delta["text"], to: "text")
        case ("thinking_delta", "thinking"): append(delta["thinking"], to: "thinking")
        case ("signature_delta", "thinking"): content[content.count - 1]["signature"] = delta["signature"] as? String
        case ("input_json_delta", "tool_use"):
            guard let piece = delta["partial_json"] as? String else { return violations.append("arguments that are no text") }
            arguments += piece
        default: violations.append("\(type) in a block of \(block)")
        }
    }

    private mutating func append(_ piece: Any?, to member: String) {
        guard let piece = piece as? String else { return violations.append("a delta without \(member)") }
        content[content.count - 1][member] = (content[content.count - 1][member] as? String ?? "") + piece
    }

    private mutating func close(_ data: [String: Any]) {
        let index = data["index"] as? Int ?? -1
        guard index == openIndex else { return violations.append("block \(index) closes and is not open") }
        openIndex = nil
        guard content[content.count - 1]["type"] as? String == "tool_use" else { return }
        content[content.count - 1]["arguments"] = arguments
        if let input = try? JSONSerialization.jsonObject(with: Data(arguments.utf8)) as? [String: Any] {
            content[content.count - 1]["input"] = input
        } else {
            content[content.count - 1]["isBroken"] = true
        }
    }

    private mutating func finish(_ data: [String: Any]) {
        if hasDelta { violations.append("a second message_delta") }
        hasDelta = true
        if let openIndex { violations.append("message_delta while block \(openIndex) is open") }
        guard let delta = data["delta"] as? [String: Any] else { return violations.append("message_delta without delta") }
        stopReason = delta["stop_reason"] as? String
        stopSequence = delta["stop_sequence"] as? String
        let known = [
            "end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal", "model_context_window_exceeded",
        ]
        if !known.contains(stopReason ?? "") { violations.append("stop reason \(stopReason ?? "null")") }
        if delta["stop_sequence"] == nil { violations.append("message_delta without stop_sequence") }
        finalUsage = data["usage"] as? [String: Any] ?? [:]
        check(finalUsage, "message_delta")
    }
}

/// The same for a whole message.
func messageViolations(_ text: String) throws -> [String] {
    let message = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    var violations: [String] = []
    for name in ["id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"] where message[name] == nil {
        violations.append("no \(name)")
    }
    for block in message["content"] as? [[String: Any]] ?? [] {
        let needed: [String] =
            switch block["type"] as? String {
            case "text": ["text"]
            case "thinking": ["thinking", "signature"]
            case "redacted_thinking": ["data"]
            case "tool_use": ["id", "name", "input"]
            default: ["a known type"]
            }
        for name in needed where block[name] == nil { violations.append("a block without \(name)") }
        if block["type"] as? String == "tool_use", !(block["input"] is [String: Any]) { violations.append("input is no object") }
    }
    return violations
}
