import Streaming

/// Reads an Anthropic answer: a stream of named events, or one message.
///
/// What the provider's own tools did (`server_tool_use`, `mcp_tool_use` and their results), citations and context edits are no steps of an answer in
/// any other dialect and are passed over.
struct MessagesAnswerParser: AnswerParser {
    /// What a block's deltas mean.
    private enum Block {
        case open
        case call(Int)
        /// The call came whole with its start: deltas would repeat it.
        case wholeCall(Int)
        /// Of a kind that is passed over.
        case ignored
    }

    private var counts = MessagesCounts()
    private var calls = 0
    /// The blocks that are open, by index: one at a time, as the dialect has it, or some of a careless provider.
    private var blocks: [Int: Block] = [:]
    /// Whether the provider told why the model stopped.
    private var hasReason = false
    private var hasEnded = false

    init(_ plan: AnswerPlan) {}

    mutating func read(_ event: SSEEvent, _ reader: JSONReader, into sink: inout AnswerOutput) {
        // A second message behind the end is none of this answer.
        guard !hasEnded else { return }
        let name = event.name
        let isError = name.equals("error")
        let isRead = reader.read(event.data) { root in
            if isError {
                sink.take(.failure(AnswerFailure(of: root.present("error") ?? root, within: root)))
            } else {
                take(root, name: name, into: &sink)
            }
            return true
        }
        if isRead == nil, isError { sink.take(.failure(AnswerFailure(unreadable: event.data))) }
    }

    mutating func streamEnded(into sink: inout AnswerOutput) {}

    mutating func readWhole(_ root: JSONValue, into sink: inout AnswerOutput) {
        guard let content = root.present("content"), content.isArray else {
            return sink.take(.failure(AnswerFailure(of: root.present("error") ?? root, within: root)))
        }
        sink.take(.opened(id: JSONText(root["id"]), model: JSONText(root["model"])))
        for block in content.elements {
            let kind = start(block, into: &sink)
            end(kind, into: &sink)
        }
        finish(root, into: &sink)
        if let usage = root.present("usage"), usage.isObject {
            counts.take(usage)
            sink.take(.usage(counts.usage))
        }
        sink.take(.end)
    }

    // MARK: Events

    private mutating func take(_ root: JSONValue, name: UnsafeRawBufferPointer, into sink: inout AnswerOutput) {
        let type = root["type"]?.stringBytes ?? name
        switch true {
        case type.equals("content_block_delta"):
            delta(root, into: &sink)
        case type.equals("content_block_start"):
            guard let block = root.present("content_block") else { return }
            let index = root["index"]?.count ?? 0
            guard blocks[index] != nil || blocks.count < DialectLimits.openBlocksMax else {
                return sink.take(.failure(AnswerFailure(kind: .upstreamFailed, message: "the answer has too many open blocks")))
            }
            blocks[index] = start(block, into: &sink)
        case type.equals("content_block_stop"):
            let index = root["index"]?.count ?? 0
            if let block = blocks.removeValue(forKey: index) { end(block, into: &sink) }
        case type.equals("message_start"):
            guard let message = root.present("message"), message.isObject else { return }
            sink.take(.opened(id: JSONText(message["id"]), model: JSONText(message["model"])))
            take(usage: message, into: &sink)
        case type.equals("message_delta"):
            if let delta = root.present("delta") { finish(delta, into: &sink) }
            take(usage: root, into: &sink)
        case type.equals("message_stop"):
            hasEnded = true
            // Without a reason the answer may have been cut anywhere.
            if hasReason { sink.take(.end) }
        case type.equals("error"), root.present("error").map({ $0.isFilledContainer || $0.isNonEmptyString }) ?? false:
            sink.take(.failure(AnswerFailure(of: root.present("error") ?? root, within: root)))
        default:
            break
        }
    }

    private mutating func take(usage holder: JSONValue, into sink: inout AnswerOutput) {
        guard let usage = holder.present("usage"), usage.isObject else { return }
        counts.take(usage)
        sink.take(.usage(counts.usage))
    }

    private func delta(_ root: JSONValue, into sink: inout AnswerOutput) {
        guard let delta = root["delta"] else { return }
        let block = root["index"]?.count.flatMap { blocks[$0] } ?? .open
        if case .ignored = block { return }
        if let text = JSONText(delta["text"]) {
            sink.take(.text(text))
        } else if let text = JSONText(delta["partial_json"]) {
            if case .call(let call) = block { sink.take(.toolArguments(call: call, text)) }
        } else if let text = JSONText(delta["thinking"]) {
            sink.take(.thinking(text))
        } else if let signature = JSONText(delta["signature"]), !signature.isEmpty {
            sink.take(.signature(ProviderState(.messages, signature)))
        }
    }

    // MARK: Blocks

    /// Takes what a block begins with: of a document's block that is all of it.
    private mutating func start(_ block: JSONValue, into sink: inout AnswerOutput) -> Block {
        guard let type = block["type"] else { return .ignored }
        if type.equals("text") {
            if let text = JSONText(block["text"]) { sink.take(.text(text)) }
            return .open
        }
        if type.equals("thinking") {
            if let text = JSONText(block["thinking"]) { sink.take(.thinking(text)) }
            if let signature = JSONText(block["signature"]), !signature.isEmpty {
                sink.take(.signature(ProviderState(.messages, signature)))
            }
            return .open
        }
        if type.equals("redacted_thinking") {
            if let data = JSONText(block["data"]), !data.isEmpty { sink.take(.signature(ProviderState(.messagesRedacted, data))) }
            return .open
        }
        guard type.equals("tool_use") else { return .ignored }
        let call = calls
        calls += 1
        sink.take(.toolCall(call: call, id: JSONText(block["id"]), name: JSONText(block["name"]) ?? JSONText("")))
        guard let input = block.present("input"), input.isFilledContainer else { return .call(call) }
        sink.take(.toolArguments(call: call, .plain(input.rawBytes)))
        return .wholeCall(call)
    }

    private func end(_ block: Block, into sink: inout AnswerOutput) {
        switch block {
        case .call(let call), .wholeCall(let call): sink.take(.toolCallEnded(call: call))
        case .open, .ignored: break
        }
    }

    /// Takes why the model stopped. A refusal may say why; a reason of the future counts as a plain end.
    private mutating func finish(_ holder: JSONValue, into sink: inout AnswerOutput) {
        guard let reason = holder.present("stop_reason") else { return }
        hasReason = true
        let stopText = JSONText(holder.present("stop_sequence"))
        switch true {
        case reason.equals("tool_use"): sink.take(.finish(.toolCalls, stopText: nil))
        case reason.equals("max_tokens"): sink.take(.finish(.outputLimit, stopText: nil))
        case reason.equals("stop_sequence"): sink.take(.finish(.stopText, stopText: stopText))
        case reason.equals("model_context_window_exceeded"): sink.take(.finish(.contextLimit, stopText: nil))
        case reason.equals("pause_turn"): sink.take(.finish(.paused, stopText: nil))
        case reason.equals("refusal"):
            if let why = JSONText(holder.present("stop_details")?.present("explanation")) { sink.take(.refusal(why)) }
            sink.take(.finish(.filtered, stopText: nil))
        default: sink.take(.finish(.complete, stopText: nil))
        }
    }
}
