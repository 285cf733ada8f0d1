import Streaming

/// A translated request as the provider's counting endpoint takes it: only the top-level members that such an endpoint knows, since
/// Anthropic's and OpenAI's refuse others (`max_tokens`, `stream`, `temperature` …).
///
/// - Anthropic: <https://docs.anthropic.com/en/api/messages-count-tokens>
/// - OpenAI: <https://platform.openai.com/docs/api-reference/responses/input-tokens>
/// - Google: <https://ai.google.dev/api/tokens>, whose whole request stands in `generateContentRequest` and names its model
public struct TokenCountRequest: ~Copyable {
    private var writer = JSONWriter()

    /// The endpoint's body; valid as long as this value is.
    public var body: UnsafeRawBufferPointer { writer.bytes }

    /// - Parameters:
    ///   - request: a request in the provider's dialect, as `RequestTranslation` writes it.
    ///   - model: its name at the provider.
    /// - Throws: `RequestProblem.notAnObject` when `request` is none.
    public init(
        _ request: UnsafeRawBufferPointer, dialect: Dialect, model: String, reader: JSONReader
    ) throws(RequestProblem) {
        var writer = JSONWriter()
        writer.reserve(request.count + 64)
        let isRead = reader.read(request) { root in
            guard root.isObject else { return false }
            Self.write(root, dialect, model, to: &writer)
            return true
        }
        guard isRead == true else { throw .notAnObject }
        self.writer = writer
    }

    private static func write(_ root: JSONValue, _ dialect: Dialect, _ model: String, to writer: inout JSONWriter) {
        writer.beginObject()
        if dialect == .gemini {
            writer.name("generateContentRequest")
            writer.beginObject()
            writer.member("model", JSONText.owned("models/" + model))
        }
        let names = members(of: dialect)
        for member in root.members where names.contains(where: { member.name.equals($0) }) {
            guard let name = member.name.stringBytes else { continue }
            writer.name(escaped: name)
            writer.json(member.value.rawBytes)
        }
        if dialect == .gemini { writer.endObject() }
        writer.endObject()
    }

    /// What the endpoint takes.
    private static func members(of dialect: Dialect) -> [StaticString] {
        switch dialect {
        case .messages: ["model", "messages", "system", "tools", "tool_choice", "thinking", "output_config"]
        case .chat, .responses:
            [
                "model", "input", "instructions", "conversation", "previous_response_id", "parallel_tool_calls", "reasoning", "text", "tool_choice",
                "tools", "truncation",
            ]
        case .gemini: ["contents", "systemInstruction", "tools", "toolConfig", "safetySettings", "generationConfig", "cachedContent"]
        }
    }
}

/// What a body of Gemini's `countTokens` asks about: its `contents`, or a whole request within it.
public enum GeminiCountRequest {
    /// The request as `generateContent` would get it: the body itself, or the object in `generateContentRequest`. Of another dialect, the body.
    public static func request(in body: UnsafeRawBufferPointer, dialect: Dialect, tape: JSONTape) -> UnsafeRawBufferPointer {
        guard dialect == .gemini, let root = try? tape.parse(body) else { return body }
        return request(in: root, dialect).rawBytes
    }

    static func request(in root: JSONValue, _ dialect: Dialect) -> JSONValue {
        guard dialect == .gemini else { return root }
        let wrapped = root.present("generateContentRequest") ?? root.present("generate_content_request")
        guard let wrapped, wrapped.isObject else { return root }
        return wrapped
    }
}
