import Streaming

/// Brings the content of an answer into Anthropic's order: blocks one behind the other, indexes from 0 without a gap, never two open.
///
/// Content that comes while a call's arguments are unfinished waits (another provider may send the arguments of several calls in turns), until the
/// call is whole, is said to have ended, or the answer has its finish. What waits is bounded by `DialectLimits.waitingAnswerBytesMax`: beyond it the
/// unfinished call is cut (`hasCutCall`), and later pieces of it are lost.
///
/// A state of another provider that belongs to no thinking stands before the content that follows it, as a block of redacted thinking; where
/// none follows it is dropped: clients take an answer's last block for its text.
struct MessagesBlockSequence<Form: MessagesBlockForm> {
    private enum Open {
        case none, text, thinking
        case call(Int)
    }

    private var form: Form
    private var open = Open.none
    /// The index of the open block, or of the next.
    private var index = 0
    /// Whether the open thinking has any text.
    private var hasThinking = false
    private var hasArguments = false
    private var progress = ObjectProgress()
    private var waiting = WaitingBlocks()
    private var heldStates: [KeptState] = []
    private var heldBytes = 0
    private let names: MessagesToolNames

    /// Whether any call was made.
    private(set) var hasCalls = false
    /// Whether the model refused in so many words.
    private(set) var hasRefusal = false
    /// Whether a call was cut because too much waited for it: the answer is not to be taken for a whole one.
    private(set) var hasCutCall = false

    init(_ form: Form, plan: AnswerPlan) {
        self.form = form
        names = MessagesToolNames(plan)
    }

    /// Takes the next step of the content; the finish ends it. Steps that are no content are none of its business.
    mutating func take(_ event: AnswerEvent, to writer: inout JSONWriter) {
        switch event {
        case .text(let piece):
            text(piece, to: &writer)
        case .thinking(let piece):
            thinking(piece, to: &writer)
        case .thinkingBreak:
            thinkingBreak(to: &writer)
        case .signature(let state):
            signature(state, to: &writer)
        case .refusal(let piece):
            hasRefusal = true
            text(piece, to: &writer)
        case .toolCall(let call, let id, let name):
            toolCall(call, id: id, name: name, to: &writer)
        case .toolArguments(let call, let piece):
            arguments(call, piece, to: &writer)
        case .toolCallEnded(let call):
            toolCallEnded(call, to: &writer)
        case .finish, .end:
            finish(to: &writer)
        case .opened, .usage, .failure:
            break
        }
    }

    /// A piece of text.
    @inline(__always)
    private mutating func text(_ piece: JSONText, to writer: inout JSONWriter) {
        if case .text = open { return form.text(index, piece, to: &writer) }
        guard !mustWait else {
            waiting.append(piece, asThinking: false)
            return relieve(to: &writer)
        }
        beginContent(to: &writer)
        form.beginText(index, to: &writer)
        open = .text
        form.text(index, piece, to: &writer)
    }

    /// A piece of thinking.
    private mutating func thinking(_ piece: JSONText, to writer: inout JSONWriter) {
        if case .thinking = open {
            hasThinking = true
            return form.thinking(index, piece, to: &writer)
        }
        guard !mustWait else {
            waiting.append(piece, asThinking: true)
            return relieve(to: &writer)
        }
        beginContent(to: &writer)
        form.beginThinking(index, to: &writer)
        open = .thinking
        hasThinking = true
        form.thinking(index, piece, to: &writer)
    }

    /// A new paragraph of thinking.
    private mutating func thinkingBreak(to writer: inout JSONWriter) {
        if !waiting.isEmpty {
            waiting.breakThinking()
        } else if case .thinking = open, hasThinking {
            form.thinking(index, JSONText("\n\n"), to: &writer)
        }
    }

    /// What the provider wants back.
    private mutating func signature(_ state: ProviderState, to writer: inout JSONWriter) {
        guard !mustWait else {
            waiting.append(state)
            return relieve(to: &writer)
        }
        if case .thinking = open, state.origin != .messagesRedacted { return endThinking(state, to: &writer) }
        let kept = KeptState.byteCount(state)
        if state.origin.dialect == .messages || heldBytes + kept > DialectLimits.heldStateBytesMax {
            beginContent(to: &writer)
            return seal(state, to: &writer)
        }
        heldStates.append(KeptState(state))
        heldBytes += kept
    }

    /// A call begins.
    private mutating func toolCall(_ call: Int, id: JSONText?, name: JSONText, to writer: inout JSONWriter) {
        hasCalls = true
        guard !mustWait else {
            waiting.append(call: call, id: id, name: name)
            return relieve(to: &writer)
        }
        begin(call: call, id: id, name: name, to: &writer)
    }

