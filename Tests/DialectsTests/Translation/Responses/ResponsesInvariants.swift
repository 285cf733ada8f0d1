import Foundation

@testable import Dialects

/// Reads a Responses stream as a strict client does, and says what is wrong with it. `violations` is empty for a stream that the OpenAI SDKs' helpers
/// and Codex take to its end.
struct ResponsesInvariants {
    private(set) var violations: [String] = []
    /// The `type`s in their order.
    private(set) var types: [String] = []
    /// The response of the last event, when it is an end.
    private(set) var final: [String: Any] = [:]
    /// Items as `output_item.done` gave them, in the order of their indexes.
    var items: [[String: Any]] { open.sorted { $0.key < $1.key }.compactMap(\.value.done) }

    /// What was said of one item so far.
    private struct Item {
        var added: [String: Any]
        /// Texts by part, from the deltas; calls have one.
        var texts: [String] = []
        var openPart: Int?
        var textDone: String?
        var done: [String: Any]?
    }

    private var open: [Int: Item] = [:]
    private var created: [String: Any] = [:]
    private var hasEnded = false

    /// - Parameter isCutShort: a stream whose provider broke off: it may lack its end, and nothing else.
    init(_ stream: String, isCutShort: Bool = false) {
        var number = 0
        for block in stream.components(separatedBy: "\n\n") where !block.isEmpty && !block.hasPrefix(":") {
            let lines = block.components(separatedBy: "\n")
            guard lines.count == 2, lines[0].hasPrefix("event: "), lines[1].hasPrefix("data: "),
                let data = try? JSONSerialization.jsonObject(with: Data(lines[1].dropFirst(6).utf8)) as? [String: Any]
            else {
                violations.append("not an event of a name and one line of JSON: \(block.prefix(200))")
                continue
            }
            let type = data["type"] as? String ?? ""
            types.append(type)
            check(type == lines[0].dropFirst(7), "\(type) is named \(lines[0])")
            check(data["sequence_number"] as? Int == number, "\(type) has number \(data["sequence_number"] ?? "-"), not \(number)")
            check(!hasEnded, "\(type) behind the end")
            number += 1
            read(type, data)
        }
        check(types.first == "response.created", "begins with \(types.first ?? "nothing")")
        check(types.dropFirst().first == "response.in_progress", "no response.in_progress behind the first event")
        if !isCutShort { check(hasEnded, "has no end") }
    }

    private mutating func check(_ isRight: Bool, _ words: String) {
        if !isRight { violations.append(words) }
    }

    private mutating func read(_ type: String, _ data: [String: Any]) {
        switch type {
        case "response.created", "response.in_progress":
            let response = data["response"] as? [String: Any] ?? [:]
            checkResponse(response, "in_progress")
            check((response["output"] as? [Any])?.isEmpty ?? false, "\(type) has output already")
            check(response["usage"] is NSNull, "\(type) has usage already")
            if type == "response.created" {
                check(created.isEmpty, "a second response.created")
                created = response
            }
        case "response.completed", "response.incomplete", "response.failed":
            hasEnded = true
            final = data["response"] as? [String: Any] ?? [:]
            checkResponse(final, String(type.dropFirst(9)))
            checkEnd()
        case "response.output_item.added":
            add(data)
        default:
            guard let index = data["output_index"] as? Int, var item = open[index] else {
                violations.append("\(type) of an item that was not added")
                return
            }
            check(item.done == nil, "\(type) of an item that is done")
            if type != "response.output_item.done" {
                check(data["item_id"] as? String == item.added["id"] as? String, "\(type) with another item_id")
            }
            read(type, data, &item)
            open[index] = item
        }
    }

    private mutating func add(_ data: [String: Any]) {
        let item = data["item"] as? [String: Any] ?? [:]
        check(data["output_index"] as? Int == open.count, "output_index \(data["output_index"] ?? "-") where \(open.count) is next")
        let id = item["id"] as? String ?? ""
        check(!id.isEmpty && !open.values.contains { $0.added["id"] as? String == id }, "item id '\(id)' is empty or taken")
        switch item["type"] as? String {
        case "message":
            check(id.hasPrefix("msg_"), "message with id \(id)")
            check(item["role"] as? String == "assistant" && (item["content"] as? [Any])?.isEmpty ?? false, "message not bare")
        case "reasoning":
            check((item["summary"] as? [Any])?.isEmpty ?? false, "reasoning not bare")
        case "function_call", "custom_tool_call":
            let isCustom = item["type"] as? String == "custom_tool_call"
            check(id.hasPrefix(isCustom ? "ctc_" : "fc_"), "call with id \(id)")
            check(item[isCustom ? "input" : "arguments"] as? String == "", "call not bare")
            let callID = item["call_id"] as? String ?? ""
            check(!callID.isEmpty && !open.values.contains { $0.added["call_id"] as? String == callID }, "call_id '\(callID)' is empty or taken")
            check(!(item["name"] as? String ?? "").isEmpty, "call without a name")
        default:
            violations.append("item of type \(item["type"] ?? "-")")
        }
        open[open.count] = Item(added: item)
    }

