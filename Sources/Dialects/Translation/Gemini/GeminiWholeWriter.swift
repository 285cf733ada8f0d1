import Streaming

/// Writes an answer as one Gemini response. Text is written as it comes; neighbouring pieces of one kind are one part.
struct GeminiWholeWriter: AnswerWriter {
    private enum Part {
        case none
        case text
        case thought
    }

    private var frame: GeminiAnswerFrame
    private var calls: GeminiCallBuffer
    /// A signature that waits for the part behind it, or for the end of the open one.
    private var pending: String?
    private var part = Part.none
    private var hasBegun = false

    init(_ plan: AnswerPlan) {
        frame = GeminiAnswerFrame(plan)
        calls = GeminiCallBuffer(plan)
    }

    var position: ResponsesPosition { ResponsesPosition() }

    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) {
        switch event {
        case .opened(let id, let model):
            frame.note(id: id, model: model)
        case .text(let text), .refusal(let text):
            append(text, as: .text, to: &writer)
        case .thinking(let text):
            append(text, as: .thought, to: &writer)
        case .thinkingBreak:
            if part == .thought { writer.appendToString(JSONText("\n\n")) }
        case .signature(let state):
            take(state, to: &writer)
        case .toolCall(let call, let id, let name):
            close(to: &writer)
            calls.begin(call, id: id, name: name, signature: pending)
            pending = nil
        case .toolArguments(let call, let text):
            calls.append(call, text)
        case .toolCallEnded(let call):
            calls.end(call)
        case .finish(let reason, _):
            frame.note(reason)
        case .usage(let usage):
            frame.note(usage)
        case .end:
            end(to: &writer)
        case .failure:
            break
        }
    }

    private mutating func append(_ text: JSONText, as kind: Part, to writer: inout JSONWriter) {
        guard !text.isEmpty else { return }
        writeCalls(to: &writer)
        if part != kind {
            close(to: &writer)
            begin(to: &writer)
            writer.beginObject()
            writer.name("text")
            writer.beginString()
            part = kind
        }
        writer.appendToString(text)
    }

    /// Ends the open part. What waits is a text's own signature; a thought's was written with it.
    private mutating func close(signature: JSONText? = nil, to writer: inout JSONWriter) {
        guard part != .none else { return }
        writer.endString()
        if part == .thought {
            writer.member("thought", true)
            if let signature { writer.member("thoughtSignature", signature) }
        } else if let own = pending {
            writer.member("thoughtSignature", .owned(own))
            pending = nil
        }
        writer.endObject()
        part = .none
    }

    private mutating func take(_ state: ProviderState, to writer: inout JSONWriter) {
        writeCalls(to: &writer)
        if part == .thought, state.origin != .gemini { return close(signature: state.geminiSignature, to: &writer) }
        close(to: &writer)
        if let earlier = pending {
            begin(to: &writer)
            writer.geminiThought(JSONText(""), signature: .owned(earlier))
        }
        pending = state.geminiSignature.string
    }

    private mutating func writeCalls(to writer: inout JSONWriter) {
        guard !calls.isEmpty else { return }
        begin(to: &writer)
        calls.write(all: true, to: &writer)
    }

    private mutating func begin(to writer: inout JSONWriter) {
        if !hasBegun { frame.begin(&writer) }
        hasBegun = true
    }

    private mutating func end(to writer: inout JSONWriter) {
        close(to: &writer)
        writeCalls(to: &writer)
        frame.hasBrokenCall = calls.hasLost
        let isEmpty = !hasBegun
        begin(to: &writer)
        if isEmpty || pending != nil { writer.geminiText(JSONText(""), signature: pending.map(JSONText.owned)) }
        frame.end(&writer, isLast: true)
    }
}
