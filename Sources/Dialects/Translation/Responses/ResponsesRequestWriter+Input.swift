import Streaming

// `input`: the turns as items, without ids but those that belong to reasoning.

extension ResponsesRequestWriter {
    static func writeInput(
        _ conversation: Conversation, _ target: TranslationTarget, plan: inout AnswerPlan, to writer: inout JSONWriter
    ) throws(RequestProblem) {
        writer.name("input")
        writer.beginArray()
        if case .json = conversation.outputFormat, !namesJSON(conversation) {
            // OpenAI refuses `json_object` where the input does not speak of JSON.
            writer.json(#"{"type":"message","role":"developer","content":"Answer in JSON."}"#)
        }
        for turn in conversation.turns {
            switch turn.role {
            case .user: try writeUser(turn.parts, target, to: &writer)
            case .assistant: writeAssistant(turn.parts, target, plan: &plan, to: &writer)
            case .system: try writeMessage(turn.parts[...], role: "developer", to: &writer)
            }
        }
        writer.endArray()
    }

    // MARK: Turns

    /// Results of tools first: they follow on their calls.
    private static func writeUser(
        _ parts: [ConversationPart], _ target: TranslationTarget, to writer: inout JSONWriter
    ) throws(RequestProblem) {
        for part in parts {
            if case .toolResult(let result) = part.content { try write(result, target, to: &writer) }
        }
        let rest = parts.filter { if case .toolResult = $0.content { false } else { true } }
        try writeMessage(rest[...], role: "user", to: &writer)
    }

    private static func writeMessage(
        _ parts: ArraySlice<ConversationPart>, role: StaticString, to writer: inout JSONWriter
    ) throws(RequestProblem) {
        guard !parts.isEmpty else { return }
        writer.beginObject()
        writer.member("type", "message")
        writer.member("role", role)
        writer.name("content")
        writer.beginArray()
        for part in parts { try writePart(part, to: &writer) }
        writer.endArray()
        writer.endObject()
    }

    /// Messages, calls and reasoning in the order in which the model made them.
    private static func writeAssistant(
        _ parts: [ConversationPart], _ target: TranslationTarget, plan: inout AnswerPlan, to writer: inout JSONWriter
    ) {
        // Reasoning must be followed by what it led to.
        let lastContent = parts.lastIndex { $0.isAssistantContent } ?? -1
        var isInMessage = false
        for (index, part) in parts.enumerated() {
            switch part.content {
            case .text(let text):
                openMessage(&isInMessage, to: &writer)
                write("output_text", "text", text, to: &writer)
            case .refusal(let text):
                openMessage(&isInMessage, to: &writer)
                write("refusal", "refusal", text, to: &writer)
            case .toolCall(let call):
                closeMessage(&isInMessage, to: &writer)
                write(call, target, plan: &plan, to: &writer)
            case .thinking(let text, let state?) where state.origin == .responses && index < lastContent:
                closeMessage(&isInMessage, to: &writer)
                write(state, summary: text, to: &writer)
            case .sealedThinking(let state) where state.origin == .responses && index < lastContent:
                closeMessage(&isInMessage, to: &writer)
                write(state, summary: nil, to: &writer)
            case .thinking, .sealedThinking, .image, .file, .audio, .toolResult:
                break
            }
        }
        closeMessage(&isInMessage, to: &writer)
    }

    private static func openMessage(_ isInMessage: inout Bool, to writer: inout JSONWriter) {
        guard !isInMessage else { return }
        isInMessage = true
        writer.beginObject()
        writer.member("type", "message")
        writer.member("role", "assistant")
        writer.name("content")
        writer.beginArray()
    }

    private static func closeMessage(_ isInMessage: inout Bool, to writer: inout JSONWriter) {
        guard isInMessage else { return }
        isInMessage = false
        writer.endArray()
        writer.endObject()
    }

    // MARK: Parts

    private static func write(_ type: StaticString, _ name: StaticString, _ text: JSONText, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", type)
        writer.member(name, text)
        writer.endObject()
    }

    /// A part of the input, or of what a tool gave back.
    private static func writePart(_ part: ConversationPart, to writer: inout JSONWriter) throws(RequestProblem) {
        switch part.content {
        case .text(let text), .refusal(let text):
            write("input_text", "text", text, to: &writer)
        case .image(let source):
            write(image: source, to: &writer)
        case .file(let source, let name):
            write(file: source, name, to: &writer)
        case .audio:
            throw .notTranslatable(member: "input_audio", reason: "the Responses API takes no sound")
        case .thinking, .sealedThinking, .toolCall, .toolResult:
            break
        }
    }

    private static func write(image source: MediaSource, to writer: inout JSONWriter) {
        if case .text(let text) = source { return write("input_text", "text", text, to: &writer) }
        writer.beginObject()
        writer.member("type", "input_image")
        switch source {
        case .base64(let mediaType, let data): writeDataURL("image_url", mediaType, data, to: &writer)
        case .url(let url): writer.member("image_url", url)
        case .fileID(let id): writer.member("file_id", id)
        case .text: break
        }
        writer.endObject()
    }

    private static func write(file source: MediaSource, _ name: JSONText?, to writer: inout JSONWriter) {
        if case .text(let text) = source { return write("input_text", "text", text, to: &writer) }
        writer.beginObject()
        writer.member("type", "input_file")
        switch source {
        case .base64(let mediaType, let data):
            // Bytes without a name are refused.
            writer.member("filename", name ?? JSONText(mediaType.equals("application/pdf") ? "document.pdf" : "document"))
            writeDataURL("file_data", mediaType, data, to: &writer)
        case .url(let url): writer.member("file_url", url)
        case .fileID(let id): writer.member("file_id", id)
        case .text: break
        }
        writer.endObject()
    }

    private static func writeDataURL(_ member: StaticString, _ mediaType: JSONText, _ data: JSONText, to writer: inout JSONWriter) {
        writer.name(member)
        writer.beginString()
        writer.appendToString(JSONText("data:"))
        writer.appendToString(mediaType)
        writer.appendToString(JSONText(";base64,"))
        writer.appendToString(data)
        writer.endString()
    }

    // MARK: Reasoning, calls, results

    /// Reasoning that this dialect's provider made; that of others stays away.
    private static func write(_ state: ProviderState, summary: JSONText?, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "reasoning")
        if let id = state.id { writer.member("id", id) }
        writer.name("summary")
        writer.beginArray()
        if let summary, !summary.isEmpty { write("summary_text", "text", summary, to: &writer) }
        writer.endArray()
        writer.member("encrypted_content", state.value)
        writer.endObject()
    }

