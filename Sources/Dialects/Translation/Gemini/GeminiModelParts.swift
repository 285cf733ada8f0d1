import Streaming

/// Writes a model's content: thoughts are left out, their states go with the part that they belong to.
struct GeminiModelParts {
    private let request: GeminiRequest
    /// A state that waits for the part behind it.
    private var pending: JSONText?
    private var isOpen = false
    private var hasCall = false

    init(_ request: GeminiRequest) {
        self.request = request
    }

    mutating func write(_ part: ConversationPart, plan: inout AnswerPlan, to writer: inout JSONWriter) throws(RequestProblem) {
        switch part.content {
        case .thinking(_, let state):
            if let state { wait(with: state, to: &writer) }
        case .sealedThinking(let state):
            wait(with: state, to: &writer)
        case .text(let text), .refusal(let text):
            guard !text.isEmpty else { return }
            open(to: &writer)
            writer.geminiText(text, signature: take())
        case .toolCall(let call):
            writeCall(call, plan: &plan, to: &writer)
        case .image, .file, .audio:
            open(to: &writer)
            try writer.geminiPart(part)
        case .toolResult:
            break
        }
    }

    /// Ends the content. A state that nothing followed goes on an empty text, as Gemini itself sends it.
    mutating func finish(to writer: inout JSONWriter) {
        flush(to: &writer)
        if isOpen { writer.endGeminiContent() }
    }

    private mutating func wait(with state: ProviderState, to writer: inout JSONWriter) {
        guard state.origin == .gemini else { return }
        flush(to: &writer)
        pending = state.value
    }

    private mutating func flush(to writer: inout JSONWriter) {
        guard let signature = take() else { return }
        open(to: &writer)
        writer.geminiText(JSONText(""), signature: signature)
    }

    private mutating func take() -> JSONText? {
        defer { pending = nil }
        return pending
    }

    private mutating func open(to writer: inout JSONWriter) {
        guard !isOpen else { return }
        isOpen = true
        writer.beginGeminiContent(isModel: true)
    }

    private mutating func writeCall(_ call: ToolCall, plan: inout AnswerPlan, to writer: inout JSONWriter) {
        var own: JSONText?
        if let state = call.state, state.origin == .gemini {
            flush(to: &writer)
            own = state.value
        }
        open(to: &writer)
        let isFirst = !hasCall
        hasCall = true
        writer.beginObject()
        writer.name("functionCall")
        writer.beginObject()
        if request.model.isGemini3 { writer.member("id", call.id) }
        writer.member("name", request.name(of: call, plan: &plan))
        writer.name("args")
        request.writeArguments(of: call, to: &writer)
        writer.endObject()
        if let signature = own ?? take() {
            writer.member("thoughtSignature", signature)
        } else if isFirst, request.model.isGemini3 {
            writer.member("thoughtSignature", ProviderState.geminiBypass)
        }
        writer.endObject()
    }
}
