import Streaming

/// Reads a provider's Responses answer. Items that the provider ran itself (`web_search_call`, `mcp_call` …) are passed over.
///
/// An item may come in deltas, or whole when it is done, or only in the response at the end (servers that stream in name only): it is taken once.
struct ResponsesAnswerParser: AnswerParser {
    /// An item that was announced or has deltas already.
    private struct OpenItem {
        var index: Int
        /// Something of it was taken: it must not be taken again when it is done.
        var hasDeltas = false
        /// The part of thinking that the latest delta was of, and which of the two kinds: a summary or the thinking itself. The other kind is passed over.
        var thinkingPart: Int?
        var isSummary = false
        /// Of a call.
        var call: Int?
        var isCustom = false
    }

    private var open: [OpenItem] = []
    private var isOpened = false
    private var hasContent = false
    private var calls = 0
    private var hasThinking = false

    init(_ plan: AnswerPlan) {}

    mutating func read(_ event: SSEEvent, _ reader: JSONReader, into sink: inout AnswerOutput) {
        let isRead: Void? = reader.read(event.data) { root in
            let type = root.present("type")?.stringBytes ?? event.name
            take(type, root, into: &sink)
        }
        if isRead == nil, event.name.equals("error") { sink.take(.failure(AnswerFailure(unreadable: event.data))) }
    }

    mutating func streamEnded(into sink: inout AnswerOutput) {}

    mutating func readWhole(_ root: JSONValue, into sink: inout AnswerOutput) {
        if let error = root.present("error"), error.isNonEmptyString || error.isFilledContainer {
            sink.take(.failure(AnswerFailure(of: error, within: root)))
        } else if root.present("output")?.isArray ?? false {
            // An answer that is not there yet (`queued`) is none: nobody comes back for it.
            let isMissing = root.present("status").map { $0.equals("queued") || $0.equals("in_progress") } ?? false
            end(root, into: &sink, isFailed: isMissing)
        } else {
            sink.take(.failure(AnswerFailure(of: root, within: root)))
        }
    }

    // MARK: Events

    private mutating func take(_ type: UnsafeRawBufferPointer, _ root: JSONValue, into sink: inout AnswerOutput) {
        switch true {
        case type.hasSuffix(".delta"):
            takeDelta(type, root, into: &sink)
        case type.equals("response.output_item.added"):
            if let item = root.present("item") { begin(item, root, into: &sink) }
        case type.equals("response.output_item.done"):
            if let item = root.present("item") { finish(item, known(root), into: &sink) }
        case type.equals("response.function_call_arguments.done"), type.equals("response.custom_tool_call_input.done"):
            takeArguments(root, into: &sink)
        case type.equals("response.created"), type.equals("response.in_progress"), type.equals("response.queued"):
            if let response = root.present("response") { takeNames(response, into: &sink) }
        case type.equals("response.completed"), type.equals("response.incomplete"), type.equals("response.failed"):
            end(root.present("response") ?? root, into: &sink, isFailed: type.equals("response.failed"))
        case type.equals("error"):
            sink.take(.failure(AnswerFailure(of: root.present("error") ?? root, within: root)))
        default:
            guard type.isEmpty, let error = root.present("error") else { return }
            sink.take(.failure(AnswerFailure(of: error, within: root)))
        }
    }

    private mutating func takeDelta(_ type: UnsafeRawBufferPointer, _ root: JSONValue, into sink: inout AnswerOutput) {
        guard let delta = JSONText(root.present("delta")), !delta.isEmpty else { return }
        switch true {
        case type.equals("response.output_text.delta"):
            note(root) { $0.hasDeltas = true }
            take(.text(delta), into: &sink)
        case type.equals("response.refusal.delta"):
            note(root) { $0.hasDeltas = true }
            take(.refusal(delta), into: &sink)
        case type.equals("response.reasoning_summary_text.delta"):
            takeThinking(delta, root, part: root.present("summary_index")?.count ?? 0, isSummary: true, into: &sink)
        case type.equals("response.reasoning_text.delta"):
            takeThinking(delta, root, part: root.present("content_index")?.count ?? 0, isSummary: false, into: &sink)
        case type.equals("response.function_call_arguments.delta"), type.equals("response.custom_tool_call_input.delta"):
            guard let position = known(root), let call = open[position].call else { return }
            if open[position].isCustom {
                if !open[position].hasDeltas { take(.toolArguments(call: call, Self.customOpening), into: &sink) }
                if case .escaped(let bytes) = delta { take(.toolArguments(call: call, .plain(bytes)), into: &sink) }
            } else {
                take(.toolArguments(call: call, delta), into: &sink)
            }
            open[position].hasDeltas = true
        default:
            break
        }
    }

