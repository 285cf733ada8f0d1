import Foundation

@testable import Dialects

// What strict providers would refuse in a request, read off its body. (Messages: `requestViolations`.)

/// What a strict chat provider would refuse.
func chatRequestFaults(_ body: [String: Any], _ profile: ProviderProfile) -> [String] {
    var faults: [String] = []
    let messages = body["messages"] as? [[String: Any]] ?? []
    if messages.isEmpty { faults.append("no messages") }
    var owed: [String] = []
    for (number, message) in messages.enumerated() {
        let role = message.text("role") ?? "none"
        if role == "tool" {
            let id = message.text("tool_call_id") ?? ""
            if owed.first == id { owed.removeFirst() } else { faults.append("\(number): a result of \(id), owed are \(owed)") }
            if !(message["content"] is String), profile != .openrouter, profile != .anthropic { faults.append("\(number): a result that is no text") }
            continue
        }
        // Recorded requests may end with calls, or leave some without results; but nothing may stand between those that are there.
        owed = (message["tool_calls"] as? [[String: Any]] ?? []).compactMap { $0.text("id") }
        let answered = messages[(number + 1)...].prefix { $0.text("role") == "tool" }.compactMap { $0.text("tool_call_id") }
        owed = owed.filter { answered.contains($0) }
        if message["content"] == nil || (message["content"] is NSNull && role != "assistant") { faults.append("\(number): no content") }
        for call in message["tool_calls"] as? [[String: Any]] ?? [] {
            let arguments = call.text("function.arguments") ?? ""
            if (try? JSONSerialization.jsonObject(with: Data(arguments.utf8))) as? [String: Any] == nil { faults.append("\(number): arguments \(arguments)") }
            if (call.text("function.name") ?? "").wholeMatch(of: /[A-Za-z0-9_-]{1,64}/) == nil { faults.append("\(number): a name") }
            let id = call.text("id") ?? ""
            if id.isEmpty || id.utf8.count > 40 || (profile == .mistral && id.wholeMatch(of: /[A-Za-z0-9]{9}/) == nil) { faults.append("\(number): id \(id)") }
        }
    }
    let tools = body["tools"] as? [[String: Any]] ?? []
    if tools.isEmpty, body["tool_choice"] != nil || body["parallel_tool_calls"] != nil || body["tools"] != nil { faults.append("a choice without tools") }
    for tool in tools {
        if (tool.text("function.name") ?? "").wholeMatch(of: /[A-Za-z0-9_-]{1,64}/) == nil { faults.append("a tool's name") }
        if tool.text("function.parameters.type") != "object" { faults.append("parameters of \(tool.text("function.name") ?? "?")") }
    }
    if Set(tools.compactMap { $0.text("function.name") }).count != tools.count { faults.append("a tool twice") }
    return faults
}

