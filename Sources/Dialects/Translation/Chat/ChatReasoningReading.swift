import Streaming

/// Reads what a client sends back of a model's thinking: `reasoning_content` or `reasoning` (text), `reasoning_details` (text and states).
///
/// A client may send the elements as they were streamed, in pieces, or put together. The first signed one without a text gets what
/// `reasoning_content` has in front of the others' texts.
struct ChatReasoningReading {
    private var parts: [ConversationPart] = []
    /// Texts of the block that is open.
    private var pieces: [JSONText] = []
    /// Where the first block without a text stands in `parts`.
    private var untold: Int?
    /// Where the first call of each id stands.
    private var callsByID: [String: Int] = [:]

    /// The parts that begin the assistant's turn. States of calls are put into `calls`.
    static func parts(of message: JSONValue, calls: inout [ToolCall]) -> [ConversationPart] {
        var reading = ChatReasoningReading()
        if let details = message.present("reasoning_details") {
            reading.callsByID = Dictionary(calls.enumerated().map { ($1.id.string, $0) }, uniquingKeysWith: { first, _ in first })
            for element in details.elements where element.isObject { reading.take(element, &calls) }
        }
        reading.closeBlock(nil)
        let text = JSONText(message.present("reasoning_content")) ?? JSONText(message.present("reasoning")) ?? JSONText("")
        reading.place(text)
        if let signature = thoughtSignature(message) { reading.parts.append(ConversationPart(.sealedThinking(signature))) }
        return reading.parts
    }

    /// `extra_content.google.thought_signature` of a call, a message or a delta (Google's OpenAI surface).
    static func thoughtSignature(_ value: JSONValue) -> ProviderState? {
        guard let extra = value.present("extra_content"), let google = extra.present("google"),
            let signature = JSONText(google.present("thought_signature")), !signature.isEmpty
        else { return nil }
        return ProviderState(carried: signature, in: .gemini)
    }

    /// The state that an element carries: another provider's by its mark, else the element itself as chat's own.
    static func state(_ text: JSONText?, of element: JSONValue) -> ProviderState? {
        guard let text, !text.isEmpty else { return nil }
        let state = ProviderState(carried: text, in: .chat)
        return state.origin == .chat ? ProviderState(.chat, .plain(element.rawBytes)) : state
    }

    private mutating func take(_ element: JSONValue, _ calls: inout [ToolCall]) {
        guard let type = element.present("type") else { return }
        if type.equals("reasoning.encrypted") {
            if let state = Self.state(JSONText(element.present("data")), of: element) { take(sealed: state, of: element, &calls) }
            return
        }
        if let text = JSONText(element.present("text") ?? element.present("summary")), !text.isEmpty { pieces.append(text) }
        if let state = Self.state(JSONText(element.present("signature")), of: element) { closeBlock(state) }
    }

    private mutating func take(sealed state: ProviderState, of element: JSONValue, _ calls: inout [ToolCall]) {
        switch state.origin {
        case .gemini:
            // Written with the call that it belongs to, where it belongs to one.
            if let id = JSONText(element.present("id"))?.string, let call = callsByID[id] {
                if calls[call].state == nil { calls[call].state = state }
            } else {
                closeBlock(nil)
                parts.append(ConversationPart(.sealedThinking(state)))
            }
        case .messagesRedacted:
            closeBlock(nil)
            parts.append(ConversationPart(.sealedThinking(state)))
        case .messages, .responses, .chat:
            closeBlock(state)
        }
    }

    private mutating func closeBlock(_ state: ProviderState?) {
        guard !pieces.isEmpty || state != nil else { return }
        if pieces.isEmpty {
            if untold == nil { untold = parts.count }
            parts.append(ConversationPart(.thinking(JSONText(""), state: state)))
        } else {
            parts.append(ConversationPart(.thinking(JSONText(joining: pieces), state: state)))
            pieces.removeAll()
        }
    }

    /// Gives the text of `reasoning_content` to the block that lacks one; blocks that stay without are sealed.
    private mutating func place(_ text: JSONText) {
        let others = parts.compactMap { part in
            if case .thinking(let text, _) = part.content, !text.isEmpty { text.string } else { nil }
        }
        var rest = text
        if !others.isEmpty, !text.isEmpty {
            let whole = text.string
            let tail = others.joined()
            let isAtEnd = whole.utf8.suffix(tail.utf8.count).elementsEqual(tail.utf8)
            rest = isAtEnd ? .owned(String(decoding: whole.utf8.dropLast(tail.utf8.count), as: UTF8.self)) : JSONText("")
        }
        if let untold, case .thinking(_, let state) = parts[untold].content {
            parts[untold].content = .thinking(rest, state: state)
        } else if !rest.isEmpty {
            parts.insert(ConversationPart(.thinking(rest, state: nil)), at: 0)
        }
        for index in parts.indices {
            if case .thinking(let text, let state?) = parts[index].content, text.isEmpty { parts[index].content = .sealedThinking(state) }
        }
    }
}
