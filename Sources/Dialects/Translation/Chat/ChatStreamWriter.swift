import Streaming

/// Writes an answer as a chat completions stream.
///
/// Thinking goes out twice, as OpenRouter does it. `reasoning_content` is what people read: DeepSeek's name, which more clients know than
/// OpenRouter's `reasoning` (both would be shown twice by some). `reasoning_details` is what a client that wants the model to think on sends
/// back: the same text with its provider's states, element by element. pydantic-ai takes the text from there alone where there are any.
struct ChatStreamWriter: AnswerWriter {
    private struct Call {
        var hasArguments = false
        /// Of a custom tool: finds its text in the arguments.
        var input: CustomToolInput?
    }

    private let names: ChatAnswerNames
    private let includesUsage: Bool
    /// What each chunk begins with, up to its choices.
    private var head: [UInt8] = []
    private var calls: [Call] = []
    private var hasThought = false
    private var hasRefused = false
    /// Nil at the end too where a provider ended without a reason, as Anthropic's `message_stop` alone does; chat has to have one.
    private var reason: StopReason?
    private var usage: TokenUsage?
    /// The place of the next element of `reasoning_details`, and whether it has text already.
    private var detail = 0
    private var detailHasText = false
    /// A Gemini signature belongs to what comes next.
    private var pending: ProviderState?

    init(_ plan: AnswerPlan) {
        names = ChatAnswerNames(plan)
        includesUsage = plan.includesUsage
    }

