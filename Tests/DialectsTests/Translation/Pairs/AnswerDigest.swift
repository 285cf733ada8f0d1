import Foundation
import Streaming

@testable import Dialects

/// What a provider's own parser found in an answer, put together: what every client has to be told.
struct AnswerDigest {
    struct Call {
        var id: String?
        var name: String
        var arguments = ""
    }

    var text = ""
    var refusal = ""
    /// Text and refusals in their order, for clients whose dialect has no word for a refusal.
    var said = ""
    /// Without line ends: dialects part its paragraphs in ways of their own.
    var thinking = ""
    var calls: [Call] = []
    var states = 0
    /// Of those, the ones at the very end, behind no thinking.
    var trailingStates = 0
    var reason: StopReason?
    var stopText: String?
    var usage: TokenUsage?
    var isComplete = false
    var hasFailed = false
    private var followsThinking = false

    init(_ bytes: [UInt8], _ provider: Dialect, isStream: Bool, plan: AnswerPlan = pairPlan()) throws {
        let notes = Notes()
        var output = AnswerOutput(Writer(notes: notes))
        var parser = provider.answerParser(plan)
        let reader = JSONReader()
        try bytes.withUnsafeBytes { bytes in
            guard isStream else {
                _ = reader.read(bytes) { parser.readWhole($0, into: &output) }
                return
            }
            var events = SSEParser()
            var cursor = SSECursor(bytes)
            while let event = try events.next(&cursor) {
                if event.hasData { parser.read(event, reader, into: &output) }
            }
            if let last = events.finish(), last.hasData { parser.read(last, reader, into: &output) }
            parser.streamEnded(into: &output)
        }
        self = AnswerDigest(notes.events)
        isComplete = output.answer.isComplete
        hasFailed = output.hasFailed
    }

    private init(_ events: [(inout AnswerDigest) -> Void]) {
        for event in events { event(&self) }
    }

    private mutating func noteContent() {
        trailingStates = 0
        followsThinking = false
    }

    private final class Notes {
        var events: [(inout AnswerDigest) -> Void] = []
    }

    /// Notes what an event says while it is valid.
    private struct Writer: AnswerWriter {
        var notes: Notes
        var position: ResponsesPosition { ResponsesPosition() }

        init(notes: Notes) { self.notes = notes }
        init(_ plan: AnswerPlan) { notes = Notes() }

        mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) {
            switch event {
            case .text(let text): note(text) { $0.text += $1; $0.said += $1; $0.noteContent() }
            case .refusal(let text): note(text) { $0.refusal += $1; $0.said += $1; $0.noteContent() }
            case .thinking(let text): note(text) { $0.thinking += $1.filter { !$0.isNewline }; $0.followsThinking = true }
            case .signature:
                notes.events.append {
                    $0.states += 1
                    if !$0.followsThinking { $0.trailingStates += 1 }
                    $0.followsThinking = false
                }
            case .toolCall(_, let id, let name):
                let call = Call(id: id?.string, name: name.string)
                notes.events.append {
                    $0.calls.append(call)
                    $0.noteContent()
                }
            case .toolArguments(let call, let text): note(text) { $0.calls[call].arguments += $1 }
            case .finish(let reason, let stopText):
                let text = stopText?.string
                notes.events.append { $0.reason = reason; $0.stopText = text }
            case .usage(let usage): notes.events.append { $0.usage = usage }
            case .opened, .thinkingBreak, .toolCallEnded, .failure, .end: break
            }
        }

        private func note(_ text: JSONText, _ change: @escaping (inout AnswerDigest, String) -> Void) {
            let text = text.string
            notes.events.append { change(&$0, text) }
        }
    }
}

/// A call's arguments to be compared: JSON with sorted keys; nil for what is no JSON object. None at all are an empty object.
func canonicalArguments(_ text: String) -> String? {
    if text.allSatisfy(\.isWhitespace) { return "{}" }
    guard let value = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else { return nil }
    return sortedJSON(value)
}
