import Foundation
import Testing

@testable import Dialects

/// Recorded chat requests, read and written again: what matters is still there.
@Suite struct ChatCorpusRequestTests {
    private static let cases = CorpusRecord.of(.chat).filter { $0.requestPath != nil }

    @Test(.enabled(if: !cases.isEmpty), arguments: cases)
    func thereAndBack(_ recorded: CorpusRecord) throws {
        var body = try #require(try recorded.requestBody())
        body["n"] = nil
        let json = String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
        for profile in ProviderProfile.allCases {
            guard let request = try translated(json, profile) else { continue }
            let messages = body["messages"] as? [[String: Any]] ?? []
            let sent = request.body.at("messages") as? [[String: Any]] ?? []
            #expect(texts(sent).contains(texts(messages)), "\(recorded.id) \(profile)")
            #expect(media(sent) == media(messages))
            #expect(calls(sent) == calls(messages))
            #expect(sent.filter { $0.text("role") == "tool" }.count == messages.filter { $0.text("role") == "tool" }.count)
            #expect(tools(request.body) == tools(body))
            if let bound = body["max_tokens"] ?? body["max_completion_tokens"] {
                #expect(sortedJSON(request.body.at("max_tokens") ?? request.body.at("max_completion_tokens")) == sortedJSON(bound))
            }
            if let schema = body.at("response_format.json_schema.schema"), profile == .openAI {
                #expect(sortedJSON(request.body.at("response_format.json_schema.schema")) == sortedJSON(schema))
            }
        }
    }

    /// Nil where the provider rightly cannot have it: documents, and parts that are no chat.
    private func translated(_ json: String, _ profile: ProviderProfile) throws -> TranslatedRequest? {
        do {
            return try chat(json, to: profile)
        } catch RequestProblem.notTranslatable(let member, _) where member == "file" {
            return nil
        } catch RequestProblem.invalid(let member, _) where member == "messages.content.type" {
            #expect(json.contains("file_url"))
            return nil
        }
    }

    private func texts(_ messages: [[String: Any]]) -> String {
        messages.map { message in
            if let text = message.text("content") { return text }
            return (message["content"] as? [[String: Any]] ?? []).compactMap { $0.text("text") }.joined(separator: "\n\n")
        }.filter { !$0.isEmpty && $0 != "Understood." }.joined(separator: "\n")
    }

    private func media(_ messages: [[String: Any]]) -> [String] {
        messages.flatMap { $0["content"] as? [[String: Any]] ?? [] }
            .compactMap { $0.text("image_url.url") ?? $0.text("file.file_data") ?? $0.text("document_url") }
    }

    private func calls(_ messages: [[String: Any]]) -> [String] {
        messages.flatMap { $0["tool_calls"] as? [[String: Any]] ?? [] }
            .map { ($0.text("function.name") ?? "?") + " " + ($0.text("function.arguments") ?? "?") }
    }

    private func tools(_ body: [String: Any]) -> [String] {
        let functions = (body["tools"] as? [[String: Any]] ?? []).compactMap { $0["function"] } + (body["functions"] as? [Any] ?? [])
        return functions.map { function in
            let function = function as? [String: Any] ?? [:]
            return (function.text("name") ?? "?") + " " + (function.text("description") ?? "-") + " " + sortedJSON(function["parameters"])
        }
    }
}
