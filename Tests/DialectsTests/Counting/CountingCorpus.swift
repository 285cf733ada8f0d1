import Foundation

@testable import Dialects

/// Recorded requests and what their providers counted, read with Foundation and not with what is tested.
enum CountingCorpus {
    static func requests(file: String = #filePath) -> [TokenEstimateTests.Measured] {
        var folder = URL(fileURLWithPath: file)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            for name in ["shared/corpus", "../shared/corpus"] {
                let corpus = folder.appendingPathComponent(name)
                if let index = try? String(contentsOf: corpus.appendingPathComponent("index.jsonl"), encoding: .utf8) {
                    return index.split(separator: "\n").compactMap { request(line: $0, corpus) }
                }
            }
        }
        return []
    }

    private static func request(line: Substring, _ corpus: URL) -> TokenEstimateTests.Measured? {
        let dialects: [String: Dialect] = [
            "openai-chat": .chat, "openai-responses": .responses, "anthropic": .messages, "gemini": .gemini,
        ]
        guard let row = object(Data(line.utf8)), row["status"] as? Int == 200, let id = row["id"] as? String,
            let dialect = dialects[row["format"] as? String ?? ""], let request = row["request_file"] as? String,
            let answer = row["file"] as? String,
            let recorded = (try? Data(contentsOf: corpus.appendingPathComponent(request))).flatMap(object),
            let body = recorded["body"] as? [String: Any], !isInflated(body, row), let tokens = tokens(corpus.appendingPathComponent(answer), dialect),
            let bytes = try? JSONSerialization.data(withJSONObject: body, options: [.withoutEscapingSlashes])
        else { return nil }
        return TokenEstimateTests.Measured(
            id: id, dialect: dialect, model: row["model"] as? String ?? "", body: Array(bytes), tokens: tokens)
    }

    /// Whether the provider's count holds more than the request.
    private static func isInflated(_ body: [String: Any], _ row: [String: Any]) -> Bool {
        let features = row["features"] as? [String] ?? []
        if row["provider"] as? String == "perplexity" || body["mcp_servers"] != nil { return true }
        if features.contains(where: { ["annotations", "previous-response-id"].contains($0) }) { return true }
        let tools = body["tools"] as? [[String: Any]] ?? []
        return tools.contains { tool in
            let isOwn = ["function", "functionDeclarations", "function_declarations", "input_schema"].contains { tool[$0] != nil }
            return !isOwn && !["function", "custom"].contains(tool["type"] as? String)
        }
    }

    private static func object(_ data: Data) -> [String: Any]? {
        (try? JSONSerialization.jsonObject(with: data)) as? [String: Any]
    }

    /// The prompt as the last usage of the answer tells it, cached tokens included.
    private static func tokens(_ file: URL, _ dialect: Dialect) -> Int? {
        guard let data = try? Data(contentsOf: file) else { return nil }
        let marker = Data("data:".utf8)
        var documents = data.split(separator: 0x0A).filter { $0.starts(with: marker) }.compactMap { object(Data($0.dropFirst(marker.count))) }
        if documents.isEmpty { documents = [object(data)].compactMap { $0 } }
        return documents.compactMap { tokens(in: $0, dialect) }.last
    }

    private static func tokens(in document: [String: Any], _ dialect: Dialect) -> Int? {
        func usage(_ document: Any?) -> [String: Any]? { (document as? [String: Any])?["usage"] as? [String: Any] }
        let count: Int?
        switch dialect {
        case .chat: count = usage(document)?["prompt_tokens"] as? Int
        case .responses: count = (usage(document["response"]) ?? usage(document))?["input_tokens"] as? Int
        case .messages:
            let usage = usage(document) ?? usage(document["message"]) ?? document
            count = (usage["input_tokens"] as? Int).map { input in
                input + (usage["cache_read_input_tokens"] as? Int ?? 0) + (usage["cache_creation_input_tokens"] as? Int ?? 0)
            }
        case .gemini:
            count = document["totalTokens"] as? Int ?? (document["usageMetadata"] as? [String: Any])?["promptTokenCount"] as? Int
        }
        return count == 0 ? nil : count
    }
}
