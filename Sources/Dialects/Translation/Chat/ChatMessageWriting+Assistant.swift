import Streaming

extension ChatMessageWriting {
    /// Writes what the model said. A turn of nothing but another provider's thinking is left out.
    ///
    /// - Parameter isLast: the model shall go on with this text (a prefill).
    mutating func writeAssistant(
        _ parts: [ConversationPart], isLast: Bool, to writer: inout JSONWriter, plan: inout AnswerPlan
    ) throws(RequestProblem) {
        let calls = calls(parts)
        let refusals = accent.takesRefusals ? parts.compactMap(\.refusalText) : []
        let texts = parts.filter { part in
            if case .refusal = part.content { return !accent.takesRefusals }
            return part.plainText.map { !$0.isEmpty } ?? false
        }
        guard !texts.isEmpty || !calls.isEmpty || !refusals.isEmpty else { return }
        writer.beginObject()
        writer.member("role", "assistant")
        writer.name("content")
        writeTexts(texts, to: &writer)
        if !refusals.isEmpty { writer.member("refusal", JSONText(joining: refusals)) }
        writeThinking(parts, hasCalls: !calls.isEmpty, to: &writer)
        if !calls.isEmpty {
            writer.name("tool_calls")
            writer.beginArray()
            for (index, call) in calls.enumerated() { write(call, isFirst: index == 0, to: &writer, plan: &plan) }
            writer.endArray()
        } else if isLast, accent.profile == .mistral {
            writer.member("prefix", true)
        }
        writer.endObject()
        endsWithTool = false
    }

    /// Pieces of one text: what a client keeps in several parts was one answer.
    private func writeTexts(_ parts: [ConversationPart], to writer: inout JSONWriter) {
        guard !parts.isEmpty else { return writer.null() }
        guard accent.takesCacheControl, parts.contains(where: { $0.cacheControl != nil }) else {
            writer.beginString()
            for text in parts.lazy.compactMap(\.plainText) { writer.appendToString(text) }
            writer.endString()
            return
        }
        writer.beginArray()
        for part in parts {
            guard let text = part.plainText else { continue }
            writer.beginObject()
            writer.member("type", "text")
            writer.member("text", text)
            writer.member("cache_control", part.cacheControl)
            writer.endObject()
        }
        writer.endArray()
    }

    // MARK: Calls

    /// The calls, each with the Gemini signature that stood in front of it.
    private func calls(_ parts: [ConversationPart]) -> [ToolCall] {
        var calls: [ToolCall] = []
        var pending: ProviderState?
        for part in parts {
            switch part.content {
            case .sealedThinking(let state) where state.origin == .gemini:
                pending = state
            case .toolCall(var call):
                if call.state == nil { call.state = pending }
                pending = nil
                calls.append(call)
            default:
                pending = nil
            }
        }
        return calls
    }

    private func write(_ call: ToolCall, isFirst: Bool, to writer: inout JSONWriter, plan: inout AnswerPlan) {
        writer.beginObject()
        writer.member("id", callID(call.id))
        writer.member("type", "function")
        writer.name("function")
        writer.beginObject()
        writer.member(
            "name", ToolNames.providerName(call.name, namespace: call.namespace, isCustom: call.isCustom, for: .chat, plan: &plan))
        writer.name("arguments")
        writeArguments(of: call, to: &writer)
        writer.endObject()
        if accent.profile == .google { writeSignature(of: call, isFirst: isFirst, to: &writer) }
        writer.endObject()
    }

    private func writeArguments(of call: ToolCall, to writer: inout JSONWriter) {
        switch call.arguments {
        case .text(let text) where call.isCustom:
            var input = JSONWriter()
            input.beginObject()
            input.member("input", text)
            input.endObject()
            writer.string(.plain(input.bytes))
        case .text(let text) where text.isBlank:
            writer.string("{}")
        case .text(let text):
            writer.string(text)
        case .object(let value):
            writer.string(.plain(value.rawBytes))
        }
    }

