import Foundation
import Streaming
import Testing

@testable import Dialects

/// A chat request translated to a chat provider: what the parser and the writer of the dialect make of it together.
func chat(
    _ json: String, to profile: ProviderProfile = .openAI, model: String = "gpt-4.1", outputTokensMax: Int? = nil, reasons: Bool? = nil,
    streams: Bool = false
) throws -> TranslatedRequest {
    var plan = AnswerPlan()
    plan.isStreaming = streams
    let target = TranslationTarget(dialect: .chat, model: model, profile: profile, outputTokensMax: outputTokensMax, reasons: reasons)
    return try TranslatedRequest(json, from: .chat, to: target, plan: plan)
}

/// The request with one message and these members beside.
func chat(members: String, to profile: ProviderProfile = .openAI, model: String = "gpt-4.1", reasons: Bool? = nil) throws -> TranslatedRequest {
    try chat(#"{"model":"m","messages":[{"role":"user","content":"Hi"}],\#(members)}"#, to: profile, model: model, reasons: reasons)
}

/// The messages alone.
func chat(messages: String, to profile: ProviderProfile = .openAI, model: String = "gpt-4.1", members: String = "") throws -> [[String: Any]] {
    let request = try chat(#"{"model":"m","messages":[\#(messages)]\#(members)}"#, to: profile, model: model)
    return try #require(request.body["messages"] as? [[String: Any]])
}

/// Reads a chat request and hands the conversation over.
func withConversation<Result>(_ json: String, _ body: (Conversation) throws -> Result) throws -> Result {
    let bytes = Array(json.utf8)
    return try bytes.withUnsafeBytes { bytes in
        let tape = JSONTape()
        var conversation = try ChatRequestParser.parse(try tape.parse(bytes))
        conversation.joinTurns()
        return try body(conversation)
    }
}

/// What is wrong with a request.
func problem(_ json: String, to profile: ProviderProfile = .openAI) -> RequestProblem? {
    do {
        _ = try chat(json, to: profile)
        return nil
    } catch {
        return error as? RequestProblem
    }
}

/// Writes a conversation that was put together by hand.
func written(_ conversation: Conversation, profile: ProviderProfile, model: String = "m") throws -> [String: Any] {
    var writer = JSONWriter()
    var plan = AnswerPlan()
    let target = TranslationTarget(dialect: .chat, model: model, profile: profile)
    try ChatRequestWriter.write(conversation, for: target, plan: &plan, reader: JSONReader(), to: &writer)
    return try parsed(Array(writer.bytes))
}

extension Dictionary where Key == String, Value == Any {
    /// A member by its path: names, and numbers of elements.
    func at(_ path: String) -> Any? {
        var value: Any? = self
        for step in path.split(separator: ".") {
            if let number = Int(step) {
                let list = value as? [Any]
                value = list.flatMap { number < $0.count ? $0[number] : nil }
            } else {
                value = (value as? [String: Any])?[String(step)]
            }
        }
        return value is NSNull ? nil : value
    }

    func text(_ path: String) -> String? { at(path) as? String }
}

/// The JSON of an object or array, its members in order, to be compared.
func sortedJSON(_ value: Any?) -> String {
    guard let value else { return "nil" }
    let data = try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed, .withoutEscapingSlashes])
    return data.map { String(decoding: $0, as: UTF8.self) } ?? "?"
}

/// Recorded chat traffic, where it is at hand.
enum ChatCorpus {
    struct Case: Sendable, CustomTestStringConvertible {
        var id: String
        var answer: String
        var request: String?
        var isStream: Bool
        var status: Int
        var dialect = Dialect.chat
        var testDescription: String { id }

        func bytes() throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: answer))) }

        /// The request's body; nil for a request that has none.
        func recordedBody() throws -> [String: Any]? {
            try parsed(Array(try Data(contentsOf: URL(fileURLWithPath: try #require(request)))))["body"] as? [String: Any]
        }
    }

    static let cases = all.filter { $0.dialect == .chat }

    /// The other dialects' too.
    static let all: [Case] = {
        for case var folder in [URL(fileURLWithPath: #filePath), URL(fileURLWithPath: "/work/shared/x")] {
            while folder.path != "/" {
                folder.deleteLastPathComponent()
                for corpus in [folder.appendingPathComponent("shared/corpus"), folder.appendingPathComponent("corpus")] {
                    guard let index = try? String(contentsOf: corpus.appendingPathComponent("index.jsonl"), encoding: .utf8) else { continue }
                    return index.split(separator: "\n").compactMap { read(line: $0, corpus) }
                }
            }
        }
        return []
    }()

    private static func read(line: Substring, _ corpus: URL) -> Case? {
        guard let row = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], let dialect = dialects[row["format"] as? String ?? ""],
            let id = row["id"] as? String, let file = row["file"] as? String, let status = row["status"] as? Int
        else { return nil }
        let request = (row["request_file"] as? String).map { corpus.appendingPathComponent($0).path }
        return Case(
            id: id, answer: corpus.appendingPathComponent(file).path, request: request, isStream: file.hasSuffix(".sse"), status: status,
            dialect: dialect)
    }

    private static let dialects: [String: Dialect] = [
        "openai-chat": .chat, "openai-responses": .responses, "anthropic": .messages, "gemini": .gemini,
    ]
}
