import Streaming

/// The items that an answer's steps come to, in the order in which they begin.
///
/// At most one message or piece of reasoning is open; another kind of content closes it. Calls stay open until their end is told, because their pieces
/// may alternate. An answer of more than `DialectLimits.answerKeptBytesMax` is cut: its open items are incomplete, and it takes no more.
struct ResponsesItems {
    private(set) var items: [ResponsesItem] = []
    /// True once the answer was longer than its bound.
    private(set) var isCut = false

    private let plan: AnswerPlan
    private var keptBytes = 0
    /// The open message or reasoning.
    private var open: Int?
    private var calls: [(number: Int, index: Int)] = []

    init(_ plan: AnswerPlan) {
        self.plan = plan
    }

    mutating func take(_ event: AnswerEvent, _ listener: inout some ResponsesItemListener, to writer: inout JSONWriter) {
        guard !isCut else { return }
        switch event {
        case .text(let text): add(text, to: .message, &listener, to: &writer)
        case .refusal(let text): add(text, to: .refusal, &listener, to: &writer)
        case .thinking(let text): add(text, to: .reasoning, &listener, to: &writer)
        case .thinkingBreak: closePart(&listener, to: &writer)
        case .signature(let state): seal(state, &listener, to: &writer)
        case .toolCall(let call, let id, let name): beginCall(call, id, name, &listener, to: &writer)
        case .toolArguments(let call, let text):
            guard let index = openCall(call), hasRoom(for: text.byteCount, &listener, to: &writer) else { return }
            let range = items[index].keep(text)
            grow(index, range, &listener, to: &writer)
        case .toolCallEnded(let call):
            if let index = openCall(call) { close(index, .completed, &listener, to: &writer) }
        case .opened, .finish, .usage, .failure, .end:
            break
        }
    }

    /// Closes what is open: all of it completed, but what was written last when the model was cut off.
    mutating func closeAll(isCutOff: Bool, _ listener: inout some ResponsesItemListener, to writer: inout JSONWriter) {
        let last = items.indices.last
        func status(_ index: Int) -> ResponsesItem.Status { isCutOff && index == last ? .incomplete : .completed }
        if let open {
            self.open = nil
            close(open, status(open), &listener, to: &writer)
        }
        for call in calls where items[call.index].status == .inProgress {
            close(call.index, status(call.index), &listener, to: &writer)
        }
    }

    // MARK: Messages and reasoning

    private mutating func add(
        _ text: JSONText, to kind: ResponsesItem.Kind, _ listener: inout some ResponsesItemListener, to writer: inout JSONWriter
    ) {
        guard hasRoom(for: text.byteCount, &listener, to: &writer) else { return }
        let index: Int
        if let open, items[open].kind == kind {
            index = open
        } else {
            closeOpen(&listener, to: &writer)
            index = begin(ResponsesItem(kind, id: mintedID(kind)), &listener, to: &writer)
            open = index
        }
        if !items[index].hasOpenPart {
            keptBytes += DialectLimits.answerPartBytes
            items[index].openPart()
            listener.partOpened(items[index], at: index, to: &writer)
        }
        let range = items[index].keep(text)
        grow(index, range, &listener, to: &writer)
    }

    private mutating func closePart(_ listener: inout some ResponsesItemListener, to writer: inout JSONWriter) {
        guard let open, items[open].kind == .reasoning, items[open].hasOpenPart else { return }
        items[open].closePart()
        listener.partClosed(items[open], at: open, to: &writer)
    }

    private mutating func closeOpen(_ listener: inout some ResponsesItemListener, to writer: inout JSONWriter) {
        guard let open else { return }
        self.open = nil
        close(open, .completed, &listener, to: &writer)
    }

    /// A state ends the reasoning that it belongs to. One that comes without is an item by itself, as is redacted thinking always.
    private mutating func seal(
        _ state: ProviderState, _ listener: inout some ResponsesItemListener, to writer: inout JSONWriter
    ) {
        guard hasRoom(for: state.value.byteCount, &listener, to: &writer) else { return }
        let index: Int
        if let open, items[open].kind == .reasoning, state.origin != .messagesRedacted {
            index = open
            self.open = nil
        } else {
            closeOpen(&listener, to: &writer)
            index = begin(ResponsesItem(.reasoning, id: reasoningID(state)), &listener, to: &writer)
        }
        items[index].state = carried(state, in: items[index])
        keptBytes += items[index].state.count
        close(index, .completed, &listener, to: &writer)
    }

