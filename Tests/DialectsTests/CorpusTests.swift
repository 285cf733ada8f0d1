import Foundation
import Streaming
import Testing

@testable import Dialects

/// Recorded traffic of real providers, where it is at hand: the usage must be what a plain reading of the file gives.
@Suite struct CorpusTests {
    static let cases = CorpusRecord.all

    @Test(.enabled(if: !cases.isEmpty), arguments: cases.filter(\.isStream))
    func streams(_ recorded: CorpusRecord) throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: recorded.path)))
        let plain = PlainReading(stream: bytes, recorded.dialect)
        for seed in [nil, 1, 2, 3] as [UInt64?] {
            for hides in recorded.dialect == .chat ? [false, true] : [false] {
                let relayed = try relay(bytes, recorded.dialect, hidesUsageChunk: hides, seed: seed)
                #expect(relayed.ending == (plain.hasFailure ? .failed : .complete), "\(recorded.id)")
                #expect((relayed.answer.failure != nil) == plain.hasFailure)
                #expect(relayed.answer.usage == plain.usage, "\(recorded.id)")
                if !plain.hasFailure { #expect(relayed.answer.settledUsage().isEstimated == (plain.usage == nil)) }
                #expect((relayed.answer.contentEvents > 0) == plain.hasContent, "\(recorded.id)")
                #expect(relayed.position.lastSequenceNumber == plain.lastSequenceNumber)
                let hidden = hides ? plain.bareUsageEvents : 0
                if hidden == 0 { #expect(relayed.output == bytes, "\(recorded.id)") }
                #expect(relayed.output.count == bytes.count - (hides ? plain.bareUsageBytes : 0), "\(recorded.id)")
            }
        }
    }

    @Test(.enabled(if: !cases.isEmpty), arguments: cases.filter { !$0.isStream })
    func answers(_ recorded: CorpusRecord) throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: recorded.path)))
        let document = try JSONSerialization.jsonObject(with: Data(bytes))
        // A stream of Gemini's may be an array: what comes last in it counts.
        let root = try #require(document as? [String: Any] ?? (document as? [[String: Any]])?.last)
        let (identifier, model, usage) =
            recorded.dialect == .gemini ? ("responseId", "modelVersion", "usageMetadata") : ("id", "model", "usage")
        for seed in [nil, 1, 2, 3] as [UInt64?] {
            var observer = AnswerObserver(recorded.dialect)
            var generator = seed.map { SeededGenerator($0) }
            bytes.forEachPiece(&generator) { observer.receive($0) }
            let answer = observer.answer(JSONReader())
            #expect(observer.ending == .complete)
            #expect((answer.failure != nil) == (recorded.status != 200), "\(recorded.id)")
            #expect(answer.usage == PlainReading.usage(root[usage], recorded.dialect), "\(recorded.id)")
            #expect(answer.responseID == (root[identifier] as? String))
            #expect(answer.model == (root[model] as? String))
            if recorded.status != 200 {
                let error = root["error"] as? [String: Any]
                #expect(answer.failure?.message == (error?["message"] as? String ?? root["error"] as? String), "\(recorded.id)")
            }
        }
    }
}

/// The plain way to read a recorded stream: cut into lines, each JSON parsed by Foundation.
struct PlainReading {
    var usage: TokenUsage?
    var hasFailure = false
    var hasContent = false
    var lastSequenceNumber: Int?
    var bareUsageEvents = 0
    var bareUsageBytes = 0