    /// Google's OpenAI surface wants the thought signature back with the call. Gemini 3 refuses a step whose first call has none: a history
    /// that another model made gets Google's word for "do not check".
    private func writeSignature(of call: ToolCall, isFirst: Bool, to writer: inout JSONWriter) {
        let signature: JSONText
        if let state = call.state, state.origin == .gemini {
            signature = state.value
        } else if isFirst, accent.model.hasPrefix("gemini-3") {
            signature = JSONText("skip_thought_signature_validator")
        } else {
            return
        }
        writer.name("extra_content")
        writer.beginObject()
        writer.name("google")
        writer.beginObject()
        writer.member("thought_signature", signature)
        writer.endObject()
        writer.endObject()
    }

    // MARK: Thinking

    /// What the provider wants back of its thinking, and nothing of another's.
    private func writeThinking(_ parts: [ConversationPart], hasCalls: Bool, to writer: inout JSONWriter) {
        switch accent.profile {
        case .openrouter:
            if parts.contains(where: { $0.chatState != nil }) { return writeDetails(parts, to: &writer) }
            let texts = parts.compactMap(\.unsignedThinking)
            if hasCalls, !texts.isEmpty { writer.member("reasoning", JSONText(joining: texts)) }
        case .deepseek, .zai, .compatible:
            // Within a chain of calls DeepSeek insists on it, of a finished turn it will not have it.
            guard hasCalls else { return }
            let texts = parts.compactMap(\.unsignedThinking)
            let isOwed = accent.profile == .deepseek && (wantsThinking || accent.model.contains("reasoner"))
            if !texts.isEmpty || isOwed { writer.member("reasoning_content", JSONText(joining: texts)) }
        case .openAI, .anthropic, .google, .xai, .groq, .mistral, .ollama:
            break
        }
    }

    private func writeDetails(_ parts: [ConversationPart], to writer: inout JSONWriter) {
        writer.name("reasoning_details")
        writer.beginArray()
        for part in parts {
            guard let state = part.chatState else { continue }
            var text = JSONText("")
            if case .thinking(let thinking, _) = part.content { text = thinking }
            writeDetail(state, text: text, to: &writer)
        }
        writer.endArray()
    }

    /// Writes the element that the provider made; what a client made of it in between is no JSON object at worst, and left out.
    ///
    /// A stream's element has the signature alone: its text is put back in. Encrypted thinking has its summary in front.
    private func writeDetail(_ state: ProviderState, text: JSONText, to writer: inout JSONWriter) {
        Array(state.value.string.utf8).withUnsafeBytes { json in
            _ = reader.read(json) { element in
                guard element.isObject, let type = element.present("type") else { return }
                if type.equals("reasoning.text"), !text.isEmpty, !(element.present("text")?.isNonEmptyString ?? false) {
                    writer.beginObject()
                    for member in element.members where !member.name.equals("text") {
                        guard let name = member.name.stringBytes else { continue }
                        writer.name(escaped: name)
                        writer.json(member.value.rawBytes)
                    }
                    writer.member("text", text)
                    writer.endObject()
                    return
                }
                if type.equals("reasoning.encrypted"), !text.isEmpty {
                    writer.beginObject()
                    writer.member("type", "reasoning.summary")
                    writer.member("summary", text)
                    writer.member("format", element.present("format"))
                    writer.member("index", element.present("index"))
                    writer.endObject()
                }
                writer.json(element.rawBytes)
            }
        }
    }
}

extension ConversationPart {
    fileprivate var refusalText: JSONText? {
        if case .refusal(let text) = content { text } else { nil }
    }

    /// The state of a thinking of chat's own.
    fileprivate var chatState: ProviderState? {
        switch content {
        case .thinking(_, let state?) where state.origin == .chat: state
        case .sealedThinking(let state) where state.origin == .chat: state
        default: nil
        }
    }

    /// Thinking that no other provider has signed.
    fileprivate var unsignedThinking: JSONText? {
        guard case .thinking(let text, let state) = content, !text.isEmpty else { return nil }
        return state == nil || state?.origin == .chat ? text : nil
    }
}
