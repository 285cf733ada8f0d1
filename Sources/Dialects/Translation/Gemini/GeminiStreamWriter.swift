import Streaming

/// Writes an answer as a Gemini stream: each event a whole response with what is new, no end mark; or, for a client without `alt=sse`, the elements of one
/// JSON array.
///
/// Calls go out whole, in their order. A thought signature stands on the part that follows it; a state of another provider's stands on the thought before
/// it, where one is shown, as that is what it vouches for.
struct GeminiStreamWriter: AnswerWriter {
    private let isJSONArray: Bool
    private var frame: GeminiAnswerFrame
    private var calls: GeminiCallBuffer
    /// A signature that waits for the part behind it.
    private var pending: String?
    /// Whether a thought was the last thing said.
    private var isThinking = false
    private var hasBegun = false

    init(_ plan: AnswerPlan) {
        isJSONArray = plan.isJSONArray
        frame = GeminiAnswerFrame(plan)
        calls = GeminiCallBuffer(plan)
    }

    var position: ResponsesPosition { ResponsesPosition() }

    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) {
        switch event {
        case .opened(let id, let model):
            frame.note(id: id, model: model)
        case .text(let text), .refusal(let text):
            writeText(text, to: &writer)
        case .thinking(let text):
            writeThought(text, to: &writer)
        case .thinkingBreak:
            if isThinking { writeThought(JSONText("\n\n"), to: &writer) }
        case .signature(let state):
            take(state, to: &writer)
        case .toolCall(let call, let id, let name):
            isThinking = false
            calls.begin(call, id: id, name: name, signature: pending)
            pending = nil
        case .toolArguments(let call, let text):
            calls.append(call, text)
        case .toolCallEnded(let call):
            calls.end(call)
            writeCalls(all: false, to: &writer)
        case .finish(let reason, _):
            writeCalls(all: true, to: &writer)
            frame.note(reason)
        case .usage(let usage):
            frame.note(usage)
        case .end:
            end(to: &writer)
        case .failure:
            break
        }
    }

    // MARK: Content

    private mutating func writeText(_ text: JSONText, to writer: inout JSONWriter) {
        guard !text.isEmpty else { return }
        writeCalls(all: true, to: &writer)
        isThinking = false
        begin(to: &writer)
        writer.geminiText(text, signature: pending.map(JSONText.owned))
        pending = nil
        endChunk(to: &writer)
    }

    private mutating func writeThought(_ text: JSONText, to writer: inout JSONWriter) {
        guard !text.isEmpty else { return }
        writeCalls(all: true, to: &writer)
        isThinking = true
        begin(to: &writer)
        writer.geminiThought(text)
        endChunk(to: &writer)
    }

    private mutating func take(_ state: ProviderState, to writer: inout JSONWriter) {
        writeCalls(all: true, to: &writer)
        let closesThought = isThinking && state.origin != .gemini
        isThinking = false
        // Of two in a row the first has nothing to stand on: an empty thought.
        if let signature = closesThought ? state.geminiSignature : pending.map(JSONText.owned) {
            begin(to: &writer)
            writer.geminiThought(JSONText(""), signature: signature)
            endChunk(to: &writer)
        }
        if !closesThought { pending = state.geminiSignature.string }
    }

    private mutating func writeCalls(all: Bool, to writer: inout JSONWriter) {
        guard all ? !calls.isEmpty : calls.hasWhole else { return }
        begin(to: &writer)
        calls.write(all: all, to: &writer)
        endChunk(to: &writer)
    }

    private mutating func end(to writer: inout JSONWriter) {
        writeCalls(all: true, to: &writer)
        frame.hasBrokenCall = calls.hasLost
        begin(to: &writer)
        writer.geminiText(JSONText(""), signature: pending.map(JSONText.owned))
        frame.end(&writer, isLast: true)
        writer.frame(isJSONArray ? "]" : "\r\n\r\n")
    }

    // MARK: Framing

    private mutating func begin(to writer: inout JSONWriter) {
        if isJSONArray {
            writer.frame(hasBegun ? "\r\n,\r\n" : "[")
        } else {
            writer.frame("data: ")
        }
        hasBegun = true
        frame.begin(&writer)
    }

    private func endChunk(to writer: inout JSONWriter) {
        frame.end(&writer, isLast: false)
        if !isJSONArray { writer.frame("\r\n\r\n") }
    }
}