    var position: ResponsesPosition { ResponsesPosition() }

    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) {
        if case .opened(let id, let model) = event { return open(id, model, to: &writer) }
        if head.isEmpty { open(nil, nil, to: &writer) }
        switch event {
        case .opened, .failure:
            break
        case .text(let text):
            flushPending(to: &writer)
            writeDelta("content", text, to: &writer)
        case .refusal(let text):
            hasRefused = true
            writeDelta("refusal", text, to: &writer)
        case .thinking(let text):
            flushPending(to: &writer)
            writeThinking(text, to: &writer)
        case .thinkingBreak:
            if hasThought { writeThinking(.init("\n\n"), to: &writer) }
        case .signature(let state):
            take(state, to: &writer)
        case .toolCall(let call, let id, let name):
            begin(call, id, name, to: &writer)
        case .toolArguments(let call, let text):
            writeArguments(text, of: call, to: &writer)
        case .toolCallEnded(let call):
            finish(call, to: &writer)
        case .finish(let reason, _):
            self.reason = reason
        case .usage(let usage):
            self.usage = usage
        case .end:
            end(to: &writer)
        }
    }

    // MARK: Chunks

    private mutating func open(_ id: JSONText?, _ model: JSONText?, to writer: inout JSONWriter) {
        guard head.isEmpty else { return }
        var start = JSONWriter()
        start.frame("data: ")
        start.beginObject()
        names.write(id: id, model: model, object: "chat.completion.chunk", to: &start)
        start.name("choices")
        start.frame("[")
        head = Array(start.bytes)
        beginDelta(to: &writer)
        writer.member("role", "assistant")
        writer.member("content", "")
        endDelta(to: &writer)
    }

    private func beginDelta(to writer: inout JSONWriter) {
        head.withUnsafeBytes { writer.frame($0) }
        writer.frame("{\"index\":0,\"delta\":{")
    }

    private func endDelta(to writer: inout JSONWriter) {
        writer.frame("},\"finish_reason\":null}]}\n\n")
    }

    private func writeDelta(_ name: StaticString, _ text: JSONText, to writer: inout JSONWriter) {
        beginDelta(to: &writer)
        writer.member(name, text)
        endDelta(to: &writer)
    }

    private mutating func end(to writer: inout JSONWriter) {
        flushPending(to: &writer)
        for call in calls.indices { finish(call, to: &writer) }
        head.withUnsafeBytes { writer.frame($0) }
        writer.frame("{\"index\":0,\"delta\":{},\"finish_reason\":")
        writer.string((reason ?? .complete).chatName(hasRefused: hasRefused))
        writer.frame("}]}\n\n")
        if includesUsage {
            head.withUnsafeBytes { writer.frame($0) }
            writer.frame("],\"usage\":")
            (usage ?? TokenUsage()).writeChat(to: &writer)
            writer.frame("}\n\n")
        }
        writer.frame("data: [DONE]\n\n")
    }

    // MARK: Thinking

    private mutating func writeThinking(_ text: JSONText, to writer: inout JSONWriter) {
        hasThought = true
        beginDelta(to: &writer)
        writer.member("reasoning_content", text)
        writer.name("reasoning_details")
        writer.beginArray()
        writer.beginObject()
        writer.member("type", "reasoning.text")
        writer.member("index", detail)
        writer.member("text", text)
        writer.endObject()
        writer.endArray()
        detailHasText = true
        endDelta(to: &writer)
    }

    private mutating func take(_ state: ProviderState, to writer: inout JSONWriter) {
        flushPending(to: &writer)
        if state.origin == .gemini { pending = state.kept } else { writeDetail(state, callID: nil, to: &writer) }
    }

    private mutating func flushPending(to writer: inout JSONWriter) {
        guard let state = pending else { return }
        pending = nil
        writeDetail(state, callID: nil, to: &writer)
    }

    private mutating func writeDetail(_ state: ProviderState, callID: JSONText?, to writer: inout JSONWriter) {
        beginDelta(to: &writer)
        writeDetails(state, callID: callID, to: &writer)
        endDelta(to: &writer)
    }

    private mutating func writeDetails(_ state: ProviderState, callID: JSONText?, to writer: inout JSONWriter) {
        if detailHasText, !state.signsText { detail += 1 }
        writer.name("reasoning_details")
        writer.beginArray()
        state.writeDetail(index: detail, text: UnsafeRawBufferPointer(start: nil, count: 0), callID: callID, to: &writer)
        writer.endArray()
        detail += 1
        detailHasText = false
    }

    // MARK: Calls

    private mutating func begin(_ call: Int, _ id: JSONText?, _ name: JSONText, to writer: inout JSONWriter) {
        let tool = names.tool(name)
        let id = names.callID(id, call: call)
        while calls.count <= call { calls.append(Call()) }
        if tool.isCustom { calls[call].input = CustomToolInput() }
        beginDelta(to: &writer)
        writer.name("tool_calls")
        writer.beginArray()
        writer.beginObject()
        writer.member("index", call)
        writer.member("id", id)
        writer.member("type", tool.isCustom ? "custom" : "function")
        writer.name(tool.isCustom ? "custom" : "function")
        writer.beginObject()
        writer.member("name", tool.name)
        writer.member(tool.isCustom ? "input" : "arguments", "")
        writer.endObject()
        if let state = pending { writeSignature(state, to: &writer) }
        writer.endObject()
        writer.endArray()
        // The same again where OpenRouter's clients look for it.
        if let state = pending { writeDetails(state, callID: id, to: &writer) }
        pending = nil
        endDelta(to: &writer)
    }

    /// A Gemini signature as Google's OpenAI surface writes it.
    private func writeSignature(_ state: ProviderState, to writer: inout JSONWriter) {
        writer.name("extra_content")
        writer.beginObject()
        writer.name("google")
        writer.beginObject()
        writer.member("thought_signature", state.value)
        writer.endObject()
        writer.endObject()
    }

    private mutating func writeArguments(_ text: JSONText, of call: Int, to writer: inout JSONWriter) {
        guard calls.indices.contains(call) else { return }
        if calls[call].input == nil {
            calls[call].hasArguments = true
            writeArguments(text, of: call, "function", "arguments", to: &writer)
        } else {
            var input: [UInt8] = []
            calls[call].input?.take(text, into: &input)
            writeInput(input, of: call, to: &writer)
        }
    }

    private func writeInput(_ input: [UInt8], of call: Int, to writer: inout JSONWriter) {
        guard !input.isEmpty else { return }
        input.withUnsafeBytes { writeArguments(.escaped($0), of: call, "custom", "input", to: &writer) }
    }

    private func writeArguments(
        _ text: JSONText, of call: Int, _ kind: StaticString, _ name: StaticString, to writer: inout JSONWriter
    ) {
        beginDelta(to: &writer)
        writer.name("tool_calls")
        writer.beginArray()
        writer.beginObject()
        writer.member("index", call)
        writer.name(kind)
        writer.beginObject()
        writer.member(name, text)
        writer.endObject()
        writer.endObject()
        writer.endArray()
        endDelta(to: &writer)
    }

    /// A call without arguments gets `{}`, which clients parse; a custom one the rest of its text.
    private mutating func finish(_ call: Int, to writer: inout JSONWriter) {
        guard calls.indices.contains(call), !calls[call].hasArguments else { return }
        calls[call].hasArguments = true
        if calls[call].input == nil { return writeArguments(JSONText("{}"), of: call, "function", "arguments", to: &writer) }
        var rest: [UInt8] = []
        calls[call].input?.finish(into: &rest)
        writeInput(rest, of: call, to: &writer)
    }
}
