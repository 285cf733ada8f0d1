import Foundation
import Testing

@testable import Dialects

/// An answer as a client of one dialect reads it, with nothing of the gateway's own code: the content, and what is wrong with its form.
struct ClientReading {
    struct Call: Equatable {
        var id: String
        var name: String
        /// As text; of Gemini's and Messages' documents, whose arguments are objects, written anew.
        var arguments: String
    }

    var faults: [String] = []
    var text = ""
    var refusal = ""
    var thinking = ""
    var calls: [Call] = []
    var states = 0
    var stop = ""
    var usage: TokenUsage?

    /// A whole stream.
    init(stream: String, _ client: Dialect) throws {
        switch client {
        case .chat:
            let read = try ReadChatStream(stream)
            (text, refusal, thinking, stop) = (read.content, read.refusal, read.reasoning, read.finish ?? "none")
            calls = read.calls.map { Call(id: $0.id, name: $0.name, arguments: $0.arguments) }
            states = read.details.count { $0["signature"] != nil || $0["data"] != nil }
            usage = read.usage.map(Self.chatUsage)
        case .responses:
            let read = ResponsesInvariants(stream)
            faults = read.violations
            take(response: read.final)
        case .messages:
            let read = MessagesInvariants(stream)
            faults = read.violations
            take(blocks: read.content)
            stop = read.stopReason ?? "none"
            usage = Self.messagesUsage(read.finalUsage)
        case .gemini:
            let read = GeminiStreamCheck(stream)
            faults = read.faults.filter { $0 != "no usage" }
            (text, thinking, states, stop) = (read.text, read.thoughts, read.signatures.count, read.finishReason ?? "none")
            calls = read.calls.map { Call(id: $0.id ?? "", name: $0.name, arguments: sortedJSON($0.arguments)) }
            usage = read.usage.isEmpty ? nil : Self.geminiUsage(read.usage)
        }
        thinking = thinking.filter { !$0.isNewline }
    }

    /// A whole document.
    init(document: String, _ client: Dialect) throws {
        let root = try parsed(Array(document.utf8))
        switch client {
        case .chat:
            let message = root.at("choices.0.message") as? [String: Any] ?? [:]
            (text, refusal, thinking) = (message.text("content") ?? "", message.text("refusal") ?? "", message.text("reasoning_content") ?? "")
            calls = (message["tool_calls"] as? [[String: Any]] ?? []).map {
                Call(id: $0.text("id") ?? "", name: $0.text("function.name") ?? "", arguments: $0.text("function.arguments") ?? "")
            }
            states = (message["reasoning_details"] as? [[String: Any]] ?? []).count { $0["signature"] != nil || $0["data"] != nil }
            stop = root.text("choices.0.finish_reason") ?? "none"
            usage = (root["usage"] as? [String: Any]).map(Self.chatUsage)
            if root.text("object") != "chat.completion" || root.text("choices.0.message.role") != "assistant" { faults.append("no completion") }
            if (root["choices"] as? [Any])?.count != 1 || !(root["created"] is Int) || root.text("id") == nil { faults.append("not one choice") }
        case .responses:
            if root.text("object") != "response" || root.text("id") == nil || !(root["created_at"] is Int) { faults.append("no response") }
            take(response: root)
        case .messages:
            faults = try messageViolations(document)
            take(blocks: root["content"] as? [[String: Any]] ?? [])
            stop = root.text("stop_reason") ?? "none"
            usage = Self.messagesUsage(root["usage"] as? [String: Any] ?? [:])
        case .gemini:
            self = try ClientReading(stream: "data: \(document)\r\n\r\n", .gemini)
        }
        thinking = thinking.filter { !$0.isNewline }
    }

    private mutating func take(response: [String: Any]) {
        for item in response["output"] as? [[String: Any]] ?? [] {
            switch item.text("type") {
            case "message":
                for part in item["content"] as? [[String: Any]] ?? [] {
                    text += part.text("text") ?? ""
                    refusal += part.text("refusal") ?? ""
                }
            case "reasoning":
                thinking += (item["summary"] as? [[String: Any]] ?? []).compactMap { $0.text("text") }.joined()
                if item.text("encrypted_content") != nil { states += 1 }
            case "function_call": calls.append(Call(id: item.text("call_id") ?? "", name: item.text("name") ?? "", arguments: item.text("arguments") ?? ""))
            default: faults.append("an item of type \(item.text("type") ?? "none")")
            }
        }
        stop = (response.text("status") ?? "none") + (response.text("incomplete_details.reason").map { " " + $0 } ?? "")
        guard let counts = response["usage"] as? [String: Any] else { return }
        var usage = TokenUsage()
        usage.cacheRead = counts.at("input_tokens_details.cached_tokens") as? Int ?? 0
        usage.cacheWrite5Minutes = counts.at("input_tokens_details.cache_write_tokens") as? Int ?? 0
        usage.input = (counts["input_tokens"] as? Int ?? -1) - usage.cacheRead - usage.cacheWrite
        usage.output = counts["output_tokens"] as? Int ?? -1
        self.usage = usage
    }

