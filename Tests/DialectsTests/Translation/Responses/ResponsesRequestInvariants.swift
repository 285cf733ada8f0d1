import Foundation

@testable import Dialects

/// What is wrong with a request for OpenAI's Responses API, by the rules for which it refuses one.
func responsesRequestViolations(_ body: [String: Any]) -> [String] {
    var violations: [String] = []
    func check(_ isRight: Bool, _ words: String) {
        if !isRight { violations.append(words) }
    }
    let known: Set<String> = [
        "model", "stream", "store", "include", "instructions", "input", "tools", "tool_choice", "parallel_tool_calls", "text", "reasoning",
        "max_output_tokens", "temperature", "top_p", "safety_identifier", "prompt_cache_key", "metadata", "service_tier",
    ]
    for name in body.keys { check(known.contains(name), "unknown member \(name)") }
    check(!(body["model"] as? String ?? "").isEmpty, "no model")
    check(body["store"] is Bool, "store is left open")
    if let tokens = body["max_output_tokens"] { check(tokens as? Int ?? 0 >= 16, "max_output_tokens \(tokens)") }

    let tools = body["tools"] as? [[String: Any]] ?? []
    check(body["tools"] == nil || !tools.isEmpty, "tools are empty")
    if tools.isEmpty { check(body["tool_choice"] == nil && body["parallel_tool_calls"] == nil, "a choice without tools") }
    for tool in tools {
        let name = tool["name"] as? String ?? ""
        check(name.range(of: "^[A-Za-z0-9_-]{1,64}$", options: .regularExpression) != nil, "tool name '\(name)'")
        if tool["type"] as? String == "function" {
            check(tool["parameters"] is [String: Any], "a function without parameters")
        } else {
            check(tool["type"] as? String == "custom", "tool of type \(tool["type"] ?? "-")")
        }
    }
    check(Set(tools.compactMap { $0["name"] as? String }).count == tools.count, "two tools of one name")

    let items = body["input"] as? [[String: Any]] ?? []
    check(body["input"] is [Any], "input is no list")
    var calls: Set<String> = []
    for (index, item) in items.enumerated() {
        let type = item["type"] as? String ?? "-"
        check(item["id"] == nil || type == "reasoning", "\(type) with an id")
        switch type {
        case "message":
            violations += messageViolations(item)
        case "function_call", "custom_tool_call":
            let id = item["call_id"] as? String ?? ""
            check(!id.isEmpty && id.utf8.count <= 64, "call_id '\(id)'")
            check(calls.insert(id).inserted, "two calls \(id)")
            check(item[type == "function_call" ? "arguments" : "input"] is String, "\(type) without a text")
        case "function_call_output", "custom_tool_call_output":
            check(calls.contains(item["call_id"] as? String ?? ""), "output of a call that was not made: \(item["call_id"] ?? "-")")
            check(item["output"] is String || item["output"] is [[String: Any]], "output is neither text nor parts")
        case "reasoning":
            check(item["encrypted_content"] is String && item["summary"] is [Any], "reasoning without its state")
            let next = index + 1 < items.count ? items[index + 1] : [:]
            let isFollowed = ["reasoning", "function_call", "custom_tool_call"].contains(next["type"] as? String ?? "")
                || next["role"] as? String == "assistant"
            check(isFollowed, "reasoning that nothing follows")
        default:
            check(false, "item of type \(type)")
        }
    }
    return violations
}

private func messageViolations(_ item: [String: Any]) -> [String] {
    var violations: [String] = []
    let role = item["role"] as? String ?? "-"
    if !["user", "assistant", "developer"].contains(role) { violations.append("role \(role)") }
    guard !(item["content"] is String) else { return violations }
    guard let parts = item["content"] as? [[String: Any]], !parts.isEmpty else { return violations + ["a message without content"] }
    for part in parts {
        let type = part["type"] as? String ?? "-"
        let isLegal = role == "assistant" ? ["output_text", "refusal"].contains(type) : ["input_text", "input_image", "input_file"].contains(type)
        if !isLegal { violations.append("\(type) of \(role)") }
        if type == "input_image", !(part["image_url"] is String), !(part["file_id"] is String) { violations.append("an image without a URL") }
        if type == "input_file", part["file_data"] != nil, !(part["filename"] is String) { violations.append("a file without a name") }
    }
    return violations
}
