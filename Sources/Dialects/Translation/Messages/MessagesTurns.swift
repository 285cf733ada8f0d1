import Streaming

/// Brings turns into the shape that Anthropic insists on.
///
/// - They alternate, and the first is the user's (one is put in front of an assistant's, or behind instructions alone). No turn is empty, no text blank.
/// - Every call has its one result in the turn that follows, in the order of the calls and before anything else. A result that is missing is made up,
///   as an error that says so: the model goes on, where a refusal would end the conversation for good. One that answers no call becomes text.
/// - Ids are legal, and no two calls share one.
/// - Instructions in the middle are turns of their own where the model takes them, else text of the user.
struct MessagesTurns {
    private(set) var turns: [ConversationTurn] = []

    private let model: MessagesModel
    private let profile: ProviderProfile
    private let keepsThinking: Bool
    /// The ids that calls have, as they are now.
    private var usedIDs: Set<String> = []
    /// How many calls came with an id.
    private var givenIDs: [String: Int] = [:]

    init(_ conversation: Conversation, target: TranslationTarget, model: MessagesModel, thinking: MessagesThinking) {
        self.model = model
        profile = target.profile
        keepsThinking = thinking.keepsHistory
        for turn in conversation.turns { append(cleaned(turn)) }
        placeInstructions()
        if turns.isEmpty, conversation.system.isEmpty { return }
        if turns.first?.role != .user { turns.insert(Self.userTurn("(The conversation begins.)"), at: 0) }
        pairResults()
        endTurns(refusesPrefill: model.refusesPrefill || thinking.isOn)
    }

    private static func userTurn(_ text: StaticString) -> ConversationTurn {
        ConversationTurn(role: .user, parts: [.text(JSONText(text))])
    }

    // MARK: Parts

    /// A turn with what Anthropic takes of it.
    private func cleaned(_ turn: ConversationTurn) -> ConversationTurn {
        var parts: [ConversationPart] = []
        for part in turn.parts {
            switch part.content {
            case .text(let text), .refusal(let text):
                if !text.isBlank { parts.append(ConversationPart(.text(text), cacheControl: part.cacheControl)) }
            case .thinking(_, let state):
                if turn.role == .assistant, keepsThinking, state?.origin == .messages { parts.append(part) }
            case .sealedThinking(let state):
                if turn.role == .assistant, keepsThinking, state.origin.dialect == .messages { parts.append(part) }
            case .toolCall:
                if turn.role == .assistant { parts.append(part) }
            case .toolResult:
                if turn.role == .user { parts.append(part) }
            case .image, .file, .audio:
                if turn.role == .user { parts.append(part) }
            }
        }
        return ConversationTurn(role: turn.role, parts: parts)
    }

    private mutating func append(_ turn: ConversationTurn) {
        guard !turn.parts.isEmpty else { return }
        if let last = turns.indices.last, turns[last].role == turn.role {
            turns[last].parts += turn.parts
        } else {
            turns.append(turn)
        }
    }

    /// Instructions in the middle stay turns where they stand behind one of the user's and the model speaks next; else they are the user's words.
    private mutating func placeInstructions() {
        let all = turns
        turns = []
        for (place, turn) in all.enumerated() {
            guard turn.role == .system else {
                append(turn)
                continue
            }
            let isFollowedByModel = place + 1 == all.count || all[place + 1].role == .assistant
            let staysTurn = model.takesSystemTurns && turns.last?.role == .user && isFollowedByModel
            append(ConversationTurn(role: staysTurn ? .system : .user, parts: turn.parts))
        }
    }

    // MARK: Calls and results

    private mutating func pairResults() {
        var place = 0
        while place < turns.count {
            guard turns[place].role == .assistant else {
                if turns[place].role == .user { turns[place].parts = answered([], by: turns[place].parts) }
                place += 1
                continue
            }
            let calls = takeCallIDs(place)
            place += 1
            guard !calls.isEmpty else { continue }
            if place == turns.count || turns[place].role != .user {
                turns.insert(ConversationTurn(role: .user, parts: []), at: place)
            }
            turns[place].parts = answered(calls, by: turns[place].parts)
            place += 1
        }
    }

