import Streaming

/// Blocks of an answer that wait until an unfinished call before them is whole: copies, text still escaped, all together bounded.
struct WaitingBlocks {
    struct Block {
        enum Kind {
            case text
            case thinking
            /// A state that belongs to no block of thinking before it.
            case state
            case call(Int)
        }

        var kind: Kind
        /// Of a call.
        var id: [UInt8] = []
        var name: [UInt8] = []
        /// Text, thinking or arguments.
        var text: [UInt8] = []
        var progress = ObjectProgress()
        var isEnded = false
        var state: KeptState?
        /// What it counts.
        var byteCount = DialectLimits.waitingBlockBytes
    }

    private(set) var blocks: [Block] = []
    private var byteCount = 0

    var isEmpty: Bool { blocks.isEmpty }

    /// True when more waits than may.
    var isOverfull: Bool { byteCount > DialectLimits.waitingAnswerBytesMax }

    mutating func append(_ text: JSONText, asThinking isThinking: Bool) {
        if let last = blocks.indices.last, blocks[last].state == nil {
            switch (blocks[last].kind, isThinking) {
            case (.text, false), (.thinking, true): return append(text, at: last)
            default: break
            }
        }
        add(Block(kind: isThinking ? .thinking : .text))
        append(text, at: blocks.count - 1)
    }

    /// A new paragraph of the thinking that waits last, if it does.
    mutating func breakThinking() {
        guard let last = blocks.last, case .thinking = last.kind, last.state == nil else { return }
        append(JSONText("\n\n"), asThinking: true)
    }

    mutating func append(_ state: ProviderState) {
        if let last = blocks.indices.last, case .thinking = blocks[last].kind, blocks[last].state == nil, state.origin != .messagesRedacted {
            blocks[last].state = KeptState(state)
        } else {
            var block = Block(kind: .state)
            block.state = KeptState(state)
            add(block)
        }
        count(KeptState.byteCount(state), at: blocks.count - 1)
    }

    mutating func append(call: Int, id: JSONText?, name: JSONText) {
        var block = Block(kind: .call(call))
        if let id { block.id.append(id) }
        block.name.append(name)
        block.byteCount += block.id.count + block.name.count
        add(block)
    }

    /// More arguments of a call that waits; those of another call are of no use any more.
    mutating func append(_ text: JSONText, toCall call: Int) {
        guard let place = place(ofCall: call) else { return }
        append(text, at: place)
        blocks[place].progress.take(text)
    }

    mutating func end(call: Int) {
        guard let place = place(ofCall: call) else { return }
        blocks[place].isEnded = true
    }

    mutating func removeFirst(_ count: Int) {
        for block in blocks.prefix(count) { byteCount -= block.byteCount }
        blocks.removeFirst(count)
    }

    private mutating func add(_ block: Block) {
        byteCount += block.byteCount
        blocks.append(block)
    }

    private mutating func append(_ text: JSONText, at place: Int) {
        blocks[place].text.append(text)
        count(text.byteCount, at: place)
    }

    private mutating func count(_ bytes: Int, at place: Int) {
        blocks[place].byteCount += bytes
        byteCount += bytes
    }

    private func place(ofCall call: Int) -> Int? {
        blocks.firstIndex { block in
            if case .call(call) = block.kind { true } else { false }
        }
    }
}

/// A copy of a provider's state.
struct KeptState {
    var origin: ProviderState.Origin
    var id: [UInt8]?
    var value: [UInt8]

    init(_ state: ProviderState) {
        origin = state.origin
        value = []
        value.append(state.value)
        if let given = state.id {
            id = []
            id?.append(given)
        }
    }

    /// What a copy of the state counts.
    static func byteCount(_ state: ProviderState) -> Int {
        state.value.byteCount + (state.id?.byteCount ?? 0) + DialectLimits.waitingBlockBytes
    }

    func borrowed(_ body: (ProviderState) -> Void) {
        value.withUnsafeBytes { value in
            guard let id else { return body(ProviderState(origin, .escaped(value))) }
            id.withUnsafeBytes { body(ProviderState(origin, id: .escaped($0), .escaped(value))) }
        }
    }
}
