import Streaming

// The content blocks of a message.

extension MessagesRequestParser {
    static func blocks(_ array: JSONValue) throws(RequestProblem) -> [ConversationPart] {
        var parts: [ConversationPart] = []
        for block in array.elements { try take(block, into: &parts) }
        return parts
    }

    private static func take(_ block: JSONValue, into parts: inout [ConversationPart]) throws(RequestProblem) {
        guard block.isObject, let type = block["type"], type.isString else {
            throw .wrongType(member: "messages.content", expected: "an array of objects with a type")
        }
        let mark = block.present("cache_control")
        switch true {
        case type.equals("text"):
            parts.append(ConversationPart(.text(try text(block, "text", named: "messages.content.text")), cacheControl: mark))
        case type.equals("image"):
            let source = try source(block)
            parts.append(ConversationPart(.image(source), cacheControl: mark))
        case type.equals("document"):
            try takeDocument(block, into: &parts)
        case type.equals("search_result"):
            takeSearchResult(block, into: &parts)
        case type.equals("tool_use"):
            parts.append(ConversationPart(.toolCall(try call(block)), cacheControl: mark))
        case type.equals("tool_result"):
            parts.append(ConversationPart(.toolResult(try result(block)), cacheControl: mark))
        case type.equals("thinking"):
            takeThinking(block, into: &parts)
        case type.equals("redacted_thinking"):
            guard let data = JSONText(block["data"]), !data.isEmpty else { return }
            parts.append(ConversationPart(.sealedThinking(ProviderState(carried: data, in: .messagesRedacted))))
        case type.equals("compaction"):
            // The provider's summary of what it left out of the conversation.
            if let summary = JSONText(block.present("content")) { parts.append(ConversationPart(.text(summary), cacheControl: mark)) }
        case type.equals("tool_reference"):
            if let name = JSONText(block["tool_name"]) { parts.append(.text(name)) }
        default:
            // What the provider's own tools did (`server_tool_use`, `web_search_tool_result` …), files in its containers, blocks of the future.
            break
        }
    }

    /// Signed thinking, thinking that another provider's state came with, or plain text of a provider that signs nothing.
    private static func takeThinking(_ block: JSONValue, into parts: inout [ConversationPart]) {
        var state: ProviderState?
        if let signature = JSONText(block["signature"]), !signature.isEmpty { state = ProviderState(carried: signature, in: .messages) }
        if let text = JSONText(block["thinking"]), !text.isEmpty {
            parts.append(ConversationPart(.thinking(text, state: state)))
        } else if let state {
            parts.append(ConversationPart(.sealedThinking(state)))
        }
    }

    // MARK: Tools

    private static func call(_ block: JSONValue) throws(RequestProblem) -> ToolCall {
        let id = try text(block, "id", named: "messages.content.id")
        let name = try text(block, "name", named: "messages.content.name")
        guard let input = block.present("input") else { return ToolCall(id: id, name: name, arguments: .text(JSONText(""))) }
        return ToolCall(id: id, name: name, arguments: .object(input))
    }

    private static func result(_ block: JSONValue) throws(RequestProblem) -> ToolResult {
        var result = ToolResult(callID: try text(block, "tool_use_id", named: "messages.content.tool_use_id"), parts: [])
        result.isError = block["is_error"]?.bool ?? false
        guard let content = block.present("content") else { return result }
        if let text = JSONText(content) {
            result.parts = [.text(text)]
        } else if content.isArray {
            result.parts = try blocks(content)
        } else {
            throw .wrongType(member: "messages.content.content", expected: "a string or an array of content blocks")
        }
        return result
    }

    // MARK: Media

    /// A document; its context stands in front of it, and one that consists of blocks is taken for these.
    private static func takeDocument(_ block: JSONValue, into parts: inout [ConversationPart]) throws(RequestProblem) {
        let mark = block.present("cache_control")
        let title = JSONText(block.present("title"))
        if let context = JSONText(block.present("context")), !context.isBlank { parts.append(.text(context)) }
        guard let source = block.present("source"), source["type"]?.equals("content") ?? false else {
            parts.append(ConversationPart(.file(try Self.source(block), name: title), cacheControl: mark))
            return
        }
        if let title, !title.isBlank { parts.append(.text(title)) }
        let before = parts.count
        if let text = JSONText(source["content"]) {
            parts.append(.text(text))
        } else if let content = source.present("content") {
            parts += try blocks(content)
        }
        if parts.count > before, let mark { parts[parts.count - 1].cacheControl = mark }
    }

    /// A search result of the client's own: where it is from, its title, its text.
    private static func takeSearchResult(_ block: JSONValue, into parts: inout [ConversationPart]) {
        for name in ["title", "source"] as [StaticString] {
            if let text = JSONText(block[name]), !text.isBlank { parts.append(.text(text)) }
        }
        var texts = block.present("content").map(texts) ?? []
        if let mark = block.present("cache_control"), !texts.isEmpty { texts[texts.count - 1].cacheControl = mark }
        parts += texts
    }

    private static func source(_ block: JSONValue) throws(RequestProblem) -> MediaSource {
        guard let source = block.present("source"), let type = source["type"] else { throw .missing(member: "messages.content.source") }
        if type.equals("base64") {
            let mediaType = try text(source, "media_type", named: "messages.content.source.media_type")
            return .base64(mediaType: mediaType, data: try text(source, "data", named: "messages.content.source.data"))
        }
        if type.equals("url") { return .url(try text(source, "url", named: "messages.content.source.url")) }
        if type.equals("file") { return .fileID(try text(source, "file_id", named: "messages.content.source.file_id")) }
        if type.equals("text") { return .text(try text(source, "data", named: "messages.content.source.data")) }
        throw .invalid(member: "messages.content.source", reason: "it must be base64, url, file, text or content")
    }

    /// A string that must be there.
    private static func text(
        _ holder: JSONValue, _ name: StaticString, named member: StaticName
    ) throws(RequestProblem) -> JSONText {
        guard let value = holder.present(name) else { throw .missing(member: member) }
        guard let text = JSONText(value) else { throw .wrongType(member: member, expected: "a string") }
        return text
    }
}
