import Streaming

// `input`: a text, or a list of items. Messages, calls, their outputs and reasoning stand side by side; here they become turns.

extension ResponsesRequestParser {
    static func takeInput(_ root: JSONValue, into conversation: inout Conversation) throws(RequestProblem) {
        guard let input = root.present("input") else { throw .missing(member: "input") }
        if let text = JSONText(input) {
            append(.text(text), as: .user, to: &conversation)
            return
        }
        guard input.isArray else { throw .wrongType(member: "input", expected: "a string or an array") }
        for item in input.elements {
            guard item.isObject else { throw .wrongType(member: "input", expected: "an array of objects") }
            try take(item, into: &conversation)
        }
    }

    private static func take(_ item: JSONValue, into conversation: inout Conversation) throws(RequestProblem) {
        guard let type = item.present("type") else { return try takeMessage(item, into: &conversation) }
        switch true {
        case type.equals("message"):
            try takeMessage(item, into: &conversation)
        case type.equals("function_call"):
            append(try call(item, isCustom: false), as: .assistant, to: &conversation)
        case type.equals("custom_tool_call"):
            append(try call(item, isCustom: true), as: .assistant, to: &conversation)
        case type.equals("function_call_output"):
            append(try result(item, isCustom: false), as: .user, to: &conversation)
        case type.equals("custom_tool_call_output"):
            append(try result(item, isCustom: true), as: .user, to: &conversation)
        case type.equals("reasoning"):
            if let part = reasoning(item) { append(part, as: .assistant, to: &conversation) }
        case type.equals("item_reference"):
            throw .notTranslatable(member: "input", reason: "an item_reference names what only one provider keeps; send the item itself")
        default:
            // What a provider ran by itself (`web_search_call`, `mcp_call` …), and what is new.
            break
        }
    }

    private static func append(_ part: ConversationPart, as role: ConversationTurn.Role, to conversation: inout Conversation) {
        if let last = conversation.turns.indices.last, conversation.turns[last].role == role {
            conversation.turns[last].parts.append(part)
        } else {
            conversation.turns.append(ConversationTurn(role: role, parts: [part]))
        }
    }

    // MARK: Messages

    private static func takeMessage(_ item: JSONValue, into conversation: inout Conversation) throws(RequestProblem) {
        guard let role = item.present("role") else { throw .missing(member: "input[].role") }
        switch true {
        case role.equals("user"):
            for part in try content(of: item, "input[].content") { append(part, as: .user, to: &conversation) }
        case role.equals("assistant"):
            for part in try content(of: item, "input[].content") { append(part, as: .assistant, to: &conversation) }
        case role.equals("system"), role.equals("developer"):
            let parts = try content(of: item, "input[].content")
            if conversation.turns.isEmpty {
                conversation.system += parts
            } else if !parts.isEmpty {
                conversation.turns.append(ConversationTurn(role: .system, parts: parts))
            }
        default:
            throw .invalid(member: "input[].role", reason: "it must be one of user, assistant, system and developer")
        }
    }

    private static func content(of item: JSONValue, _ member: StaticName) throws(RequestProblem) -> [ConversationPart] {
        guard let content = item.present("content") else { return [] }
        if let text = JSONText(content) { return [.text(text)] }
        guard content.isArray else { throw .wrongType(member: member, expected: "a string or an array") }
        return try parts(content, member)
    }

    /// Parts of a message, or of what a tool gave back. Kinds that are not known are passed over.
    private static func parts(_ list: JSONValue, _ member: StaticName) throws(RequestProblem) -> [ConversationPart] {
        var parts: [ConversationPart] = []
        for part in list.elements {
            guard part.isObject else { throw .wrongType(member: member, expected: "an array of objects") }
            guard let type = part.present("type") else { continue }
            switch true {
            case type.equals("input_text"), type.equals("output_text"), type.equals("text"):
                guard let text = JSONText(part.present("text")) else {
                    throw .wrongType(member: "input[].content[].text", expected: "a string")
                }
                parts.append(.text(text))
            case type.equals("refusal"):
                guard let text = JSONText(part.present("refusal")) else { continue }
                parts.append(ConversationPart(.refusal(text)))
            case type.equals("input_image"):
                parts.append(ConversationPart(.image(try image(part))))
            case type.equals("input_file"):
                parts.append(ConversationPart(.file(try file(part), name: JSONText(part.present("filename")))))
            case type.equals("input_audio"):
                guard let audio = part.present("input_audio"), let data = JSONText(audio.present("data")),
                    let format = JSONText(audio.present("format"))
                else { throw .missing(member: "input[].content[].input_audio") }
                parts.append(ConversationPart(.audio(data: data, format: format)))
            default:
                break
            }
        }
        return parts
    }

