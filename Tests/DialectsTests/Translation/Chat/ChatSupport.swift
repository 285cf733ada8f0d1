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