    private mutating func read(_ type: String, _ data: [String: Any], _ item: inout Item) {
        let part = data["content_index"] as? Int ?? data["summary_index"] as? Int ?? 0
        switch type {
        case "response.content_part.added", "response.reasoning_summary_part.added":
            check(item.openPart == nil && part == item.texts.count, "part \(part) is added out of turn")
            item.texts.append("")
            item.openPart = part
            item.textDone = nil
        case "response.output_text.delta", "response.refusal.delta", "response.reasoning_summary_text.delta":
            check(item.openPart == part && item.textDone == nil, "\(type) outside of its part")
            guard item.texts.indices.contains(part) else { return }
            check(!(data["delta"] as? String ?? "").isEmpty, "an empty delta")
            item.texts[part] += data["delta"] as? String ?? ""
            if type == "response.output_text.delta" { check(data["logprobs"] is [Any], "no logprobs") }
        case "response.function_call_arguments.delta", "response.custom_tool_call_input.delta":
            if item.texts.isEmpty { item.texts = [""] }
            check(item.textDone == nil, "\(type) behind done")
            item.texts[0] += data["delta"] as? String ?? ""
        case "response.output_text.done", "response.refusal.done", "response.reasoning_summary_text.done",
            "response.function_call_arguments.done", "response.custom_tool_call_input.done":
            item.textDone = data["text"] as? String ?? data["refusal"] as? String ?? data["arguments"] as? String ?? data["input"] as? String
            let text = item.texts.indices.contains(part) ? item.texts[part] : ""
            check(item.textDone == text, "\(type) differs from its deltas")
        case "response.content_part.done", "response.reasoning_summary_part.done":
            check(item.openPart == part, "part \(part) is done out of turn")
            let whole = data["part"] as? [String: Any] ?? [:]
            check(whole["text"] as? String ?? whole["refusal"] as? String == item.textDone, "\(type) differs from its text")
            item.openPart = nil
        case "response.output_item.done":
            let whole = data["item"] as? [String: Any] ?? [:]
            check(item.openPart == nil, "an item is done with a part open")
            checkItem(whole, item)
            item.done = whole
        default:
            violations.append("unknown event \(type)")
        }
    }

    private mutating func checkItem(_ whole: [String: Any], _ item: Item) {
        for name in ["id", "type", "call_id", "name", "namespace"] {
            check(whole[name] as? String == item.added[name] as? String, "\(name) of an item changed")
        }
        switch whole["type"] as? String {
        case "message":
            let parts = whole["content"] as? [[String: Any]] ?? []
            check(parts.map { $0["text"] as? String ?? $0["refusal"] as? String ?? "" } == item.texts, "a message differs from its parts")
        case "reasoning":
            let parts = whole["summary"] as? [[String: Any]] ?? []
            check(parts.map { $0["text"] as? String ?? "" } == item.texts, "reasoning differs from its parts")
        default:
            check(whole["arguments"] as? String ?? whole["input"] as? String == item.textDone, "a call differs from its arguments")
        }
        if whole["type"] as? String != "reasoning" {
            check(["completed", "incomplete"].contains(whole["status"] as? String ?? ""), "an item is done in status \(whole["status"] ?? "-")")
        }
    }

    // MARK: The response

    /// Members that the SDK's model of a response requires, and those that it looks into.
    private mutating func checkResponse(_ response: [String: Any], _ status: String) {
        check(response["object"] as? String == "response" && response["created_at"] is Int, "no response object")
        check(response["status"] as? String == status, "status \(response["status"] ?? "-") where \(status) is due")
        check(!(response["id"] as? String ?? "").isEmpty && response["model"] is String, "no id or model")
        check(response["parallel_tool_calls"] is Bool && response["tools"] is [Any] && response["tool_choice"] is String, "no tools")
        check((response["error"] is NSNull) == (status != "failed"), "error in status \(status)")
        check((response["incomplete_details"] is NSNull) == (status != "incomplete"), "incomplete_details in status \(status)")
        guard !created.isEmpty else { return }
        check(response["id"] as? String == created["id"] as? String, "the response's id changed")
        check(response["model"] as? String == created["model"] as? String, "the response's model changed")
    }

    private mutating func checkEnd() {
        check(open.values.allSatisfy { $0.done != nil }, "items are open at the end")
        let output = final["output"] as? [[String: Any]] ?? []
        check(NSArray(array: output) == NSArray(array: items), "the last event's output differs from the items")
        guard let usage = final["usage"] as? [String: Any] else {
            check(final["usage"] is NSNull, "usage is neither an object nor null")
            return
        }
        let input = usage["input_tokens"] as? Int ?? -1
        let details = usage["input_tokens_details"] as? [String: Any] ?? [:]
        check(input >= (details["cached_tokens"] as? Int ?? Int.max) + (details["cache_write_tokens"] as? Int ?? 0), "cached tokens beyond input")
        let generated = usage["output_tokens"] as? Int ?? -1
        let reasoning = (usage["output_tokens_details"] as? [String: Any])?["reasoning_tokens"] as? Int ?? Int.max
        check(reasoning <= generated, "reasoning tokens beyond output")
        check(usage["total_tokens"] as? Int == input + generated, "total_tokens is no sum")
    }
}
