import Streaming

/// Reads a chat completions answer, in whichever accent: OpenAI's, Azure's, OpenRouter's, Groq's, DeepSeek's, Mistral's, Ollama's, Google's.
///
/// The first choice is read alone. Why the model stopped is told at the end mark: some providers give several reasons, the last one counts.
/// An end mark without any reason makes no end: something in front of us has made it up.
struct ChatAnswerParser: AnswerParser {
    private var isOpen = false
    private var calls = ChatCallReading()
    private var finish: StopReason?
    private var stopText: String?
    private var hasRefused = false

    init(_ plan: AnswerPlan) {}

    mutating func read(_ event: SSEEvent, _ reader: JSONReader, into sink: inout AnswerOutput) {
        if event.data.count < 32, Bytes.trimmed(event.data).equals("[DONE]") { return end(into: &sink) }
        let isNamedError = event.name.equals("error")
        let isRead: Void? = reader.read(event.data) { root in
            take(root.isArray ? root.firstElement ?? root : root, isNamedError: isNamedError, into: &sink)
        }
        if isRead == nil, isNamedError { sink.take(.failure(AnswerFailure(unreadable: event.data))) }
    }

    /// Chat has an end mark: without one the answer is cut short.
    mutating func streamEnded(into sink: inout AnswerOutput) {}

    mutating func readWhole(_ root: JSONValue, into sink: inout AnswerOutput) {
        let root = root.isArray ? root.firstElement ?? root : root
        guard !takeFailure(root, isNamedError: false, into: &sink) else { return }
        guard let choice = firstChoice(of: root) else {
            let detail = root.present("detail") ?? root
            return sink.take(.failure(AnswerFailure(of: detail, within: root)))
        }
        open(root, into: &sink)
        if let message = choice.present("message") ?? choice.present("delta") { take(delta: message, isWhole: true, into: &sink) }
        takeFinish(of: choice)
        takeUsage(of: root, into: &sink)
        if finish == nil { finish = .complete }
        end(into: &sink)
    }

    // MARK: Chunks

    private mutating func take(_ root: JSONValue, isNamedError: Bool, into sink: inout AnswerOutput) {
        guard !takeFailure(root, isNamedError: isNamedError, into: &sink) else { return }
        if let choice = firstChoice(of: root) {
            open(root, into: &sink)
            if let delta = choice.present("delta") ?? choice.present("message") { take(delta: delta, isWhole: false, into: &sink) }
            takeFinish(of: choice)
        }
        takeUsage(of: root, into: &sink)
    }

    private func takeFailure(_ root: JSONValue, isNamedError: Bool, into sink: inout AnswerOutput) -> Bool {
        guard let failure = AnswerFailure(inChatChunk: root) ?? (isNamedError ? AnswerFailure(of: root, within: root) : nil) else { return false }
        takeUsage(of: root, into: &sink)
        sink.take(.failure(failure))
        return true
    }

    private func firstChoice(of root: JSONValue) -> JSONValue? {
        guard let choices = root.present("choices") else { return nil }
        return choices.elements.first { ($0.present("index")?.count ?? 0) == 0 }
    }

    private mutating func open(_ root: JSONValue, into sink: inout AnswerOutput) {
        guard !isOpen else { return }
        isOpen = true
        sink.take(.opened(id: Self.text(root.present("id")), model: Self.text(root.present("model"))))
    }

    /// Usage is told in the last chunk, in one of its own, or in each: it runs, and the last one counts.
    private func takeUsage(of root: JSONValue, into sink: inout AnswerOutput) {
        guard let usage = root.present("usage") ?? root.present("x_groq")?.present("usage"), usage.isObject else { return }
        sink.take(.usage(TokenUsage(chat: usage)))
    }

    // MARK: The end

    private mutating func takeFinish(of choice: JSONValue) {
        guard let reason = choice.present("finish_reason"), reason.isNonEmptyString else { return }
        finish = StopReason(chat: reason)
        // vLLM tells which text it met.
        if finish == .complete, let text = Self.text(choice.present("stop_reason")) {
            finish = .stopText
            stopText = text.string
        }
    }

