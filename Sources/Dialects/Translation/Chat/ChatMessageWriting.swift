import Streaming

/// Writes `messages`. Results of tools stand as messages of their own right behind the calls that they answer, in the calls' order; what a
/// result cannot hold (images) follows in the user's message.
struct ChatMessageWriting {
    /// A part by its turn and its place in it.
    private struct Place: Hashable {
        var turn: Int
        var part: Int
    }

    private let conversation: Conversation
    let accent: ChatAccent
    let reader: JSONReader
    /// Results that are written.
    private var written: Set<Place> = []
    /// Whether the last message that was written is a result. An assistant's message resets it too.
    var endsWithTool = false

    init(_ conversation: Conversation, _ accent: ChatAccent, _ reader: JSONReader) {
        self.conversation = conversation
        self.accent = accent
        self.reader = reader
    }

    /// Whether the model is asked to think.
    var wantsThinking: Bool { conversation.reasoning.isWanted }

    mutating func write(to writer: inout JSONWriter, plan: inout AnswerPlan) throws(RequestProblem) {
        writer.name("messages")
        writer.beginArray()
        if !conversation.system.isEmpty { try writeMessage(accent.instructionsRole, conversation.system, to: &writer) }
        for (index, turn) in conversation.turns.enumerated() {
            switch turn.role {
            case .system:
                try writeMessage(accent.instructionsRole, turn.parts, to: &writer)
            case .user:
                try writeUser(turn, at: index, to: &writer)
            case .assistant:
                try writeAssistant(turn.parts, isLast: index == conversation.turns.count - 1, to: &writer, plan: &plan)
                try writeResults(of: turn, at: index, to: &writer)
            }
        }
        writer.endArray()
    }

    // MARK: Turns

    private mutating func writeMessage(
        _ role: StaticString, _ parts: [ConversationPart], to writer: inout JSONWriter
    ) throws(RequestProblem) {
        writer.beginObject()
        writer.member("role", role)
        writer.name("content")
        try writeContent(parts, to: &writer)
        writer.endObject()
        endsWithTool = false
    }

    private mutating func writeUser(_ turn: ConversationTurn, at index: Int, to writer: inout JSONWriter) throws(RequestProblem) {
        var content: [ConversationPart] = []
        for (place, part) in turn.parts.enumerated() {
            guard case .toolResult(let result) = part.content else { continue }
            // A result that no call before it asked for: the provider says what is wrong with it.
            if !written.contains(Place(turn: index, part: place)) {
                try writeResult(result, cacheControl: part.cacheControl, to: &writer)
            }
            let attachments = result.parts.filter(\.isAttachment)
            guard !attachments.isEmpty else { continue }
            content.append(.text(.owned("Attached to the result of the call \(callID(result.callID).string):")))
            content += attachments
        }
        content += turn.parts.filter { part in
            if case .toolResult = part.content { false } else { true }
        }
        guard !content.isEmpty else { return }
        if endsWithTool, accent.separatesToolFromUser {
            try writeMessage("assistant", [.text(JSONText("Understood."))], to: &writer)
        }
        try writeMessage("user", content, to: &writer)
    }

    // MARK: Results

    private mutating func writeResults(of turn: ConversationTurn, at index: Int, to writer: inout JSONWriter) throws(RequestProblem) {
        let calls = turn.parts.compactMap { part -> String? in
            if case .toolCall(let call) = part.content { call.id.string } else { nil }
        }
        guard !calls.isEmpty else { return }
        var results: [(place: Place, result: ToolResult, cacheControl: JSONValue?)] = []
        for later in conversation.turns.indices.dropFirst(index + 1) {
            guard conversation.turns[later].role != .assistant else { break }
            for (place, part) in conversation.turns[later].parts.enumerated() {
                guard case .toolResult(let result) = part.content else { continue }
                results.append((Place(turn: later, part: place), result, part.cacheControl))
            }
        }
        // The results of each id that answer no call yet, the first one last.
        var open: [String: [Int]] = [:]
        for result in results.indices.reversed() { open[results[result].result.callID.string, default: []].append(result) }
        for call in calls {
            guard let match = open[call]?.popLast() else { continue }
            let found = results[match]
            try writeResult(found.result, cacheControl: found.cacheControl, to: &writer)
            written.insert(found.place)
        }
    }

    private mutating func writeResult(
        _ result: ToolResult, cacheControl: JSONValue?, to writer: inout JSONWriter
    ) throws(RequestProblem) {
        writer.beginObject()
        writer.member("role", "tool")
        writer.member("tool_call_id", callID(result.callID))
        writer.name("content")
        if let cacheControl, accent.takesCacheControl {
            writer.beginArray()
            writer.beginObject()
            writer.member("type", "text")
            writer.name("text")
            writeText(of: result, to: &writer)
            writer.member("cache_control", cacheControl)
            writer.endObject()
            writer.endArray()
        } else {
            writeText(of: result, to: &writer)
        }
        writer.endObject()
        endsWithTool = true
    }

    private func writeText(of result: ToolResult, to writer: inout JSONWriter) {
        writer.beginString()
        // Chat has no mark for a failed call.
        if result.isError { writer.appendToString("Error: ") }
        var isFirst = true
        if let object = result.object {
            writer.appendToString(JSONText(object) ?? .plain(object.rawBytes))
            isFirst = false
        }
        for part in result.parts {
            guard let text = part.plainText else { continue }
            if !isFirst { writer.appendToString("\n\n") }
            isFirst = false
            writer.appendToString(text)
        }
        if isFirst, result.parts.contains(where: \.isAttachment) { writer.appendToString("The result is attached to the next message.") }
        writer.endString()
    }

    func callID(_ id: JSONText) -> JSONText { CallID.legal(id, for: .chat, profile: accent.profile) }
}

extension ConversationPart {
    /// What the part says in words: a text, a document that is one, a refusal.
    var plainText: JSONText? {
        switch content {
        case .text(let text), .refusal(let text), .file(.text(let text), _): text
        default: nil
        }
    }

    /// An image, a document or a sound: what a chat's `tool` message cannot hold.
    var isAttachment: Bool {
        switch content {
        case .image, .audio: true
        case .file: plainText == nil
        default: false
        }
    }
}