    private static func image(_ part: JSONValue) throws(RequestProblem) -> MediaSource {
        // Chat's object in place of the text is taken too.
        let image = part.present("image_url")
        if let url = JSONText(image) ?? JSONText(image?.present("url")) { return MediaSource(url: url) }
        if let id = JSONText(part.present("file_id")) { return .fileID(id) }
        throw .missing(member: "input[].content[].image_url")
    }

    private static func file(_ part: JSONValue) throws(RequestProblem) -> MediaSource {
        if let data = JSONText(part.present("file_data")) {
            let source = MediaSource(url: data)
            guard case .url = source else { return source }
            // Without `data:` in front it is base64 all the same, of the one type that all providers take.
            return .base64(mediaType: JSONText("application/pdf"), data: data)
        }
        if let url = JSONText(part.present("file_url")) { return MediaSource(url: url) }
        if let id = JSONText(part.present("file_id")) { return .fileID(id) }
        throw .missing(member: "input[].content[].file_data")
    }

    // MARK: Calls and what came of them

    private static func call(_ item: JSONValue, isCustom: Bool) throws(RequestProblem) -> ConversationPart {
        guard let id = JSONText(item.present("call_id") ?? item.present("id")) else { throw .missing(member: "input[].call_id") }
        guard let name = JSONText(item.present("name")) else { throw .missing(member: "input[].name") }
        let value = item.present(isCustom ? "input" : "arguments")
        let arguments: ToolArguments =
            if let value, value.isObject { .object(value) } else { .text(JSONText(value) ?? JSONText("")) }
        return ConversationPart(
            .toolCall(
                ToolCall(
                    id: id, name: name, namespace: JSONText(item.present("namespace")), arguments: arguments, isCustom: isCustom)))
    }

    private static func result(_ item: JSONValue, isCustom: Bool) throws(RequestProblem) -> ConversationPart {
        guard let id = JSONText(item.present("call_id")) else { throw .missing(member: "input[].call_id") }
        var result = ToolResult(callID: id, parts: [], isCustom: isCustom)
        if let output = item.present("output") {
            if let text = JSONText(output) {
                result.parts = [.text(text)]
            } else if output.isArray {
                result.parts = try parts(output, "input[].output")
            } else if output.isObject {
                result.object = output
            } else {
                throw .wrongType(member: "input[].output", expected: "a string or an array")
            }
        }
        return ConversationPart(.toolResult(result))
    }

    // MARK: Reasoning

    /// Text and state; nil for an item that holds neither. An answer writer puts thinking of one piece into one summary part, so that it comes back
    /// byte for byte; several parts are paragraphs.
    private static func reasoning(_ item: JSONValue) -> ConversationPart? {
        let text = joined(item.present("summary")) ?? joined(item.present("content"))
        guard let carried = JSONText(item.present("encrypted_content")), !carried.isEmpty else {
            return text.map { ConversationPart(.thinking($0, state: nil)) }
        }
        let state = ProviderState(carried: carried, in: .responses, id: JSONText(item.present("id")))
        return ConversationPart(text.map { .thinking($0, state: state) } ?? .sealedThinking(state))
    }

    private static func joined(_ list: JSONValue?) -> JSONText? {
        guard let list else { return nil }
        var texts: [JSONText] = []
        for part in list.elements {
            if let text = JSONText(part.present("text")), !text.isEmpty { texts.append(text) }
        }
        guard texts.count > 1 else { return texts.first }
        return .owned(texts.map(\.string).joined(separator: "\n\n"))
    }
}