    private mutating func take(blocks: [[String: Any]]) {
        for block in blocks {
            switch block.text("type") {
            case "text": text += block.text("text") ?? ""
            case "thinking":
                thinking += block.text("thinking") ?? ""
                if block.text("signature") ?? "" != "" { states += 1 }
            case "redacted_thinking": states += 1
            case "tool_use":
                let arguments = block.text("arguments") ?? sortedJSON(block["input"])
                calls.append(Call(id: block.text("id") ?? "", name: block.text("name") ?? "", arguments: arguments))
            default: faults.append("a block of type \(block.text("type") ?? "none")")
            }
        }
    }

    // MARK: Counts, each dialect's own way to the gateway's columns

    private static func chatUsage(_ counts: [String: Any]) -> TokenUsage {
        var usage = TokenUsage()
        usage.cacheRead = counts.at("prompt_tokens_details.cached_tokens") as? Int ?? 0
        usage.cacheWrite5Minutes = counts.at("prompt_tokens_details.cache_write_tokens") as? Int ?? 0
        usage.input = (counts["prompt_tokens"] as? Int ?? -1) - usage.cacheRead - usage.cacheWrite
        usage.output = counts["completion_tokens"] as? Int ?? -1
        return usage
    }

    private static func messagesUsage(_ counts: [String: Any]) -> TokenUsage {
        var usage = TokenUsage()
        usage.input = counts["input_tokens"] as? Int ?? -1
        usage.cacheRead = counts["cache_read_input_tokens"] as? Int ?? -1
        usage.cacheWrite5Minutes = counts["cache_creation_input_tokens"] as? Int ?? -1
        usage.output = counts["output_tokens"] as? Int ?? -1
        return usage
    }

    /// Gemini has no word for what a cache took: it is input.
    private static func geminiUsage(_ counts: [String: Int]) -> TokenUsage {
        var usage = TokenUsage()
        usage.cacheRead = counts["cachedContentTokenCount"] ?? 0
        usage.input = (counts["promptTokenCount"] ?? -1) - usage.cacheRead
        usage.output = (counts["candidatesTokenCount"] ?? 0) + (counts["thoughtsTokenCount"] ?? 0)
        return usage
    }
}

extension ClientReading {
    /// In what it differs from what the provider said; empty when the client was told all of it, the way its dialect has for it.
    func differences(from digest: AnswerDigest, _ client: Dialect) -> [String] {
        var found = faults
        func compare<Value: Equatable>(_ name: String, _ mine: Value, _ theirs: Value) {
            if mine != theirs { found.append("\(name): \(mine) in place of \(theirs)") }
        }
        let hasRefusals = client == .chat || client == .responses
        compare("text", text, hasRefusals ? digest.text : digest.said)
        compare("refusal", refusal, hasRefusals ? digest.refusal : "")
        compare("thinking", thinking, digest.thinking)
        // Messages has no place for a state that nothing follows.
        compare("states", states, client == .messages ? digest.states - digest.trailingStates : digest.states)
        compare("names", calls.map(\.name), digest.calls.map(\.name))
        for (mine, theirs) in zip(calls, digest.calls) {
            if let id = theirs.id, !id.isEmpty { compare("id", mine.id, id) } else if client != .gemini { compare("no id", mine.id.isEmpty, false) }
            // What is no JSON object has no place in Gemini's calls and Messages' documents.
            guard let arguments = canonicalArguments(theirs.arguments) else { continue }
            compare("arguments", canonicalArguments(mine.arguments), arguments)
        }
        compare("stop", stop, Self.stop(digest, client))
        guard let usage = digest.usage else { return found }
        compare("input", self.usage?.input ?? -1, client == .gemini ? usage.input + usage.cacheWrite : usage.input)
        compare("cached", self.usage?.cacheRead ?? -1, usage.cacheRead)
        compare("cache writes", self.usage?.cacheWrite ?? -1, client == .gemini ? 0 : usage.cacheWrite)
        compare("output", self.usage?.output ?? -1, usage.output)
        return found
    }

    /// The word that a dialect has for why the model stopped.
    private static func stop(_ digest: AnswerDigest, _ client: Dialect) -> String {
        guard let reason = digest.reason else { return "a reason" }
        let words: (chat: String, responses: String, messages: String, gemini: String) =
            switch reason {
            case .complete: ("stop", "completed", "end_turn", "STOP")
            case .outputLimit: ("length", "incomplete max_output_tokens", "max_tokens", "MAX_TOKENS")
            case .contextLimit: ("length", "incomplete max_output_tokens", "model_context_window_exceeded", "MAX_TOKENS")
            case .stopText: ("stop", "completed", "stop_sequence", "STOP")
            case .toolCalls: ("tool_calls", "completed", "tool_use", "STOP")
            // A chat client that was told a refusal in words knows it already.
            case .filtered: (digest.refusal.isEmpty ? "content_filter" : "stop", "incomplete content_filter", "refusal", "SAFETY")
            case .paused: ("stop", "completed", "pause_turn", "STOP")
            case .broken: ("content_filter", "failed", digest.calls.isEmpty ? "end_turn" : "tool_use", "OTHER")
            }
        return switch client {
        case .chat: words.chat
        case .responses: words.responses
        case .messages: words.messages
        case .gemini: words.gemini
        }
    }
}