    private mutating func takeThinking(
        _ text: JSONText, _ root: JSONValue, part: Int, isSummary: Bool, into sink: inout AnswerOutput
    ) {
        var item = OpenItem(index: -1)
        note(root) { known in
            item = known
            guard known.thinkingPart == nil || known.isSummary == isSummary else { return }
            known.hasDeltas = true
            known.thinkingPart = part
            known.isSummary = isSummary
        }
        if let last = item.thinkingPart {
            guard item.isSummary == isSummary else { return }
            if last != part { sink.take(.thinkingBreak) }
        } else {
            breakThinking(into: &sink)
        }
        take(.thinking(text), into: &sink)
    }

    /// Thinking that follows on other thinking without a state between them is another paragraph.
    private mutating func breakThinking(into sink: inout AnswerOutput) {
        if hasThinking { sink.take(.thinkingBreak) }
    }

    /// The whole arguments of a call that had no deltas.
    private mutating func takeArguments(_ root: JSONValue, into sink: inout AnswerOutput) {
        guard let position = known(root), let call = open[position].call, !open[position].hasDeltas,
            let text = JSONText(root.present("arguments") ?? root.present("input")), !text.isEmpty
        else { return }
        open[position].hasDeltas = true
        take(whole: text, call, isCustom: open[position].isCustom, into: &sink)
        if open[position].isCustom { take(.toolArguments(call: call, Self.customClosing), into: &sink) }
        // Nothing is left to close.
        open[position].isCustom = false
    }

    // MARK: Items

    private mutating func begin(_ item: JSONValue, _ root: JSONValue, into sink: inout AnswerOutput) {
        guard let type = item.present("type"), let position = opened(root) else { return }
        let isCustom = type.equals("custom_tool_call")
        guard isCustom || type.equals("function_call"), open[position].call == nil else { return }
        // A name that is not told yet comes with the whole item.
        guard let call = beginCall(item, into: &sink) else { return }
        open[position].call = call
        open[position].isCustom = isCustom
    }

    /// - Parameter position: where it stands in `open`; nil when it was not announced.
    private mutating func finish(_ item: JSONValue, _ position: Int?, into sink: inout AnswerOutput) {
        let known = position.map { open.remove(at: $0) }
        guard let type = item.present("type") else { return }
        switch true {
        case type.equals("message"):
            if !(known?.hasDeltas ?? false) { takeMessage(item, into: &sink) }
        case type.equals("reasoning"):
            if !(known?.hasDeltas ?? false) { takeReasoning(item, into: &sink) }
            if let state = JSONText(item.present("encrypted_content")), !state.isEmpty {
                take(.signature(ProviderState(.responses, id: JSONText(item.present("id")), state)), into: &sink)
            }
        case type.equals("function_call"), type.equals("custom_tool_call"):
            finishCall(item, known, isCustom: type.equals("custom_tool_call"), into: &sink)
        default:
            break
        }
    }

    private mutating func takeMessage(_ item: JSONValue, into sink: inout AnswerOutput) {
        guard let content = item.present("content") else { return }
        if let text = JSONText(content) { return take(.text(text), into: &sink) }
        for part in content.elements {
            if let text = JSONText(part.present("text")) {
                take(.text(text), into: &sink)
            } else if let text = JSONText(part.present("refusal")) {
                take(.refusal(text), into: &sink)
            }
        }
    }

    private mutating func takeReasoning(_ item: JSONValue, into sink: inout AnswerOutput) {
        for name in ["summary", "content"] as [StaticString] {
            guard let list = item.present(name), !list.isEmptyContainer else { continue }
            for part in list.elements {
                guard let text = JSONText(part.present("text")), !text.isEmpty else { continue }
                breakThinking(into: &sink)
                take(.thinking(text), into: &sink)
            }
            return
        }
    }

    // MARK: Calls

    private static var customOpening: JSONText { JSONText("{\"input\":\"") }
    private static var customClosing: JSONText { JSONText("\"}") }