    /// Gives the calls of a turn legal ids of their own; as they were, and as they are now.
    private mutating func takeCallIDs(_ place: Int) -> [(given: String, legal: JSONText)] {
        var calls: [(given: String, legal: JSONText)] = []
        for part in turns[place].parts.indices {
            guard case .toolCall(var call) = turns[place].parts[part].content else { continue }
            let given = call.id.string
            var legal = CallID.legal(call.id, for: .messages, profile: profile)
            var number = givenIDs[given, default: 1]
            while !usedIDs.insert(legal.string).inserted {
                number += 1
                legal = CallID.legal(.owned("\(given)_\(number)"), for: .messages, profile: profile)
            }
            givenIDs[given] = number
            call.id = legal
            turns[place].parts[part].content = .toolCall(call)
            calls.append((given, legal))
        }
        return calls
    }

    /// The parts of the turn behind some calls: their results first, one each; then everything else in its order.
    private func answered(_ calls: [(given: String, legal: JSONText)], by parts: [ConversationPart]) -> [ConversationPart] {
        var results = [ConversationPart?](repeating: nil, count: calls.count)
        // The calls of each id that have no result yet, the first one last.
        var open: [String: [Int]] = [:]
        for call in calls.indices.reversed() { open[calls[call].given, default: []].append(call) }
        var others: [ConversationPart] = []
        for part in parts {
            guard case .toolResult(var result) = part.content else {
                others.append(part)
                continue
            }
            if let call = open[result.callID.string]?.popLast() {
                result.callID = calls[call].legal
                results[call] = ConversationPart(.toolResult(result), cacheControl: part.cacheControl)
            } else {
                others += Self.text(of: result, cacheControl: part.cacheControl)
            }
        }
        let found = calls.indices.map { results[$0] ?? Self.missingResult(of: calls[$0].legal) }
        return found + others
    }

    private static func missingResult(of id: JSONText) -> ConversationPart {
        ConversationPart(
            .toolResult(ToolResult(callID: id, parts: [.text(JSONText("No result was given for this call."))], isError: true)))
    }

    /// A result that answers no call, as text.
    private static func text(of result: ToolResult, cacheControl: JSONValue?) -> [ConversationPart] {
        var parts: [ConversationPart] = [.text(.owned("Result of the tool call \(result.callID.string):"))]
        for part in result.parts {
            if case .text(let text) = part.content, text.isBlank { continue }
            parts.append(part)
        }
        if let object = result.object { parts.append(.text(.plain(object.rawBytes))) }
        parts[parts.count - 1].cacheControl = cacheControl ?? parts[parts.count - 1].cacheControl
        return parts
    }

    // MARK: The end

    /// The beginning of an answer may stand at the end, without white space behind it; models that refuse it are asked to go on.
    private mutating func endTurns(refusesPrefill: Bool) {
        guard let last = turns.indices.last, turns[last].role == .assistant else { return }
        if refusesPrefill { return turns.append(Self.userTurn("Continue.")) }
        guard let part = turns[last].parts.indices.last, case .text(let text) = turns[last].parts[part].content else { return }
        turns[last].parts[part].content = .text(text.withoutTrailingSpace)
    }
}

extension JSONText {
    /// The text without white space at its end, plain or escaped (`\n`).
    var withoutTrailingSpace: JSONText {
        switch self {
        case .plain(let bytes):
            return .plain(UnsafeRawBufferPointer(rebasing: bytes[..<Self.end(of: bytes, isEscaped: false)]))
        case .escaped(let bytes):
            return .escaped(UnsafeRawBufferPointer(rebasing: bytes[..<Self.end(of: bytes, isEscaped: true)]))
        case .owned(let text):
            return .owned(String(text[..<(text.lastIndex { !$0.isWhitespace }.map(text.index(after:)) ?? text.startIndex)]))
        }
    }

    private static func end(of bytes: UnsafeRawBufferPointer, isEscaped: Bool) -> Int {
        var end = bytes.count
        while end > 0 {
            if Bytes.isSpace(bytes[end - 1]) {
                end -= 1
            } else if isEscaped, end > 1, isSpaceLetter(bytes[end - 1]), backslashes(bytes, before: end - 1) % 2 == 1 {
                end -= 2
            } else {
                break
            }
        }
        return end
    }

    private static func isSpaceLetter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "n") || byte == UInt8(ascii: "t") || byte == UInt8(ascii: "r") || byte == UInt8(ascii: "f")
    }

    private static func backslashes(_ bytes: UnsafeRawBufferPointer, before end: Int) -> Int {
        var count = 0
        while count < end, bytes[end - 1 - count] == UInt8(ascii: "\\") { count += 1 }
        return count
    }
}