    /// A piece of a call's arguments. Of a call whose block is closed already nothing is taken.
    private mutating func arguments(_ call: Int, _ piece: JSONText, to writer: inout JSONWriter) {
        guard case .call(call) = open else {
            waiting.append(piece, toCall: call)
            return relieve(to: &writer)
        }
        hasArguments = true
        form.arguments(index, piece, to: &writer)
        progress.take(piece)
        if progress.isComplete, !waiting.isEmpty { drain(to: &writer) }
    }

    /// A call has all its arguments.
    private mutating func toolCallEnded(_ call: Int, to writer: inout JSONWriter) {
        guard case .call(call) = open else { return waiting.end(call: call) }
        close(to: &writer)
        drain(to: &writer)
    }

    /// No more content comes: whatever waits is written, whatever is open is closed.
    private mutating func finish(to writer: inout JSONWriter) {
        while !waiting.isEmpty {
            close(to: &writer)
            drain(to: &writer)
        }
        close(to: &writer)
        heldStates.removeAll()
    }

    // MARK: Blocks

    /// Whether the open call stands in the way of other content.
    private var mustWait: Bool {
        guard case .call = open else { return false }
        return !progress.isComplete
    }

    /// Closes what is open, and writes the states that belong to what comes now.
    private mutating func beginContent(to writer: inout JSONWriter) {
        close(to: &writer)
        guard !heldStates.isEmpty else { return }
        let states = heldStates
        heldStates.removeAll()
        heldBytes = 0
        for kept in states { kept.borrowed { seal($0, to: &writer) } }
    }

    private mutating func begin(call: Int, id: JSONText?, name: JSONText, to writer: inout JSONWriter) {
        beginContent(to: &writer)
        form.beginToolUse(index, id: names.id(id, call: call), name: names.name(name), to: &writer)
        open = .call(call)
        hasArguments = false
        progress = ObjectProgress()
    }

    private mutating func close(to writer: inout JSONWriter) {
        switch open {
        case .none: return
        case .text: form.endText(index, to: &writer)
        case .thinking: return endThinking(nil, to: &writer)
        case .call: form.endToolUse(index, isEmpty: !hasArguments, to: &writer)
        }
        open = .none
        index += 1
    }

    private mutating func endThinking(_ state: ProviderState?, to writer: inout JSONWriter) {
        form.endThinking(index, state: state, to: &writer)
        open = .none
        hasThinking = false
        index += 1
    }

    /// A block that holds nothing but a state.
    private mutating func seal(_ state: ProviderState, to writer: inout JSONWriter) {
        if state.origin == .messages {
            form.beginThinking(index, to: &writer)
            form.endThinking(index, state: state, to: &writer)
        } else {
            form.redacted(index, state: state, to: &writer)
        }
        index += 1
    }

    /// When too much waits, the open call is cut.
    private mutating func relieve(to writer: inout JSONWriter) {
        while waiting.isOverfull {
            if mustWait { hasCutCall = true }
            close(to: &writer)
            drain(to: &writer)
        }
    }

    /// Writes the blocks that wait, up to and with the first call that is not whole, which becomes the open one.
    private mutating func drain(to writer: inout JSONWriter) {
        var taken = 0
        for block in waiting.blocks {
            taken += 1
            write(block, to: &writer)
            if mustWait {
                guard block.isEnded else { break }
                close(to: &writer)
            }
        }
        waiting.removeFirst(taken)
    }

    private mutating func write(_ block: WaitingBlocks.Block, to writer: inout JSONWriter) {
        block.text.withUnsafeBytes { bytes in
            let text = JSONText.escaped(bytes)
            switch block.kind {
            case .state:
                break
            case .text:
                beginContent(to: &writer)
                form.beginText(index, to: &writer)
                open = .text
                form.text(index, text, to: &writer)
            case .thinking:
                beginContent(to: &writer)
                form.beginThinking(index, to: &writer)
                open = .thinking
                hasThinking = true
                form.thinking(index, text, to: &writer)
            case .call(let call):
                block.id.withUnsafeBytes { id in
                    block.name.withUnsafeBytes { name in
                        begin(call: call, id: id.isEmpty ? nil : .escaped(id), name: .escaped(name), to: &writer)
                    }
                }
                guard !bytes.isEmpty else { return }
                hasArguments = true
                form.arguments(index, text, to: &writer)
                progress = block.progress
            }
        }
        guard let state = block.state else { return }
        if case .thinking = block.kind { return state.borrowed { endThinking($0, to: &writer) } }
        state.borrowed { signature($0, to: &writer) }
    }
}