/// What OpenAI's Responses would refuse.
func responsesRequestFaults(_ body: [String: Any]) -> [String] {
    var faults: [String] = []
    if body.text("model") == nil { faults.append("no model") }
    guard let input = body["input"] as? [[String: Any]], !input.isEmpty else { return faults + ["no input"] }
    let names = /[A-Za-z0-9_-]{1,64}/
    var owed: Set<String> = []
    for (place, item) in input.enumerated() {
        let type = item.text("type") ?? "message"
        switch type {
        case "message":
            let role = item.text("role") ?? "none"
            guard let parts = item["content"] as? [[String: Any]] else {
                if item.text("content") == nil { faults.append("\(place): no content") }
                break
            }
            let legal = role == "assistant" ? ["output_text", "refusal"] : ["input_text", "input_image", "input_file"]
            for part in parts where !legal.contains(part.text("type") ?? "none") { faults.append("\(place): \(part.text("type") ?? "none") of \(role)") }
            for part in parts where part["image_url"] is [String: Any] { faults.append("\(place): image_url is no text") }
            if parts.isEmpty { faults.append("\(place): no parts") }
        case "function_call":
            let id = item.text("call_id") ?? ""
            if id.isEmpty || id.utf8.count > 64 { faults.append("\(place): call_id \(id)") }
            if !owed.insert(id).inserted { faults.append("\(place): a second call \(id)") }
            if (item.text("name") ?? "").wholeMatch(of: names) == nil { faults.append("\(place): a name") }
            if canonicalArguments(item.text("arguments") ?? "-") == nil { faults.append("\(place): arguments \(item.text("arguments") ?? "none")") }
        case "function_call_output":
            if owed.remove(item.text("call_id") ?? "") == nil { faults.append("\(place): a result without a call") }
            if item.text("output") == nil, !(item["output"] is [[String: Any]]) { faults.append("\(place): no output") }
        case "reasoning": if !(item["summary"] is [Any]) { faults.append("\(place): reasoning without summary") }
        default: faults.append("\(place): \(type)")
        }
        if let id = item.text("id"), !["rs_", "fc_", "msg_"].contains(where: id.hasPrefix) { faults.append("\(place): id \(id)") }
    }
    let tools = body["tools"] as? [[String: Any]] ?? []
    for tool in tools {
        if (tool.text("name") ?? "").wholeMatch(of: names) == nil { faults.append("a tool's name") }
        if !(tool["parameters"] is [String: Any]) || !(tool["strict"] is Bool) { faults.append("tool \(tool.text("name") ?? "none")") }
    }
    if tools.isEmpty, body["tool_choice"] != nil || body["parallel_tool_calls"] != nil || body["tools"] != nil { faults.append("a choice without tools") }
    if let bound = body["max_output_tokens"] as? Int, bound < 16 { faults.append("a bound of \(bound)") }
    return faults
}

/// What Gemini would refuse.
func geminiRequestFaults(_ body: [String: Any]) -> [String] {
    var faults: [String] = []
    let known: Set = ["contents", "systemInstruction", "tools", "toolConfig", "generationConfig"]
    for name in body.keys where !known.contains(name) { faults.append("member \(name)") }
    guard let contents = body["contents"] as? [[String: Any]], !contents.isEmpty else { return faults + ["no contents"] }
    if contents[0].text("role") != "user" { faults.append("the first is not the user's") }
    var owed: [String] = []
    for (place, content) in contents.enumerated() {
        guard ["user", "model"].contains(content.text("role") ?? "none") else { return faults + ["\(place): another role"] }
        guard let parts = content["parts"] as? [[String: Any]], !parts.isEmpty else { return faults + ["\(place): no parts"] }
        var results: [String] = []
        var calls: [String] = []
        for part in parts {
            if let call = part["functionCall"] as? [String: Any] {
                calls.append(call.text("name") ?? "none")
                if !(call["args"] is [String: Any]) { faults.append("\(place): args are no object") }
            } else if let result = part["functionResponse"] as? [String: Any] {
                results.append(result.text("name") ?? "none")
                if !(result["response"] is [String: Any]) { faults.append("\(place): a response is no object") }
            } else if let text = part.text("text") {
                if text.isEmpty, part["thoughtSignature"] == nil { faults.append("\(place): an empty text") }
            } else if part["inlineData"] == nil, part["fileData"] == nil {
                faults.append("\(place): a part of no kind")
            }
        }
        if results != owed { faults.append("\(place): results of \(results), owed are \(owed)") }
        owed = calls
    }
    for tool in body["tools"] as? [[String: Any]] ?? [] {
        for function in tool["functionDeclarations"] as? [[String: Any]] ?? [] {
            if (function.text("name") ?? "").wholeMatch(of: /[A-Za-z_][A-Za-z0-9_.:-]{0,63}/) == nil { faults.append("a tool's name") }
            if function["parameters"] != nil, function["parametersJsonSchema"] != nil { faults.append("two schemas") }
        }
    }
    return faults
}
