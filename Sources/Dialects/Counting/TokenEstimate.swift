import Streaming

/// Judges how many tokens a request has, where its provider does not count: from the client's body alone, in any dialect. How far off it is
/// stands in docs/translation.md, measured by `TokenEstimateTests`.
///
/// Counted are instructions, turns, tools and the schema of the answer. Texts count by `TextTokens`; pictures and documents by their size
/// (`MediaTokens`), which is a guess; a message costs what its frame costs. What no token stands for is skipped: identifiers, marks, signatures,
/// encrypted reasoning, hosted tools' own prompts, which nobody outside knows.
public struct TokenEstimate {
    /// Tokens of the request; at least 1.
    public private(set) var tokens = 0

    private let family: ModelFamily

    /// - Parameters:
    ///   - body: the client's; one that is no JSON object counts by its bytes.
    ///   - model: its name, which tells the family of its tokenizer.
    ///   - tape: holds the body for the time of the call.
    public init(_ body: UnsafeRawBufferPointer, dialect: Dialect, model: String, tape: JSONTape) {
        family = ModelFamily(model)
        guard let root = try? tape.parse(body), root.isObject else {
            tokens = max(1, (body.count + 3) / 4)
            return
        }
        take(GeminiCountRequest.request(in: root, dialect), dialect)
        tokens = max(1, tokens)
    }

    private mutating func take(_ request: JSONValue, _ dialect: Dialect) {
        let members = RequestMembers(request, dialect)
        for instructions in members.instructions { take(instructions, named: nil) }
        if let turns = members.turns {
            take(turns, named: nil)
            var count = 1
            if turns.isArray { count = turns.elements.reduce(0) { total, _ in total + 1 } }
            tokens += family.framing(turns: count)
        }
        var schema = SchemaTokens()
        for tools in members.tools where tools.isFilledContainer {
            schema.take(tools)
            tokens += family.toolsPreamble
        }
        for format in members.formats where format.isObject {
            schema.take(format)
            tokens += format.isFilledContainer && format.isSchema ? family.formatPreamble : 0
        }
        tokens += schema.tokens * family.schemaPercent / 100
    }

    // MARK: Content

    /// Members without a text for the model.
    private static let silentMembers: [StaticString] = [
        "type", "role", "id", "cache_control", "call_id", "tool_use_id", "tool_call_id", "signature", "encrypted_content", "thoughtSignature",
        "thought_signature", "status", "detail", "media_type", "mime_type", "mimeType", "thought", "annotations", "logprobs", "citations", "strict",
        "model",
    ]

    private static let addressMembers: [StaticString] = ["url", "image_url", "file_url", "fileUri", "file_uri"]

    /// A value within the conversation: all its texts, and what stands for a picture or a document.
    private mutating func take(_ value: JSONValue, named name: JSONValue?) {
        switch value.kind {
        case .string: take(text: value, named: name)
        case .array: for element in value.elements { take(element, named: name) }
        case .object: take(object: value)
        default: break
        }
    }

    private mutating func take(object: JSONValue) {
        let mediaType = object.present("media_type") ?? object.present("mimeType") ?? object.present("mime_type")
        let isText = object["type"]?.equals("text") ?? false
        for member in object.members {
            if Self.silentMembers.contains(where: { member.name.equals($0) }) { continue }
            if let mediaType, !isText, member.name.equals("data"), let data = member.value.stringBytes {
                tokens += MediaTokens.count(base64Bytes: data.count, isDocument: mediaType.isDocumentType, family)
            } else {
                take(member.value, named: member.name)
            }
        }
    }

    private mutating func take(text value: JSONValue, named name: JSONValue?) {
        guard let text = JSONText(value), let bytes = value.stringBytes else { return }
        if bytes.hasPrefix("data:") {
            let isDocument = UnsafeRawBufferPointer(rebasing: bytes.prefix(40)).hasPrefix("data:application/pdf")
            tokens += MediaTokens.count(base64Bytes: bytes.count, isDocument: isDocument, family)
        } else if let name, bytes.hasPrefix("http"), Self.addressMembers.contains(where: { name.equals($0) }) {
            tokens += MediaTokens.unknown(family)
        } else {
            tokens += TextTokens.count(text)
        }
    }
}

/// The members of a request that become tokens.
private struct RequestMembers {
    var instructions: [JSONValue] = []
    var turns: JSONValue?
    var tools: [JSONValue] = []
    var formats: [JSONValue] = []

    init(_ request: JSONValue, _ dialect: Dialect) {
        tools = [request.present("tools")].compactMap { $0 }
        switch dialect {
        case .chat:
            turns = request.present("messages")
            tools += [request.present("functions")].compactMap { $0 }
            formats = [request.present("response_format")].compactMap { $0 }
        case .responses:
            instructions = [request.present("instructions")].compactMap { $0 }
            turns = request.present("input")
            formats = [request.present("text")].compactMap { $0 }
        case .messages:
            instructions = [request.present("system")].compactMap { $0 }
            turns = request.present("messages")
            formats = [request.present("output_config"), request.present("output_format")].compactMap { $0 }
        case .gemini:
            instructions = [request.present("systemInstruction") ?? request.present("system_instruction")].compactMap { $0 }
            turns = request.present("contents")
        }
    }
}

extension JSONValue {
    /// A member of the answer's format that holds a schema, at the first or second level.
    fileprivate var isSchema: Bool {
        members.contains { member in
            member.name.equals("schema") || member.name.equals("json_schema") || member.value.present("schema") != nil
        }
    }

    fileprivate var isDocumentType: Bool { stringBytes?.hasPrefix("application/") ?? false }
}
