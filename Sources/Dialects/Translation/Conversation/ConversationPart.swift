import Streaming

/// One piece of a turn.
struct ConversationPart {
    enum Content {
        case text(JSONText)
        case image(MediaSource)
        /// A document: PDF, or a text that is sent as one.
        case file(MediaSource, name: JSONText?)
        /// Sound, base64, with its format as OpenAI names it (`wav`, `mp3`).
        case audio(data: JSONText, format: JSONText)
        /// What the model thought, as text; with what its provider wants back to believe it.
        case thinking(JSONText, state: ProviderState?)
        /// Thinking that only its provider can read: redacted blocks, encrypted reasoning, a signature without text.
        case sealedThinking(ProviderState)
        case refusal(JSONText)
        case toolCall(ToolCall)
        case toolResult(ToolResult)
    }

    var content: Content
    /// `cache_control` of the part, an object as the client wrote it (Anthropic, and OpenRouter's chat).
    var cacheControl: JSONValue?

    init(_ content: Content, cacheControl: JSONValue? = nil) {
        self.content = content
        self.cacheControl = cacheControl
    }

    static func text(_ text: JSONText) -> ConversationPart { ConversationPart(.text(text)) }
}

/// Where the bytes of an image or a document are.
enum MediaSource {
    /// `image/png`, and base64 without a `data:` prefix.
    case base64(mediaType: JSONText, data: JSONText)
    case url(JSONText)
    /// A file that one provider keeps; another cannot have it.
    case fileID(JSONText)
    /// A document's text.
    case text(JSONText)

    /// From a URL, which may hold the data itself (RFC 2397).
    ///
    /// A data URL needs `;base64`; one without is taken for a URL.
    init(url: JSONText) {
        guard case .escaped(let bytes) = url, bytes.hasPrefix("data:") else {
            self = .url(url)
            return
        }
        let marker: StaticString = ";base64,"
        // The media type is short: the comma is near the front.
        let head = UnsafeRawBufferPointer(rebasing: bytes.prefix(256))
        guard let comma = head.firstIndex(of: UInt8(ascii: ",")),
            UnsafeRawBufferPointer(rebasing: head[...comma]).hasSuffix(marker)
        else {
            self = .url(url)
            return
        }
        var type = UnsafeRawBufferPointer(rebasing: head[5..<(comma + 1 - marker.utf8CodeUnitCount)])
        // Parameters (`;charset=utf-8`) are no part of the type; a slash may be written `\/`.
        if let semicolon = type.firstIndex(of: UInt8(ascii: ";")) { type = UnsafeRawBufferPointer(rebasing: type[..<semicolon]) }
        self = .base64(
            mediaType: .owned(JSONString.decoded(type).lowercased()), data: .escaped(UnsafeRawBufferPointer(rebasing: bytes[(comma + 1)...])))
    }
}

/// A model's call of a tool.
struct ToolCall {
    var id: JSONText
    /// The name as the client knows it; `namespace` is the group that a Responses client put it in.
    var name: JSONText
    var namespace: JSONText?
    var arguments: ToolArguments
    /// Free text in place of arguments: a custom tool (OpenAI).
    var isCustom = false
    /// What the provider wants back with the call (Gemini's thought signature), where it came with the call itself.
    var state: ProviderState?
}

/// Arguments of a call, in either of the two ways that dialects write them.
enum ToolArguments {
    /// A JSON object in place.
    case object(JSONValue)
    /// The text of a JSON object inside of a string; or, of a custom tool, any text. May be empty, which stands for `{}`, and need not be valid.
    case text(JSONText)
}

/// What came of a call.
struct ToolResult {
    var callID: JSONText
    /// The tool's name where the dialect says it (Gemini).
    var name: JSONText?
    /// Texts, images, files.
    var parts: [ConversationPart]
    /// A result that is JSON rather than parts (Gemini's `response`); then `parts` is empty.
    var object: JSONValue?
    var isError = false
    var isCustom = false
}
