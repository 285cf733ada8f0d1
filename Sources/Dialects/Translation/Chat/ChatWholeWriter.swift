import Streaming

/// Writes an answer as one chat completion. Everything is kept, escaped, until the end.
struct ChatWholeWriter: AnswerWriter {
    private struct Call {
        var id: String
        var name: String
        /// Of a custom tool: finds its text in the arguments, which is then what is kept.
        var input: CustomToolInput?
        var arguments: [UInt8] = []
        var signature: String?

        mutating func take(_ text: JSONText) {
            if input == nil { arguments.append(text) } else { input?.take(text, into: &arguments) }
        }

        mutating func finish() {
            input?.finish(into: &arguments)
        }
    }

    /// An element of `reasoning_details`: the state of a stretch of the thinking.
    private struct Detail {
        var state: ProviderState
        var text: Range<Int>
        var callID: String?
    }

    private let names: ChatAnswerNames
    private var id: String?
    private var model: String?
    private var content: [UInt8] = []
    private var refusal: [UInt8] = []
    private var thinking: [UInt8] = []
    /// Where the open block of thinking begins.
    private var blockStart = 0
    private var details: [Detail] = []
    private var calls: [Call] = []
    /// Nil at the end too where a provider ended without a reason, as Anthropic's `message_stop` alone does; chat has to have one.
    private var reason: StopReason?
    private var usage: TokenUsage?
    /// A Gemini signature belongs to what comes next.
    private var pending: ProviderState?

    init(_ plan: AnswerPlan) {
        names = ChatAnswerNames(plan)
    }

    var position: ResponsesPosition { ResponsesPosition() }

    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) {
        switch event {
        case .opened(let id, let model):
            self.id = id?.string
            self.model = model?.string
        case .text(let text):
            flushPending()
            content.append(text)
        case .refusal(let text):
            refusal.append(text)
        case .thinking(let text):
            flushPending()
            thinking.append(text)
        case .thinkingBreak:
            if thinking.count > blockStart { thinking.append(JSONText("\n\n")) }
        case .signature(let state):
            take(state)
        case .toolCall(let call, let id, let name):
            begin(call, id, name)
        case .toolArguments(let call, let text):
            if calls.indices.contains(call) { calls[call].take(text) }
        case .finish(let reason, _):
            self.reason = reason
        case .usage(let usage):
            self.usage = usage
        case .end:
            flushPending()
            for call in calls.indices { calls[call].finish() }
            writeDocument(to: &writer)
        case .toolCallEnded, .failure:
            break
        }
    }

    // MARK: Steps

    private mutating func take(_ state: ProviderState) {
        flushPending()
        if state.origin == .gemini {
            pending = state.kept
        } else {
            details.append(Detail(state: state.kept, text: blockStart..<thinking.count))
            blockStart = thinking.count
        }
    }

    private mutating func flushPending() {
        guard let state = pending else { return }
        pending = nil
        details.append(Detail(state: state, text: 0..<0))
    }

    private mutating func begin(_ call: Int, _ id: JSONText?, _ name: JSONText) {
        guard call == calls.count else { return }
        let tool = names.tool(name)
        var begun = Call(id: names.callID(id, call: call).string, name: tool.name.string, input: tool.isCustom ? CustomToolInput() : nil)
        if let state = pending {
            begun.signature = state.value.string
            details.append(Detail(state: state, text: 0..<0, callID: begun.id))
            pending = nil
        }
        calls.append(begun)
    }

    // MARK: The document

    private func writeDocument(to writer: inout JSONWriter) {
        writer.beginObject()
        names.write(id: id.map { .owned($0) }, model: model.map { .owned($0) }, object: "chat.completion", to: &writer)
        writer.name("choices")
        writer.beginArray()
        writer.beginObject()
        writer.member("index", 0)
        writer.name("message")
        writeMessage(to: &writer)
        writer.name("logprobs")
        writer.null()
        writer.member("finish_reason", (reason ?? .complete).chatName(hasRefused: !refusal.isEmpty))
        writer.endObject()
        writer.endArray()
        if let usage {
            writer.name("usage")
            usage.writeChat(to: &writer)
        }
        writer.endObject()
    }

    private func writeMessage(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("role", "assistant")
        writer.name("content")
        if content.isEmpty, !calls.isEmpty || !refusal.isEmpty { writer.null() } else { write(content, to: &writer) }
        writer.name("refusal")
        if refusal.isEmpty { writer.null() } else { write(refusal, to: &writer) }
        if !thinking.isEmpty {
            writer.name("reasoning_content")
            write(thinking, to: &writer)
        }
        if !details.isEmpty { writeDetails(to: &writer) }
        if !calls.isEmpty {
            writer.name("tool_calls")
            writer.beginArray()
            for call in calls { write(call, to: &writer) }
            writer.endArray()
        }
        writer.endObject()
    }

    private func write(_ text: [UInt8], to writer: inout JSONWriter) {
        text.withUnsafeBytes { writer.string(JSONText.escaped($0)) }
    }

    /// The states, each with the text that it belongs to. Encrypted ones have no room for it: it stands in an element of its own in front.
    private func writeDetails(to writer: inout JSONWriter) {
        writer.name("reasoning_details")
        writer.beginArray()
        var index = 0
        thinking.withUnsafeBytes { thinking in
            for detail in details {
                let text = UnsafeRawBufferPointer(rebasing: thinking[detail.text])
                if !text.isEmpty, !detail.state.signsText {
                    writer.beginObject()
                    writer.member("type", "reasoning.text")
                    writer.member("index", index)
                    writer.member("text", JSONText.escaped(text))
                    writer.endObject()
                    index += 1
                }
                detail.state.writeDetail(index: index, text: text, callID: detail.callID.map { .owned($0) }, to: &writer)
                index += 1
            }
        }
        writer.endArray()
    }

    private func write(_ call: Call, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", .owned(call.id))
        let isCustom = call.input != nil
        writer.member("type", isCustom ? "custom" : "function")
        writer.name(isCustom ? "custom" : "function")
        writer.beginObject()
        writer.member("name", .owned(call.name))
        writer.name(isCustom ? "input" : "arguments")
        if call.arguments.isEmpty, !isCustom { writer.string("{}") } else { write(call.arguments, to: &writer) }
        writer.endObject()
        if let signature = call.signature {
            writer.name("extra_content")
            writer.beginObject()
            writer.name("google")
            writer.beginObject()
            writer.member("thought_signature", .owned(signature))
            writer.endObject()
            writer.endObject()
        }
        writer.endObject()
    }
}
