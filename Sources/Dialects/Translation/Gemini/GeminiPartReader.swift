import Streaming

/// Reads the parts of one content of a Gemini request. The calls of the whole history are handed in with each part: a copy would grow with every content.
struct GeminiPartReader {
    private(set) var parts: [ConversationPart] = []

    private let turn: Int
    private var callIndex = 0
    private var resultIndex = 0
    /// Thoughts come in pieces, as they were streamed; the state stands on the last one.
    private var thoughts: [JSONText] = []

    init(turn: Int) {
        self.turn = turn
    }

    mutating func read(_ part: JSONValue, _ calls: inout GeminiCallBook) throws(RequestProblem) {
        if let text = JSONText(part) {
            finish()
            parts.append(.text(text))
            return
        }
        guard part.isObject else { throw .wrongType(member: "contents.parts", expected: "an array of part objects") }
        let state = ProviderState(geminiPart: part)
        if part.present("thought")?.bool ?? false {
            if let text = JSONText(part["text"]), !text.isEmpty { thoughts.append(text) }
            if let state { endThought(state) }
            return
        }
        finish()
        if let call = part.present("functionCall", "function_call") {
            return try readCall(call, state, &calls)
        }
        // The state of a part stands in front of it.
        if let state { parts.append(ConversationPart(.sealedThinking(state))) }
        if let text = part.present("text") {
            guard let text = JSONText(text) else { throw .wrongType(member: "contents.parts.text", expected: "a string") }
            if !text.isEmpty { parts.append(.text(text)) }
        } else if let result = part.present("functionResponse", "function_response") {
            try readResult(result, &calls)
        } else if let media = try Self.media(part) {
            parts.append(ConversationPart(media))
        } else if let text = Self.hostedText(part) {
            parts.append(.text(.owned(text)))
        }
    }

    /// Ends the thought that is open, if one is.
    mutating func finish() {
        if !thoughts.isEmpty { endThought(nil) }
    }

    private mutating func endThought(_ state: ProviderState?) {
        let text: JSONText? = thoughts.count > 1 ? .owned(thoughts.map(\.string).joined()) : thoughts.first
        thoughts.removeAll()
        if let text {
            parts.append(ConversationPart(.thinking(text, state: state)))
        } else if let state {
            parts.append(ConversationPart(.sealedThinking(state)))
        }
    }

    // MARK: Calls and results

    private mutating func readCall(_ value: JSONValue, _ state: ProviderState?, _ calls: inout GeminiCallBook) throws(RequestProblem) {
        guard value.isObject else { throw .wrongType(member: "contents.parts.functionCall", expected: "an object") }
        guard let name = JSONText(value.present("name")), !name.isEmpty else { throw .missing(member: "contents.parts.functionCall.name") }
        let arguments = value.present("args")
        guard arguments.map(\.isObject) ?? true else { throw .wrongType(member: "contents.parts.functionCall.args", expected: "an object") }
        let id = calls.add(id: Self.id(of: value), name: name, turn: turn, index: callIndex)
        callIndex += 1
        var call = ToolCall(id: id, name: name, arguments: arguments.map { .object($0) } ?? .text(JSONText("")))
        if let state {
            // Only Gemini's own belongs to the call; any other state is of the thinking before it.
            if state.origin == .gemini { call.state = state } else { parts.append(ConversationPart(.sealedThinking(state))) }
        }
        parts.append(ConversationPart(.toolCall(call)))
    }

    private mutating func readResult(_ value: JSONValue, _ calls: inout GeminiCallBook) throws(RequestProblem) {
        guard value.isObject else { throw .wrongType(member: "contents.parts.functionResponse", expected: "an object") }
        let name = JSONText(value.present("name"))
        let id = calls.answer(id: Self.id(of: value), name: name, turn: turn, index: resultIndex)
        resultIndex += 1
        var result = ToolResult(callID: id, name: name, parts: [])
        if let response = value.present("response") { Self.read(response, into: &result) }
        if let media = value.present("parts"), media.isFilledContainer {
            if let object = result.object {
                result.parts.append(.text(.plain(object.rawBytes)))
                result.object = nil
            }
            for part in media.elements {
                if let content = try Self.media(part) { result.parts.append(ConversationPart(content)) }
            }
        }
        parts.append(ConversationPart(.toolResult(result)))
    }

