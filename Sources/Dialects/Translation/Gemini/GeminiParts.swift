import Streaming

// Pieces of a Gemini body that requests and answers share.

extension JSONWriter {
    mutating func beginGeminiContent(isModel: Bool) {
        beginObject()
        member("role", isModel ? "model" : "user" as StaticString)
        name("parts")
        beginArray()
    }

    mutating func endGeminiContent() {
        endArray()
        endObject()
    }

    /// A part that is a text.
    mutating func geminiText(_ text: JSONText, signature: JSONText? = nil) {
        beginObject()
        member("text", text)
        if let signature { member("thoughtSignature", signature) }
        endObject()
    }

    /// A text or a medium. Gemini takes bytes; of addresses only those that Google reads itself.
    mutating func geminiPart(_ part: ConversationPart) throws(RequestProblem) {
        switch part.content {
        case .text(let text), .refusal(let text), .image(.text(let text)), .file(.text(let text), _):
            geminiText(text)
        case .image(.base64(let type, let data)), .file(.base64(let type, let data), _):
            inlineData(type, data)
        case .audio(let data, let format):
            inlineData(.owned("audio/" + format.string.lowercased()), data)
        case .image(.url(let address)), .image(.fileID(let address)):
            guard GeminiFile.isReadByGemini(address) else {
                throw .notTranslatable(member: "image_url", reason: "Gemini takes the bytes of an image as a data URL, not its address")
            }
            fileData(address)
        case .file(.url(let address), _), .file(.fileID(let address), _):
            guard GeminiFile.isReadByGemini(address) else {
                throw .notTranslatable(member: "file", reason: "Gemini takes the bytes of a file, not its address or an id of another provider's")
            }
            fileData(address)
        case .thinking, .sealedThinking, .toolCall, .toolResult:
            break
        }
    }

    private mutating func inlineData(_ type: JSONText, _ data: JSONText) {
        beginObject()
        name("inlineData")
        beginObject()
        member("mimeType", type)
        member("data", data)
        endObject()
        endObject()
    }

    private mutating func fileData(_ address: JSONText) {
        beginObject()
        name("fileData")
        beginObject()
        member("fileUri", address)
        endObject()
        endObject()
    }
}