    /// A state of OpenAI's own names its item, and goes without mark only in that.
    private func carried(_ state: ProviderState, in item: ResponsesItem) -> [UInt8] {
        var text = JSONWriter()
        if state.origin == .responses, state.id == nil || state.id?.string == item.id {
            text.appendToString(state.value)
        } else {
            state.appendMarked(to: &text)
        }
        return Array(text.bytes)
    }

    private func reasoningID(_ state: ProviderState) -> String {
        guard state.origin == .responses, let id = state.id, !id.isEmpty, id.byteCount <= DialectLimits.answerNameBytesMax else {
            return mintedID(.reasoning)
        }
        let name = id.string
        return items.contains { $0.id == name } ? mintedID(.reasoning) : name
    }

    // MARK: Calls

    private mutating func beginCall(
        _ call: Int, _ id: JSONText?, _ name: JSONText, _ listener: inout some ResponsesItemListener, to writer: inout JSONWriter
    ) {
        guard hasRoom(for: name.byteCount + (id?.byteCount ?? 0) + DialectLimits.answerItemBytes, &listener, to: &writer) else { return }
        closeOpen(&listener, to: &writer)
        var tool = AnswerPlan.ClientTool(name: name.string)
        if !plan.renamedTools.isEmpty, let known = plan.renamedTools[tool.name] { tool = known }
        let kind: ResponsesItem.Kind = tool.isCustom ? .customCall : .functionCall
        var item = ResponsesItem(kind, id: mintedID(kind))
        item.name = tool.name
        item.namespace = tool.namespace
        item.callID = callID(id)
        calls.append((call, begin(item, &listener, to: &writer)))
    }

    /// The provider's id, unless it has none or gave it to an earlier call already: clients tell calls apart by it.
    private func callID(_ id: JSONText?) -> String {
        if let id, !id.isEmpty {
            let name = id.string
            if !items.contains(where: { $0.kind.isCall && $0.callID == name }) { return name }
        }
        return "call_\(plan.idStem)_\(items.count)"
    }

    private func openCall(_ call: Int) -> Int? {
        guard let index = calls.last(where: { $0.number == call })?.index, items[index].status == .inProgress else { return nil }
        return index
    }

    // MARK: Items

    private func mintedID(_ kind: ResponsesItem.Kind) -> String { "\(kind.idPrefix)\(plan.idStem)_\(items.count)" }

    private mutating func begin(
        _ item: ResponsesItem, _ listener: inout some ResponsesItemListener, to writer: inout JSONWriter
    ) -> Int {
        keptBytes += DialectLimits.answerItemBytes
        items.append(item)
        listener.itemOpened(item, at: items.count - 1, to: &writer)
        return items.count - 1
    }

    private mutating func grow(
        _ index: Int, _ range: Range<Int>, _ listener: inout some ResponsesItemListener, to writer: inout JSONWriter
    ) {
        guard !range.isEmpty else { return }
        keptBytes += range.count
        listener.textGrew(items[index], at: index, by: range, to: &writer)
    }

    private mutating func close(
        _ index: Int, _ status: ResponsesItem.Status, _ listener: inout some ResponsesItemListener, to writer: inout JSONWriter
    ) {
        if items[index].kind.isCall, status == .completed {
            let range = items[index].keepEnd()
            grow(index, range, &listener, to: &writer)
        }
        items[index].status = status
        if items[index].hasOpenPart {
            items[index].closePart()
            listener.partClosed(items[index], at: index, to: &writer)
        }
        listener.itemClosed(items[index], at: index, to: &writer)
    }

    /// Whether so much more may be kept; if not, the answer is cut here.
    private mutating func hasRoom(
        for bytes: Int, _ listener: inout some ResponsesItemListener, to writer: inout JSONWriter
    ) -> Bool {
        if keptBytes + bytes <= DialectLimits.answerKeptBytesMax { return true }
        isCut = true
        closeAll(isCutOff: true, &listener, to: &writer)
        return false
    }
}
