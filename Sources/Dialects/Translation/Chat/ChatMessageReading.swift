import Streaming

/// Reads the messages of a chat request one after the other.
struct ChatMessageReading {
    /// True once a message that is no instruction came.
    private var hasBegun = false
    /// The calls of custom tools, which their results must know about.
    private var customCallIDs: Set<String> = []
    /// Calls that came without an id so far, and the last of them: `function` messages belong to that.
    private var mintedCalls = 0
    private var lastMintedID = ""

    mutating func take(_ message: JSONValue, into conversation: inout Conversation) throws(RequestProblem) {
        guard message.isObject else { throw .wrongType(member: "messages", expected: "an array of objects") }
        guard let role = message.present("role") else { throw .missing(member: "messages.role") }
        switch true {
        case role.equals("system"), role.equals("developer"):
            let parts = try parts(message)
            if hasBegun {
                conversation.turns.append(ConversationTurn(role: .system, parts: parts))
            } else {
                conversation.system += parts
            }
            return
        case role.equals("user"):
            conversation.turns.append(ConversationTurn(role: .user, parts: try parts(message)))
        case role.equals("assistant"):
            conversation.turns.append(ConversationTurn(role: .assistant, parts: try assistantParts(message)))
        case role.equals("tool"):
            conversation.turns.append(ConversationTurn(role: .user, parts: [try toolResult(message)]))
        case role.equals("function"):
            conversation.turns.append(ConversationTurn(role: .user, parts: [try functionResult(message)]))
        default:
            throw .invalid(member: "messages.role", reason: "it must be system, developer, user, assistant or tool")
        }
        hasBegun = true
    }

    /// The content, with a mark that stands on the message itself put on its last part.
    private func parts(_ message: JSONValue) throws(RequestProblem) -> [ConversationPart] {
        var parts = try ChatRequestParser.parts(message.present("content"))
        if let control = ChatRequestParser.cacheControl(message), let last = parts.indices.last, parts[last].cacheControl == nil {
            parts[last].cacheControl = control
        }
        return parts
    }

    private mutating func assistantParts(_ message: JSONValue) throws(RequestProblem) -> [ConversationPart] {
        var calls = try toolCalls(message)
        var parts = ChatReasoningReading.parts(of: message, calls: &calls)
        parts += try self.parts(message)
        if let refusal = JSONText(message.present("refusal")), !refusal.isEmpty { parts.append(ConversationPart(.refusal(refusal))) }
        for call in calls { parts.append(ConversationPart(.toolCall(call))) }
        return parts
    }

    // MARK: Calls

    private mutating func toolCalls(_ message: JSONValue) throws(RequestProblem) -> [ToolCall] {
        var calls: [ToolCall] = []
        if let list = message.present("tool_calls") {
            guard list.isArray else { throw .wrongType(member: "messages.tool_calls", expected: "an array") }
            for element in list.elements { calls.append(try toolCall(element)) }
        }
        if calls.isEmpty, let call = message.present("function_call"), call.isObject {
            calls.append(try function(call, id: nil))
        }
        return calls
    }

    private mutating func toolCall(_ element: JSONValue) throws(RequestProblem) -> ToolCall {
        let id = JSONText(element.present("id"))
        if let custom = element.present("custom"), custom.isObject {
            guard let name = JSONText(custom.present("name")), !name.isEmpty else { throw .missing(member: "messages.tool_calls.custom.name") }
            let id = identified(id)
            customCallIDs.insert(id.string)
            return ToolCall(id: id, name: name, arguments: .text(JSONText(custom.present("input")) ?? JSONText("")), isCustom: true)
        }
        guard let function = element.present("function"), function.isObject else { throw .missing(member: "messages.tool_calls.function") }
        var call = try self.function(function, id: id)
        call.state = ChatReasoningReading.thoughtSignature(element)
        return call
    }

    private mutating func function(_ function: JSONValue, id: JSONText?) throws(RequestProblem) -> ToolCall {
        guard let name = JSONText(function.present("name")), !name.isEmpty else { throw .missing(member: "messages.tool_calls.function.name") }
        let arguments: ToolArguments
        if let value = function.present("arguments") {
            guard value.isString || value.isObject else { throw .wrongType(member: "messages.tool_calls.function.arguments", expected: "a string") }
            arguments = JSONText(value).map { .text($0) } ?? .object(value)
        } else {
            arguments = .text(JSONText(""))
        }
        return ToolCall(id: identified(id), name: name, arguments: arguments)
    }

    private mutating func identified(_ id: JSONText?) -> JSONText {
        if let id, !id.isEmpty { return id }
        mintedCalls += 1
        lastMintedID = "call_unnamed_\(mintedCalls)"
        return .owned(lastMintedID)
    }

    // MARK: Results

    private func toolResult(_ message: JSONValue) throws(RequestProblem) -> ConversationPart {
        guard let id = JSONText(message.present("tool_call_id")), !id.isEmpty else { throw .missing(member: "messages.tool_call_id") }
        var result = ToolResult(callID: id, name: JSONText(message.present("name")), parts: try ChatRequestParser.parts(message.present("content")))
        if !customCallIDs.isEmpty { result.isCustom = customCallIDs.contains(id.string) }
        return part(result, of: message)
    }

    /// A result in the old form, which names the function only: it belongs to the call before it.
    private func functionResult(_ message: JSONValue) throws(RequestProblem) -> ConversationPart {
        guard let name = JSONText(message.present("name")), !name.isEmpty else { throw .missing(member: "messages.name") }
        let parts = try ChatRequestParser.parts(message.present("content"))
        return part(ToolResult(callID: .owned(lastMintedID), name: name, parts: parts), of: message)
    }

    /// The mark of a result's last text is the result's own.
    private func part(_ result: ToolResult, of message: JSONValue) -> ConversationPart {
        let control = ChatRequestParser.cacheControl(message) ?? result.parts.last?.cacheControl
        return ConversationPart(.toolResult(result), cacheControl: control)
    }
}