    private mutating func end(into sink: inout AnswerOutput) {
        guard var reason = finish else { return }
        // Google and Ollama say "stop" when the model calls.
        if reason == .complete, calls.count > 0 { reason = .toolCalls }
        if reason == .complete, hasRefused { reason = .filtered }
        sink.take(.finish(reason, stopText: stopText.map { .owned($0) }))
        sink.take(.end)
    }

    // MARK: Content

    /// What a delta holds, in the order of an answer: thinking, text, calls.
    private mutating func take(delta: JSONValue, isWhole: Bool, into sink: inout AnswerOutput) {
        takeThinking(delta, into: &sink)
        if let state = ChatReasoningReading.thoughtSignature(delta) { sink.take(.signature(state)) }
        if let content = delta.present("content") {
            if let text = Self.text(content) {
                sink.take(.text(text))
            } else {
                for part in content.elements { take(part: part, into: &sink) }
            }
        }
        if let refusal = Self.text(delta.present("refusal")) {
            hasRefused = true
            sink.take(.refusal(refusal))
        }
        if let list = delta.present("tool_calls") {
            calls.take(list, isWhole: isWhole, into: &sink)
        } else if let call = delta.present("function_call"), call.isObject {
            calls.take(legacy: call, into: &sink)
        }
    }

    /// A part of Mistral's lists.
    private func take(part: JSONValue, into sink: inout AnswerOutput) {
        if let text = Self.text(part) ?? Self.text(part.present("text")) { return sink.take(.text(text)) }
        guard let thinking = part.present("thinking") else { return }
        if let text = Self.text(thinking) { return sink.take(.thinking(text)) }
        for element in thinking.elements {
            if let text = Self.text(element.present("text")) { sink.take(.thinking(text)) }
        }
    }

    /// OpenRouter says everything twice: as text, and in `reasoning_details` with the states. Those tell more, where they have texts.
    private func takeThinking(_ delta: JSONValue, into sink: inout AnswerOutput) {
        let told = Self.text(delta.present("reasoning_content")) ?? Self.text(delta.present("reasoning"))
        guard let details = delta.present("reasoning_details"), !details.isEmptyContainer else {
            if let told { sink.take(.thinking(told)) }
            return
        }
        let isTold = details.elements.contains { Self.thinking($0) != nil }
        if !isTold, let told { sink.take(.thinking(told)) }
        for element in details.elements where element.isObject {
            if let text = Self.thinking(element) { sink.take(.thinking(text)) }
            let carried = Self.text(element.present("signature")) ?? Self.text(element.present("data"))
            guard var state = ChatReasoningReading.state(carried, of: element) else { continue }
            if state.origin == .chat { state.value = Self.withoutText(element) }
            sink.take(.signature(state))
        }
    }

    private static func thinking(_ element: JSONValue) -> JSONText? { text(element.present("text")) ?? text(element.present("summary")) }

    /// The element, without the text that was told.
    private static func withoutText(_ element: JSONValue) -> JSONText {
        guard text(element.present("text")) != nil else { return .plain(element.rawBytes) }
        var writer = JSONWriter()
        writer.beginObject()
        for member in element.members where !member.name.equals("text") {
            guard let name = member.name.stringBytes else { continue }
            writer.name(escaped: name)
            writer.json(member.value.rawBytes)
        }
        writer.endObject()
        return .owned(String(decoding: writer.bytes, as: UTF8.self))
    }

    /// A string with something in it.
    private static func text(_ value: JSONValue?) -> JSONText? {
        guard let bytes = value?.stringBytes, !bytes.isEmpty else { return nil }
        return .escaped(bytes)
    }
}

extension StopReason {
    /// From `finish_reason`, by the names of all that speak chat. One that is not known is an end like any other.
    init(chat reason: JSONValue) {
        switch true {
        case reason.equals("length"), reason.equals("max_tokens"): self = .outputLimit
        case reason.equals("model_length"): self = .contextLimit
        case reason.equals("tool_calls"), reason.equals("function_call"), reason.equals("tool_use"): self = .toolCalls
        case reason.equals("content_filter"), reason.equals("sensitive"), reason.equals("safety"), reason.equals("SAFETY"): self = .filtered
        case reason.equals("error"), reason.equals("network_error"), reason.equals("insufficient_system_resource"): self = .broken
        case reason.equals("stop_sequence"): self = .stopText
        default: self = .complete
        }
    }
}
