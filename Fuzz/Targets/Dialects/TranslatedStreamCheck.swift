import Dialects
import Streaming

/// What must hold of a stream that the gateway wrote for a client, whatever the provider sent: every event is one line of JSON, they come in the
/// dialect's order, and its end is there once, last, and only of an answer that is whole.
struct TranslatedStreamCheck {
    private let client: Dialect
    private let isJSONArray: Bool

    init(_ client: Dialect, isJSONArray: Bool) {
        self.client = client
        self.isJSONArray = client == .gemini && isJSONArray
    }

    func check(_ sent: [UInt8], isComplete: Bool) throws(FuzzViolation) {
        if sent.isEmpty { return try require(!isComplete, "whole, but nothing was sent") }
        let events = try isJSONArray ? elements(sent, isComplete: isComplete) : documents(sent)
        switch client {
        case .chat: try checkChat(events, isComplete)
        case .responses: try checkResponses(events, isComplete)
        case .messages: try checkMessages(events, isComplete)
        case .gemini: try checkGemini(events, isComplete)
        }
    }

    /// The JSON of all events; chat's end mark is null.
    private func documents(_ sent: [UInt8]) throws(FuzzViolation) -> [ReferenceJSON] {
        try require(sent.suffix(2) == [0x0A, 0x0A] || sent.suffix(4) == [0x0D, 0x0A, 0x0D, 0x0A], "the last event is not closed: \(sent.shown)")
        var documents: [ReferenceJSON] = []
        for event in ReferenceEvents.parse(sent) {
            try require(event.hasData && !event.data.contains(0x0A), "an event that is not one line: \(event)")
            if client == .chat, event.data.elementsEqual("[DONE]".utf8) {
                documents.append(.null)
                continue
            }
            guard let tree = ReferenceJSON.parse(event.data, depthMax: 256, acceptsLoneSurrogates: true), tree.members != nil else {
                throw FuzzViolation("an event that is no JSON object: \(event)")
            }
            let name = [.responses, .messages].contains(client) ? tree.text("type").map { Array($0.utf8) } : []
            try requireEqual(event.name, name, "an event under another name")
            documents.append(tree)
        }
        return documents
    }

    private func elements(_ sent: [UInt8], isComplete: Bool) throws(FuzzViolation) -> [ReferenceJSON] {
        let text = isComplete ? sent : sent + Array("]".utf8)
        guard case .array(let elements)? = ReferenceJSON.parse(text, depthMax: 256, acceptsLoneSurrogates: true) else {
            throw FuzzViolation("no JSON array: \(sent.shown)")
        }
        return elements
    }

    private func checkChat(_ events: [ReferenceJSON], _ isComplete: Bool) throws(FuzzViolation) {
        try requireEqual(events.filter { $0 == .null }.count, isComplete ? 1 : 0, "end marks")
        try require(!isComplete || events.last == .null, "something follows the end mark")
        var finishes = 0
        var calls = 0
        for (number, event) in events.enumerated() where event != .null {
            guard case .array(let choices)? = event.all("choices").first, choices.count <= 1 else { throw FuzzViolation("no choices: \(event)") }
            guard let choice = choices.first else {
                try require(finishes == 1 && !event.all("usage").isEmpty, "a chunk of nothing: \(event)")
                continue
            }
            try require(finishes == 0, "a chunk behind the last: \(event)")
            if choice.text("finish_reason") != nil { finishes += 1 }
            guard let delta = choice.all("delta").first, delta.members != nil else { throw FuzzViolation("no delta: \(event)") }
            try requireEqual(delta.text("role"), number == 0 ? "assistant" : nil, "whose chunk \(number) is")
            guard case .array(let pieces)? = delta.all("tool_calls").first else { continue }
            for piece in pieces {
                let index = piece.number("index") ?? -1
                try require((0...calls).contains(index), "a call out of turn: \(event)")
                try requireEqual(piece.text("id") != nil, index == calls, "a call's id stands on its first piece: \(event)")
                if index == calls { calls += 1 }
            }
        }
        try requireEqual(finishes, isComplete ? 1 : 0, "finish reasons")
    }

    private func checkResponses(_ events: [ReferenceJSON], _ isComplete: Bool) throws(FuzzViolation) {
        try requireEqual(events.map { $0.number("sequence_number") }, Array(0..<events.count), "numbers of events")
        let ends = ["response.completed", "response.incomplete", "response.failed"]
        try require(events[0].isOf(type: "response.created"), "begins with something else")
        var open: Set<Int> = []
        var items = 0
        for (number, event) in events.enumerated() {
            let type = event.text("type") ?? ""
            try require(!ends.contains(type) || (isComplete && number == events.count - 1), "an end in the midst: \(event)")
            try require(!type.hasSuffix("error"), "an error of its own: \(event)")
            guard let index = event.number("output_index") else { continue }
            if type == "response.output_item.added" {
                try requireEqual(index, items, "an item out of turn")
                items += 1
                open.insert(index)
            }
            try require(open.contains(index), "an event of an item that is not open: \(event)")
            if type == "response.output_item.done" { open.remove(index) }
        }
        guard isComplete else { return }
        try require(ends.contains(events.last?.text("type") ?? ""), "no end")
        try require(open.isEmpty, "items are open at the end")
        guard case .array(let output)? = events.last?.all("response").first?.all("output").first else { throw FuzzViolation("no output") }
        try requireEqual(output.count, items, "items at the end")
    }

    private func checkMessages(_ events: [ReferenceJSON], _ isComplete: Bool) throws(FuzzViolation) {
        var blocks = 0
        var isOpen = false
        var deltas = 0
        for (number, event) in events.enumerated() {
            let type = event.text("type") ?? ""
            try requireEqual(type == "message_start", number == 0, "a message begins once: \(event)")
            try require(deltas == 0 || type == "message_stop", "something follows message_delta: \(event)")
            switch type {
            case "message_start": break
            case "content_block_start":
                try require(!isOpen && event.number("index") == blocks, "a block out of turn: \(event)")
                isOpen = true
                blocks += 1
            case "content_block_delta": try require(isOpen && event.number("index") == blocks - 1, "a delta of no block: \(event)")
            case "content_block_stop":
                try require(isOpen && event.number("index") == blocks - 1, "no block closes: \(event)")
                isOpen = false
            case "message_delta":
                try require(!isOpen && isComplete, "message_delta in the midst")
                deltas += 1
            case "message_stop": try require(isComplete && number == events.count - 1 && deltas == 1, "an end in the midst")
            default: throw FuzzViolation("an unknown event: \(event)")
            }
        }
        if isComplete { try require(events.last?.isOf(type: "message_stop") ?? false, "no end") }
    }

    private func checkGemini(_ events: [ReferenceJSON], _ isComplete: Bool) throws(FuzzViolation) {
        for (number, event) in events.enumerated() {
            guard case .array(let candidates)? = event.all("candidates").first, candidates.count == 1 else {
                throw FuzzViolation("not one candidate: \(event)")
            }
            let isLast = isComplete && number == events.count - 1
            try requireEqual(candidates[0].text("finishReason") != nil, isLast, "the finish reason stands on the last: \(event)")
            guard case .array(let parts)? = candidates[0].all("content").first?.all("parts").first, !parts.isEmpty else {
                throw FuzzViolation("no parts: \(event)")
            }
        }
    }
}