    private mutating func beginCall(_ item: JSONValue, into sink: inout AnswerOutput) -> Int? {
        guard let name = JSONText(item.present("name")), !name.isEmpty else { return nil }
        let call = calls
        calls += 1
        take(.toolCall(call: call, id: JSONText(item.present("call_id") ?? item.present("id")), name: name), into: &sink)
        return call
    }

    private mutating func finishCall(_ item: JSONValue, _ known: OpenItem?, isCustom: Bool, into sink: inout AnswerOutput) {
        guard let call = known?.call ?? beginCall(item, into: &sink) else { return }
        if known?.hasDeltas ?? false {
            if known?.isCustom ?? false { take(.toolArguments(call: call, Self.customClosing), into: &sink) }
        } else {
            let value = item.present(isCustom ? "input" : "arguments")
            // A server that does not put the arguments into a string.
            let text = JSONText(value) ?? (value?.isObject ?? false ? value.map { JSONText.plain($0.rawBytes) } : nil)
            if let text { take(whole: text, call, isCustom: isCustom, into: &sink) }
            if isCustom, text != nil { take(.toolArguments(call: call, Self.customClosing), into: &sink) }
        }
        sink.take(.toolCallEnded(call: call))
    }

    /// All of a call's arguments. Free text becomes the text of the object that stands for it: escaped once more.
    private mutating func take(whole text: JSONText, _ call: Int, isCustom: Bool, into sink: inout AnswerOutput) {
        guard isCustom else { return take(.toolArguments(call: call, text), into: &sink) }
        take(.toolArguments(call: call, Self.customOpening), into: &sink)
        switch text {
        case .escaped(let bytes), .plain(let bytes): take(.toolArguments(call: call, .plain(bytes)), into: &sink)
        case .owned: take(.toolArguments(call: call, text), into: &sink)
        }
    }

    // MARK: The response

    private mutating func takeNames(_ response: JSONValue, into sink: inout AnswerOutput) {
        guard !isOpened else { return }
        isOpened = true
        sink.take(.opened(id: JSONText(response.present("id")), model: JSONText(response.present("model"))))
    }

    private mutating func end(_ response: JSONValue, into sink: inout AnswerOutput, isFailed: Bool = false) {
        takeNames(response, into: &sink)
        let status = response.present("status")
        let usage = response.present("usage").flatMap { $0.isObject ? TokenUsage(responses: $0) : nil }
        if isFailed || status?.equals("failed") ?? false || status?.equals("cancelled") ?? false {
            if let usage { sink.take(.usage(usage)) }
            let error = response.present("error") ?? response
            return sink.take(.failure(AnswerFailure(of: error, within: response)))
        }
        if !hasContent, let output = response.present("output") {
            for item in output.elements { finish(item, nil, into: &sink) }
        }
        if let usage { sink.take(.usage(usage)) }
        sink.take(.finish(stopReason(response, status), stopText: nil))
        sink.take(.end)
    }

    private func stopReason(_ response: JSONValue, _ status: JSONValue?) -> StopReason {
        if status?.equals("incomplete") ?? false {
            let reason = response.present("incomplete_details")?.present("reason")
            return reason?.equals("content_filter") ?? false ? .filtered : .outputLimit
        }
        return calls > 0 ? .toolCalls : .complete
    }

    // MARK: Details

    private mutating func take(_ event: AnswerEvent, into sink: inout AnswerOutput) {
        switch event {
        case .thinking: hasThinking = true
        default: hasThinking = false
        }
        hasContent = true
        sink.take(event)
    }

    /// Where the item of an event stands in `open`.
    private func known(_ root: JSONValue) -> Int? {
        guard let index = root.present("output_index")?.count else { return open.indices.last }
        return open.lastIndex { $0.index == index }
    }

    /// The same, the item made when it was not announced; nil when too many are open.
    private mutating func opened(_ root: JSONValue) -> Int? {
        if let position = known(root), root.present("output_index") != nil { return position }
        guard open.count < DialectLimits.openItemsMax else { return nil }
        open.append(OpenItem(index: root.present("output_index")?.count ?? -1))
        return open.count - 1
    }

    /// Notes something about the item of an event, announced or not.
    private mutating func note(_ root: JSONValue, _ change: (inout OpenItem) -> Void) {
        let position = root.present("output_index") == nil ? known(root) ?? opened(root) : opened(root)
        if let position { change(&open[position]) }
    }
}