    init(stream: [UInt8], _ dialect: Dialect) {
        let text = String(decoding: stream, as: UTF8.self)
        let separator = text.contains("\r\n\r\n") ? "\r\n\r\n" : "\n\n"
        var started: [String: Any] = [:]
        for block in text.components(separatedBy: separator) {
            let lines = block.split(whereSeparator: \.isNewline)
            let data = lines.filter { $0.hasPrefix("data:") }.map { $0.dropFirst(5) }.joined(separator: "\n")
            guard let root = try? JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any] else { continue }
            switch dialect {
            case .chat:
                let object = root["usage"] as? [String: Any] ?? (root["x_groq"] as? [String: Any])?["usage"] as? [String: Any]
                if let object { usage = Self.usage(object, .chat) }
                let choices = root["choices"] as? [[String: Any]] ?? []
                if choices.isEmpty, root["usage"] is [String: Any] {
                    bareUsageEvents += 1
                    bareUsageBytes += block.utf8.count + separator.utf8.count
                }
                if root["error"] is [String: Any] { hasFailure = true }
                for choice in choices {
                    let delta = choice["delta"] as? [String: Any] ?? [:]
                    for (name, value) in delta where name != "role" {
                        if let text = value as? String, !text.isEmpty { hasContent = true }
                        if let list = value as? [Any], !list.isEmpty { hasContent = true }
                    }
                }
            case .messages:
                switch root["type"] as? String {
                case "message_start":
                    started = (root["message"] as? [String: Any])?["usage"] as? [String: Any] ?? [:]
                    usage = Self.usage(started, .messages)
                case "message_delta":
                    for (name, value) in root["usage"] as? [String: Any] ?? [:] where !(value is NSNull) { started[name] = value }
                    usage = Self.usage(started, .messages)
                case "content_block_delta": hasContent = true
                case "content_block_start":
                    let type = (root["content_block"] as? [String: Any])?["type"] as? String
                    if type != "text", type != "thinking" { hasContent = true }
                case "error": hasFailure = true
                default: break
                }
            case .responses:
                if let number = root["sequence_number"] as? Int { lastSequenceNumber = number }
                let type = root["type"] as? String ?? ""
                if type.hasSuffix(".delta") || type.hasSuffix(".done") { hasContent = true }
                if type == "error" || type == "response.failed" { hasFailure = true }
                if let object = (root["response"] as? [String: Any])?["usage"] as? [String: Any] { usage = Self.usage(object, .responses) }
            case .gemini:
                if let object = root["usageMetadata"] as? [String: Any] { usage = Self.usage(object, .gemini) }
                if root["error"] is [String: Any] { hasFailure = true }
                for candidate in root["candidates"] as? [[String: Any]] ?? [] {
                    for part in (candidate["content"] as? [String: Any])?["parts"] as? [[String: Any]] ?? [] {
                        if part.contains(where: { $0.key != "thought" && ($0.value as? String != "") }) { hasContent = true }
                    }
                }
            }
        }
    }

    /// The table of the provider's documentation, by dictionary.
    static func usage(_ value: Any?, _ dialect: Dialect) -> TokenUsage? {
        guard let object = value as? [String: Any] else { return nil }
        func number(_ path: String...) -> Int {
            var value: Any? = object
            for name in path { value = (value as? [String: Any])?[name] }
            return (value as? NSNumber)?.intValue ?? 0
        }
        var usage = TokenUsage()
        switch dialect {
        case .chat:
            let reasoning = number("completion_tokens_details", "reasoning_tokens")
            usage.cacheRead = max(number("prompt_tokens_details", "cached_tokens"), number("prompt_cache_hit_tokens"))
            usage.cacheWrite5Minutes = number("prompt_tokens_details", "cache_write_tokens")
            usage.input = max(0, number("prompt_tokens") - usage.cacheRead - usage.cacheWrite5Minutes)
            usage.reasoning = reasoning
            let sum = number("prompt_tokens") + number("completion_tokens") + reasoning
            usage.output = number("completion_tokens") + (number("total_tokens") == sum ? reasoning : 0)
        case .responses:
            usage.cacheRead = number("input_tokens_details", "cached_tokens")
            usage.cacheWrite5Minutes = number("input_tokens_details", "cache_write_tokens")
            usage.input = number("input_tokens") - usage.cacheRead - usage.cacheWrite5Minutes
            usage.output = number("output_tokens")
            usage.reasoning = number("output_tokens_details", "reasoning_tokens")
        case .messages:
            usage.input = number("input_tokens")
            usage.cacheRead = number("cache_read_input_tokens")
            usage.cacheWrite1Hour = number("cache_creation", "ephemeral_1h_input_tokens")
            usage.cacheWrite5Minutes = number("cache_creation_input_tokens") - usage.cacheWrite1Hour
            usage.output = number("output_tokens")
            usage.reasoning = number("output_tokens_details", "thinking_tokens")
        case .gemini:
            usage.cacheRead = number("cachedContentTokenCount")
            usage.input = number("promptTokenCount") + number("toolUsePromptTokenCount") - usage.cacheRead
            usage.reasoning = number("thoughtsTokenCount")
            usage.output = number("candidatesTokenCount") + usage.reasoning
        }
        if let cost = object["cost"] as? NSNumber { usage.reportedCostPicodollars = Int64((cost.doubleValue * 1e12).rounded()) }
        return usage
    }
}