    private static func write(_ call: ToolCall, _ target: TranslationTarget, plan: inout AnswerPlan, to writer: inout JSONWriter) {
        let name = ToolNames.providerName(
            call.name, namespace: call.namespace, isCustom: call.isCustom, for: .responses, plan: &plan)
        writer.beginObject()
        writer.member("type", call.isCustom ? "custom_tool_call" : "function_call")
        writer.member("call_id", CallID.legal(call.id, for: .responses, profile: target.profile))
        writer.member("name", name)
        writer.name(call.isCustom ? "input" : "arguments")
        switch call.arguments {
        case .object(let value): writer.string(.plain(value.rawBytes))
        case .text(let text): writer.string(text.isEmpty && !call.isCustom ? JSONText("{}") : text)
        }
        writer.endObject()
    }

    /// Texts alone go as one text, which every provider takes; with an image or a file they are a list. The dialect has no word for a failure:
    /// it is told in front.
    private static func write(_ result: ToolResult, _ target: TranslationTarget, to writer: inout JSONWriter) throws(RequestProblem) {
        writer.beginObject()
        writer.member("type", result.isCustom ? "custom_tool_call_output" : "function_call_output")
        writer.member("call_id", CallID.legal(result.callID, for: .responses, profile: target.profile))
        writer.name("output")
        if result.parts.contains(where: \.isMedia) {
            writer.beginArray()
            if result.isError { write("input_text", "text", JSONText("Error:"), to: &writer) }
            for part in result.parts { try writePart(part, to: &writer) }
            writer.endArray()
        } else {
            writer.beginString()
            if result.isError { writer.appendToString(JSONText("Error: ")) }
            if let object = result.object { writer.appendToString(JSONText.plain(object.rawBytes)) }
            var isFirst = true
            for part in result.parts {
                guard case .text(let text) = part.content else { continue }
                if !isFirst { writer.appendToString(JSONText("\n")) }
                isFirst = false
                writer.appendToString(text)
            }
            writer.endString()
        }
        writer.endObject()
    }

    // MARK: The word JSON

    private static func namesJSON(_ conversation: Conversation) -> Bool {
        conversation.turns.contains { turn in
            turn.parts.contains { part in
                guard case .text(let text) = part.content else { return false }
                switch text {
                case .escaped(let bytes), .plain(let bytes): return holdsJSON(bytes)
                case .owned(var string): return string.withUTF8 { holdsJSON(UnsafeRawBufferPointer($0)) }
                }
            }
        }
    }

    private static func holdsJSON(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= 4 else { return false }
        for start in 0...(bytes.count - 4) where bytes[start] | 0x20 == UInt8(ascii: "j") {
            if bytes[start + 1] | 0x20 == UInt8(ascii: "s"), bytes[start + 2] | 0x20 == UInt8(ascii: "o"),
                bytes[start + 3] | 0x20 == UInt8(ascii: "n")
            {
                return true
            }
        }
        return false
    }
}

extension ConversationPart {
    /// Something that reasoning can have led to.
    fileprivate var isAssistantContent: Bool {
        switch content {
        case .text, .refusal, .toolCall: true
        default: false
        }
    }

    fileprivate var isMedia: Bool {
        switch content {
        case .image, .file, .audio: true
        default: false
        }
    }
}
