import Streaming

/// Reads a `generateContent` request. Members may be spelled in camel case or in snake case anywhere, as Google's own API takes them.
///
/// What only Google's models can do and a request can do without (safety settings, labels, grounding, media options) is passed over. Refused are
/// `cachedContent`, which is a part of the prompt that only Google has, and answers that are no text.
enum GeminiRequestParser: RequestParser {
    static func parse(_ root: JSONValue) throws(RequestProblem) -> Conversation {
        if let cached = root.present("cachedContent", "cached_content"), cached.isNonEmptyString {
            throw .notTranslatable(member: "cachedContent", reason: "the cached content is kept by Google")
        }
        var conversation = Conversation()
        if let instruction = root.present("systemInstruction", "system_instruction") {
            conversation.system = try systemParts(instruction)
        }
        try readContents(root, into: &conversation)
        try readTools(root, into: &conversation)
        if let options = root.present("generationConfig", "generation_config") {
            guard options.isObject else { throw .wrongType(member: "generationConfig", expected: "an object") }
            try readOptions(options, into: &conversation)
        }
        // Google shows thoughts only to whoever asks for them.
        if conversation.reasoning.isShown == nil { conversation.reasoning.isShown = false }
        conversation.serviceTier = JSONText(root.present("serviceTier", "service_tier"))
        return conversation
    }

    /// A content, or the shorthand of a bare text. Only texts count.
    private static func systemParts(_ instruction: JSONValue) throws(RequestProblem) -> [ConversationPart] {
        if let text = JSONText(instruction) { return text.isEmpty ? [] : [.text(text)] }
        guard instruction.isObject || instruction.isArray else {
            throw .wrongType(member: "systemInstruction", expected: "a content object or a string")
        }
        var parts: [ConversationPart] = []
        for part in instruction.isArray ? instruction.elements.map({ $0 }) : Self.parts(of: instruction) {
            if let text = JSONText(part) ?? JSONText(part["text"]), !text.isEmpty { parts.append(.text(text)) }
        }
        return parts
    }

    private static func readContents(_ root: JSONValue, into conversation: inout Conversation) throws(RequestProblem) {
        guard let contents = root.present("contents") else { throw .missing(member: "contents") }
        guard contents.isArray else {
            // The SDKs' shorthands: one content, or one text.
            guard contents.isObject || contents.isString else { throw .wrongType(member: "contents", expected: "an array") }
            var calls = GeminiCallBook()
            conversation.turns = [try turn(contents, number: 0, calls: &calls)]
            return
        }
        guard contents.isFilledContainer else { throw .empty(member: "contents") }
        var calls = GeminiCallBook()
        var number = 0
        for content in contents.elements {
            conversation.turns.append(try turn(content, number: number, calls: &calls))
            number += 1
        }
    }

    private static func turn(_ content: JSONValue, number: Int, calls: inout GeminiCallBook) throws(RequestProblem) -> ConversationTurn {
        if let text = JSONText(content) { return ConversationTurn(role: .user, parts: [.text(text)]) }
        guard content.isObject else { throw .wrongType(member: "contents", expected: "an array of content objects") }
        let role = try role(content.present("role"))
        var reader = GeminiPartReader(turn: number)
        for part in parts(of: content) { try reader.read(part, &calls) }
        reader.finish()
        return ConversationTurn(role: role, parts: reader.parts)
    }

    /// Absent means the user. `function` is an older name for the turn that holds results.
    private static func role(_ value: JSONValue?) throws(RequestProblem) -> ConversationTurn.Role {
        guard let value else { return .user }
        guard value.isString else { throw .wrongType(member: "contents.role", expected: "a string") }
        if value.equals("model") { return .assistant }
        guard value.equals("user") || value.equals("function") || value.equals("") else {
            throw .invalid(member: "contents.role", reason: "a role is 'user' or 'model'")
        }
        return .user
    }

    /// The parts of a content: a list, or one part in its place.
    private static func parts(of content: JSONValue) -> [JSONValue] {
        guard let parts = content.present("parts") else { return [] }
        return parts.isArray ? parts.elements.map { $0 } : [parts]
    }
}
