import Foundation
import Streaming
import Testing

@testable import Dialects

/// A request of an Anthropic client, changed in between as other clients' requests differ, and written for Anthropic.
struct WrittenMessages {
    var body: [String: Any]
    var text: String
    var plan: AnswerPlan

    /// - Parameters:
    ///   - members: what stands beside `messages` and `max_tokens`.
    ///   - change: what the client's dialect would have made of it.
    init(
        _ messages: String, _ members: String = "", model: String = "claude-sonnet-4-5", reasons: Bool? = nil, outputTokensMax: Int? = nil,
        change: (inout Conversation) -> Void = { _ in }
    ) throws {
        let json = #"{"model":"m","max_tokens":5000,"messages":\#(messages)\#(members.isEmpty ? "" : ",")\#(members)}"#
        let target = TranslationTarget(
            dialect: .messages, model: model, profile: .anthropic, outputTokensMax: outputTokensMax, reasons: reasons)
        var plan = AnswerPlan()
        let tape = JSONTape()
        let bytes = try Array(json.utf8).withUnsafeBytes { bytes in
            var conversation = try MessagesRequestParser.parse(try tape.parse(bytes))
            change(&conversation)
            conversation.joinTurns()
            var writer = JSONWriter()
            try MessagesRequestWriter.write(conversation, for: target, plan: &plan, reader: JSONReader(), to: &writer)
            return Array(writer.bytes)
        }
        text = String(decoding: bytes, as: UTF8.self)
        body = try parsed(bytes)
        self.plan = plan
    }

    var messages: [[String: Any]] { body["messages"] as? [[String: Any]] ?? [] }
    var roles: [String] { messages.map { $0["role"] as? String ?? "?" } }

    /// A message's blocks, a text alone as one.
    func blocks(_ message: Int) -> [[String: Any]] {
        if let text = messages[message]["content"] as? String { return [["type": "text", "text": text]] }
        return messages[message]["content"] as? [[String: Any]] ?? []
    }

    func types(_ message: Int) -> [String] { blocks(message).map { $0["type"] as? String ?? "?" } }

    /// A member, as compact JSON.
    func json(_ member: String) throws -> String {
        let value = try #require(body[member])
        return String(decoding: try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed]), as: UTF8.self)
    }
}

/// What Anthropic refuses in a request, read off its body.
func requestViolations(_ body: [String: Any]) -> [String] {
    var violations: [String] = []
    for name in ["model", "max_tokens", "messages"] where body[name] == nil { violations.append("no \(name)") }
    let messages = body["messages"] as? [[String: Any]] ?? []
    let isThinking = ["enabled", "adaptive"].contains((body["thinking"] as? [String: Any])?["type"] as? String)
    var callsBefore: [String] = []
    var ids: Set<String> = []
    var marks = 0
    if messages.first?["role"] as? String != "user" { violations.append("the first is not the user's") }
    for (place, message) in messages.enumerated() {
        let role = message["role"] as? String ?? "?"
        if place > 0, messages[place - 1]["role"] as? String == role { violations.append("two turns of \(role)") }
        var blocks = message["content"] as? [[String: Any]] ?? []
        if let text = message["content"] as? String { blocks = [["type": "text", "text": text]] }
        if blocks.isEmpty { violations.append("an empty turn") }
        var calls: [String] = []
        var results: [String] = []
        var hasOther = false
        for block in blocks {
            if block["cache_control"] != nil { marks += 1 }
            switch block["type"] as? String {
            case "text":
                hasOther = true
                let text = block["text"] as? String ?? ""
                if text.allSatisfy(\.isWhitespace) { violations.append("a blank text") }
                if place == messages.count - 1, role == "assistant", text.last?.isWhitespace ?? false { violations.append("white space at the end") }
            case "tool_use":
                let id = block["id"] as? String ?? ""
                if id.isEmpty || !id.utf8.allSatisfy({ $0 == 0x2D || $0 == 0x5F || ($0 < 0x80 && Character(UnicodeScalar($0)).isLetter) || (0x30...0x39).contains($0) }) {
                    violations.append("id \(id)")
                }
                if !ids.insert(id).inserted { violations.append("two calls \(id)") }
                if !(block["input"] is [String: Any]) { violations.append("input is no object") }
                calls.append(id)
            case "tool_result":
                if hasOther { violations.append("a result behind something else") }
                results.append(block["tool_use_id"] as? String ?? "?")
            case "thinking":
                if (block["signature"] as? String ?? "").isEmpty { violations.append("unsigned thinking") }
            default: hasOther = true
            }
        }
        if isThinking, !calls.isEmpty, !(blocks[0]["type"] as? String ?? "").contains("thinking") { violations.append("calls without thinking in front") }
        if results != callsBefore { violations.append("results \(results) for calls \(callsBefore)") }
        callsBefore = calls
    }
    if !callsBefore.isEmpty { violations.append("calls without results at the end") }
    for block in (body["system"] as? [[String: Any]] ?? []) + (body["tools"] as? [[String: Any]] ?? []) where block["cache_control"] != nil {
        marks += 1
    }
    if marks > 4 { violations.append("\(marks) cache marks") }
    if let budget = (body["thinking"] as? [String: Any])?["budget_tokens"] as? Int, budget < 1024 || budget >= body["max_tokens"] as? Int ?? 0 {
        violations.append("a budget of \(budget)")
    }
    return violations
}
