import Streaming

extension ChatRequestParser {
    /// Reads `messages`: what stands in front of the first turn are the instructions, later ones are turns of their own.
    static func parseMessages(_ root: JSONValue, into conversation: inout Conversation) throws(RequestProblem) {
        guard let messages = try array(root, "messages") else { throw .missing(member: "messages") }
        guard !messages.isEmptyContainer else { throw .empty(member: "messages") }
        var reading = ChatMessageReading()
        for message in messages.elements { try reading.take(message, into: &conversation) }
    }

    /// The parts of a message's `content`; none for null or an empty text.
    static func parts(_ content: JSONValue?) throws(RequestProblem) -> [ConversationPart] {
        guard let content else { return [] }
        if let text = JSONText(content) { return text.isEmpty ? [] : [.text(text)] }
        guard content.isArray else { throw .wrongType(member: "messages.content", expected: "a string or an array of parts") }
        var parts: [ConversationPart] = []
        for element in content.elements {
            guard var part = try part(element) else { continue }
            part.cacheControl = cacheControl(element)
            parts.append(part)
        }
        return parts
    }

    private static func part(_ value: JSONValue) throws(RequestProblem) -> ConversationPart? {
        if let text = JSONText(value) { return text.isEmpty ? nil : .text(text) }
        guard value.isObject else { throw .wrongType(member: "messages.content", expected: "a string or an array of parts") }
        guard let type = value.present("type") else { throw .missing(member: "messages.content.type") }
        switch true {
        case type.equals("text"), type.equals("input_text"), type.equals("output_text"):
            guard let text = JSONText(value.present("text")) else { throw .missing(member: "messages.content.text") }
            return text.isEmpty ? nil : .text(text)
        case type.equals("image_url"):
            return ConversationPart(.image(MediaSource(url: try imageURL(value))))
        case type.equals("file"):
            return try file(value)
        case type.equals("input_audio"):
            guard let audio = value.present("input_audio"), let data = JSONText(audio.present("data")) else {
                throw .missing(member: "messages.content.input_audio")
            }
            return ConversationPart(.audio(data: data, format: JSONText(audio.present("format")) ?? JSONText("wav")))
        case type.equals("refusal"):
            guard let text = JSONText(value.present("refusal")), !text.isEmpty else { return nil }
            return ConversationPart(.refusal(text))
        case type.equals("thinking"):
            let text = thinking(value)
            return text.isEmpty ? nil : ConversationPart(.thinking(text, state: nil))
        default:
            throw .invalid(member: "messages.content.type", reason: "it must be text, image_url, input_audio, file or refusal")
        }
    }

    /// An object with a URL; some clients write the URL alone.
    private static func imageURL(_ part: JSONValue) throws(RequestProblem) -> JSONText {
        guard let image = part.present("image_url") else { throw .missing(member: "messages.content.image_url") }
        guard let url = JSONText(image) ?? JSONText(image.present("url")), !url.isEmpty else {
            throw .missing(member: "messages.content.image_url.url")
        }
        return url
    }

    private static func file(_ part: JSONValue) throws(RequestProblem) -> ConversationPart {
        guard let file = part.present("file"), file.isObject else { throw .missing(member: "messages.content.file") }
        let name = JSONText(file.present("filename"))
        if let data = JSONText(file.present("file_data")), !data.isEmpty {
            let source = MediaSource(url: data)
            guard case .url(let text) = source, !isURL(text) else { return ConversationPart(.file(source, name: name)) }
            // Base64 by itself, as some clients send it: documents are PDF unless they say otherwise.
            return ConversationPart(.file(.base64(mediaType: JSONText("application/pdf"), data: text), name: name))
        }
        guard let id = JSONText(file.present("file_id")), !id.isEmpty else { throw .missing(member: "messages.content.file.file_data") }
        return ConversationPart(.file(.fileID(id), name: name))
    }

    private static func isURL(_ text: JSONText) -> Bool {
        guard case .escaped(let bytes) = text else { return false }
        return bytes.hasPrefix("http:") || bytes.hasPrefix("https:") || bytes.hasPrefix("data:")
    }

    /// Mistral's part: a list of texts, or a text.
    private static func thinking(_ part: JSONValue) -> JSONText {
        guard let thinking = part.present("thinking") else { return JSONText("") }
        if let text = JSONText(thinking) { return text }
        var texts: [JSONText] = []
        for element in thinking.elements {
            if let text = JSONText(element.present("text")) { texts.append(text) }
        }
        return JSONText(joining: texts)
    }
}

extension JSONText {
    /// Texts one behind the other: a single one as it is, several decoded.
    init(joining texts: [JSONText]) {
        self = texts.count == 1 ? texts[0] : .owned(texts.map(\.string).joined())
    }
}