    /// By Google's convention `output` holds the result and `error` what went wrong; any other object is the result itself.
    private static func read(_ response: JSONValue, into result: inout ToolResult) {
        if let text = JSONText(response) {
            result.parts = [.text(text)]
            return
        }
        result.object = response
        var members = response.members
        guard let only = members.next(), members.next() == nil, let name = only.name.stringBytes else { return }
        let isError = name.equals("error")
        guard isError || name.equals("output") else { return }
        result.isError = isError
        if let text = JSONText(only.value) {
            result.object = nil
            result.parts = [.text(text)]
        } else if isError, only.value.isObject {
            result.object = only.value
        }
    }

    private static func id(of value: JSONValue) -> JSONText? {
        guard let id = JSONText(value.present("id")), !id.isEmpty else { return nil }
        return id
    }

    // MARK: Media

    /// Bytes in the part, or the address of a file.
    private static func media(_ part: JSONValue) throws(RequestProblem) -> ConversationPart.Content? {
        if let inline = part.present("inlineData", "inline_data") {
            guard let data = JSONText(inline.present("data")) else { throw .missing(member: "contents.parts.inlineData.data") }
            guard let type = JSONText(inline.present("mimeType", "mime_type")) else { throw .missing(member: "contents.parts.inlineData.mimeType") }
            return content(type: type, data: data, name: JSONText(inline.present("displayName", "display_name")))
        }
        if let file = part.present("fileData", "file_data") {
            guard let address = JSONText(file.present("fileUri", "file_uri")) else { throw .missing(member: "contents.parts.fileData.fileUri") }
            let source: MediaSource = GeminiFile.isKeptByGoogle(address) ? .fileID(address) : .url(address)
            let isImage = JSONText(file.present("mimeType", "mime_type"))?.string.lowercased().hasPrefix("image/") ?? false
            return isImage ? .image(source) : .file(source, name: JSONText(file.present("displayName", "display_name")))
        }
        return nil
    }

    private static func content(type: JSONText, data: JSONText, name: JSONText?) -> ConversationPart.Content {
        let words = type.string.lowercased().split(separator: ";", maxSplits: 1)
        let mediaType = words.first.map(String.init) ?? ""
        let data = Base64.standard(data)
        if mediaType.hasPrefix("image/") { return .image(.base64(mediaType: .owned(mediaType), data: data)) }
        if mediaType.hasPrefix("audio/") { return .audio(data: data, format: .owned(audioFormat(mediaType))) }
        if mediaType.hasPrefix("text/"), let text = text(of: data) { return .file(.text(.owned(text)), name: name) }
        return .file(.base64(mediaType: .owned(mediaType), data: data), name: name)
    }

    private static func text(of data: JSONText) -> String? {
        var encoded = data.string
        guard let bytes = encoded.withUTF8({ Base64.decoded(UnsafeRawBufferPointer($0)) }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func audioFormat(_ mediaType: String) -> String {
        switch mediaType {
        case "audio/mpeg", "audio/mp3": "mp3"
        case "audio/wav", "audio/x-wav", "audio/wave": "wav"
        default: String(mediaType.dropFirst("audio/".count))
        }
    }

    // MARK: Steps of Google's own tools

    /// What Google's code execution did, in words that any model reads.
    private static func hostedText(_ part: JSONValue) -> String? {
        if let code = part.present("executableCode", "executable_code"), let text = code["code"]?.string {
            return "```\((code["language"]?.string ?? "").lowercased())\n\(text)\n```"
        }
        if let result = part.present("codeExecutionResult", "code_execution_result") {
            return "```\n\(result["output"]?.string ?? "")\n```"
        }
        return nil
    }
}
