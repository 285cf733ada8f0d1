import Foundation
import Testing

@testable import Dialects

/// One exchange of the recorded traffic of real providers (`../shared/corpus`), where it is at hand.
struct CorpusRecord: Sendable, CustomTestStringConvertible {
    var id: String
    var dialect: Dialect
    /// Of the answer.
    var path: String
    /// Of the request, where it was recorded.
    var requestPath: String?
    var model: String
    var isStream: Bool
    var status: Int
    var features: Set<String>
    var testDescription: String { id }

    /// All of them; none on a machine without the corpus, which is looked for in the folders above this one.
    static let all: [CorpusRecord] = {
        var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        while folder.path != "/" {
            let corpus = folder.deletingLastPathComponent().appendingPathComponent("shared/corpus")
            if let index = try? String(contentsOf: corpus.appendingPathComponent("index.jsonl"), encoding: .utf8) {
                return index.split(separator: "\n").compactMap { read(line: $0, corpus) }
            }
            folder.deleteLastPathComponent()
        }
        return []
    }()

    /// Those of a provider of that dialect.
    static func of(_ dialect: Dialect) -> [CorpusRecord] { all.filter { $0.dialect == dialect } }

    private static let dialects: [String: Dialect] = [
        "openai-chat": .chat, "openai-responses": .responses, "anthropic": .messages, "gemini": .gemini,
    ]

    private static func read(line: Substring, _ corpus: URL) -> CorpusRecord? {
        guard let row = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
            let dialect = dialects[row["format"] as? String ?? ""],
            let id = row["id"] as? String, let file = row["file"] as? String, let status = row["status"] as? Int
        else { return nil }
        return CorpusRecord(
            id: id, dialect: dialect, path: corpus.appendingPathComponent(file).path,
            requestPath: (row["request_file"] as? String).map { corpus.appendingPathComponent($0).path },
            model: row["model"] as? String ?? "", isStream: file.hasSuffix(".sse"), status: status,
            features: Set(row["features"] as? [String] ?? []))
    }

    /// Where an answer of `count` bytes is cut in two: at about `samples` places, which is what every run has time for, or, with `EKAI_EVERY_SPLIT=1`, at each.
    static func cuts(_ count: Int, samples: Int) -> StrideThrough<Int> {
        let isEvery = ProcessInfo.processInfo.environment["EKAI_EVERY_SPLIT"] == "1"
        return stride(from: 0, through: count, by: isEvery ? 1 : max(1, count / samples))
    }

    /// The answer.
    func bytes() throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

    /// The request's body; nil where it had none, or was not recorded.
    func requestBody() throws -> [String: Any]? {
        guard let requestPath else { return nil }
        return try parsed(Array(try Data(contentsOf: URL(fileURLWithPath: requestPath))))["body"] as? [String: Any]
    }

    /// The same as JSON.
    func request() throws -> String? {
        try requestBody().map { String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self) }
    }
}
